"""Reads a set of the evals: sentences and dialogues with the moments that are in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_MARK = re.compile(r"\{([a-z0-9_]+)(\?)?\}")
_SPEAKER = re.compile(r"(rep|prospect|team)(?: (\d+))?\s*:\s*(.*)", re.IGNORECASE)
_NOTHING = "nothing"


class SetError(Exception):
    """A file of a set can not be used; names file and line."""


class Tier(StrEnum):
    """How a moment is said."""

    PLAIN = "plain"
    PARAPHRASE = "paraphrase"
    NEAR = "near"
    """Looks like a moment and is none."""


class Kind(StrEnum):
    """What a dialogue is: also the name of its folder."""

    CALLS = "calls"
    PRICE_TALK = "price_talk"
    WHOLE_CALLS = "whole_calls"


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance and the moments in it."""

    speaker: str
    identity: str
    text: str
    expected: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()
    """Moments about which one may think either way."""


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence that is a moment, or a near miss."""

    tier: Tier
    lines: tuple[Line, ...]
    """What was said before, if it matters, then the sentence."""

    @property
    def line(self) -> Line:
        """Return the sentence itself."""
        return self.lines[-1]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A call."""

    kind: Kind
    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Authored:
    """A whole set."""

    items: tuple[Item, ...]
    dialogues: tuple[Dialogue, ...]


def read_set(folder: Path) -> Authored:
    """Return what is written in a set's folder.

    Raises:
        SetError: a line can not be understood.
    """
    moments = folder / "moments.txt"
    dialogues = [
        Dialogue(kind, path.stem, tuple(_dialogue(path)))
        for kind in Kind
        for path in sorted((folder / kind).glob("*.txt"))
    ]
    items = tuple(_items(moments)) if moments.exists() else ()
    return Authored(items, tuple(dialogues))


def _numbered(path: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        if text and not text.startswith("#"):
            yield number, text


def _items(path: Path) -> Iterator[Item]:
    before = ""
    for number, text in _numbered(path):
        if text.startswith(">"):
            before = text[1:].strip()
            continue
        fields = [field.strip() for field in text.split("|", 2)]
        if len(fields) != 3 or not fields[2] or fields[1] not in list(Tier):
            raise SetError(f"{path}:{number}: write `moment | plain, paraphrase or near | words`")
        moments = frozenset(part.strip() for part in fields[0].split(",")) - {_NOTHING}
        tier = Tier(fields[1])
        if bool(moments) == (tier is Tier.NEAR):
            raise SetError(f"{path}:{number}: `nothing` is `near`, a moment is not")
        said = _SPEAKER.fullmatch(fields[2])
        speaker, words = (said[1].lower(), said[3]) if said else ("prospect", fields[2])
        lines = [Line(speaker, _identity(speaker, ""), words, moments)]
        if before:
            other = "prospect" if speaker == "rep" else "rep"
            earlier = _SPEAKER.fullmatch(before)
            lines.insert(0, Line(other, _identity(other, ""), earlier[3] if earlier else before))
        before = ""
        yield Item(tier, tuple(lines))


def _dialogue(path: Path) -> Iterator[Line]:
    for number, text in _numbered(path):
        said = _SPEAKER.fullmatch(text)
        if said is None:
            raise SetError(f"{path}:{number}: begin with `rep:` or `prospect:`")
        marks = _MARK.findall(said[3])
        words = _MARK.sub("", said[3]).strip()
        if not words:
            continue
        speaker = said[1].lower()
        yield Line(
            speaker,
            _identity(speaker, said[2] or ""),
            words,
            frozenset(moment for moment, doubt in marks if not doubt),
            frozenset(moment for moment, doubt in marks if doubt),
        )


def _identity(speaker: str, number: str) -> str:
    return {"rep": "rep-1", "team": "team-1"}.get(speaker, f"buyer-{number or 1}")
