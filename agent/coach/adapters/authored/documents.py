"""Reads one YAML text into plain values, and remembers the line of each.

What is written here needs little of YAML, so little is accepted: no anchors, aliases or tags,
no deep nesting, no key given twice. Words mean themselves: `no`, `on`, `12:30` and dates stay text
(YAML 1.2), only `true`, `false`, `null` and numbers are more. The parser's events are read one
by one, because PyYAML's C composer overflows the stack on deep nesting.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

Path = tuple[str | int, ...]
"""Where a value stands: keys and indexes from the top."""

_DEEPEST_NESTING = 12
_INTEGER = re.compile(r"[-+]?[0-9]{1,15}")
_DECIMAL = re.compile(r"[-+]?(?:[0-9]{1,15}\.[0-9]{0,15}|\.[0-9]{1,15})(?:[eE][-+]?[0-9]{1,2})?")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_HINTS = {
    "mapping values are not allowed": "text with a colon must stand in quotes",
    "found character that cannot start any token": "indent with blanks, not tabs, and put "
    "text that begins with a sign in quotes",
    "could not find expected ':'": "a field is written as `name: value`",
    "found unexpected end of stream": "a quote or bracket is not closed",
    "did not find expected key": "indent all fields of one list entry alike",
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong with a text, in words for its author."""

    line: int
    path: Path
    text: str


@dataclass(slots=True)
class Document:
    """A text's values, where each begins, and what is wrong with it."""

    value: object = None
    lines: dict[Path, int] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """Return the line of a value, counted from 1, or of the nearest one around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _Unreadable(Exception):
    """Reading this text cannot go on."""

    def __init__(self, flaw: Flaw) -> None:
        self.flaw = flaw


def read_document(text: str, *, first_line: int = 1) -> Document:
    """Read one YAML document. Never raises: what is wrong stands in `flaws`.

    Args:
        first_line: number of the text's first line in its file.
    """
    document = Document()
    try:
        _Reader(text, document, first_line).read()
    except _Unreadable as error:
        document.flaws.append(error.flaw)
    except yaml.YAMLError as error:
        document.flaws.append(_syntax_flaw(error, first_line))
    return document


def split_front_matter(text: str) -> tuple[str, str] | None:
    """Return what stands between the first two `---` lines, and what follows; None without."""
    lines = text.splitlines(keepends=True)
    if not lines or lines[0].rstrip() != "---":
        return None
    for index in range(1, len(lines)):
        if lines[index].rstrip() == "---":
            return "".join(lines[1:index]), "".join(lines[index + 1 :]).strip()
    return None


def _syntax_flaw(error: yaml.YAMLError, first_line: int) -> Flaw:
    mark = getattr(error, "problem_mark", None)
    line = first_line + (mark.line if mark is not None else 0)
    problem = str(getattr(error, "problem", None) or "a character that YAML does not allow")
    hint = next((hint for start, hint in _HINTS.items() if problem.startswith(start)), "")
    return Flaw(line, (), f"is not valid YAML ({problem})" + (f": {hint}" if hint else ""))


class _Reader:
    """Turns the parser's events into values."""

    def __init__(self, text: str, document: Document, first_line: int) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._document = document
        self._first_line = first_line

    def read(self) -> None:
        event = self._next()
        while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            raise _Unreadable(Flaw(self._first_line, (), "is empty"))
        self._document.value = self._value(event, ())
        event = self._next()
        if isinstance(event, yaml.DocumentEndEvent):
            event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            raise _Unreadable(Flaw(self._line(event), (), "has a second document after `---`"))

    def _next(self) -> yaml.Event:
        return next(self._events)

    def _line(self, event: yaml.Event) -> int:
        return self._first_line + (event.start_mark.line if event.start_mark else 0)

    def _value(self, event: yaml.Event, path: Path) -> object:
        self._document.lines[path] = self._line(event)
        self._refuse_specials(event, path)
        if isinstance(event, yaml.ScalarEvent):
            return _plain(event.value) if event.implicit[0] else event.value
        if len(path) >= _DEEPEST_NESTING:
            raise _Unreadable(Flaw(self._line(event), path, "is nested too deeply"))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _refuse_specials(self, event: yaml.Event, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            text = "has an anchor or alias (& or *): write the value out, or put it in quotes"
        elif getattr(event, "tag", None):
            text = "has a tag (!): put the text in quotes"
        else:
            return
        raise _Unreadable(Flaw(self._line(event), path, text))

    def _sequence(self, path: Path) -> list[object]:
        values: list[object] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            values.append(self._value(event, (*path, len(values))))
        return values

    def _mapping(self, path: Path) -> dict[str, object]:
        values: dict[str, object] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            self._refuse_specials(event, path)
            if not isinstance(event, yaml.ScalarEvent):
                raise _Unreadable(Flaw(self._line(event), path, "has a field name that is no word"))
            key, line = event.value, self._line(event)
            if key in values:
                first = self._document.lines[(*path, key)]
                flaw = Flaw(line, (*path, key), f"is given twice, first in line {first}")
                self._document.flaws.append(flaw)
            value = self._value(self._next(), (*path, key))
            values.setdefault(key, value)
            self._document.lines[(*path, key)] = line
        return values


def _plain(text: str) -> object:
    """Return what an unquoted scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
