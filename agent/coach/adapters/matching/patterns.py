"""Searches authored regular expressions with an engine that cannot be made to hang."""

from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

import re2

from coach.domain.words import fold

_MEMORY_BYTES = 1_000_000  # per pattern: enough for any sensible one, small for 100 of them

Value = TypeVar("Value")


def pattern_flaw(pattern: str) -> str | None:
    """Return what is wrong with an authored pattern, or None."""
    try:
        compiled = re2.compile(_fold(pattern), options=_options())
    except re2.error:
        return (
            "is no regular expression that can be used (RE2 has no look-around and no "
            "back-references, and repetitions must stay small)"
        )
    return "matches empty text, so it would always fire" if compiled.search("") else None


class PatternIndex(Generic[Value]):
    """Patterns, each with what it stands for. Unchanging once built.

    A filter over the literal texts in the patterns says in about 2 µs which few can match at
    all; each of these is then searched by itself.

    Raises:
        re2.error: a pattern does not compile; `pattern_flaw` says so beforehand.
    """

    def __init__(self, patterns: Iterable[tuple[str, Value]]) -> None:
        self._values: list[Value] = []
        self._compiled: list[Any] = []
        self._filter = re2.Filter()
        for pattern, value in patterns:
            folded = _fold(pattern)
            self._compiled.append(re2.compile(folded, options=_options()))
            self._filter.Add(folded, _options())
            self._values.append(value)
        if self._values:
            self._filter.Compile()

    def find(self, text: str) -> Iterator[tuple[int, int, Value]]:
        """Yield first and last token and value of every match in normalised text."""
        if not self._values or not text:
            return
        # In ASCII bytes and letters stand at the same places, and bytes are searched faster.
        subject = text.encode() if text.isascii() else text
        for index in sorted(self._filter.Match(subject, True) or ()):
            for match in self._compiled[index].finditer(subject):
                start, end = match.span()
                matched = text[start:end]
                start += len(matched) - len(matched.lstrip())  # blanks around are no words of it
                end -= len(matched) - len(matched.rstrip())
                if start < end:
                    yield text.count(" ", 0, start), text.count(" ", 0, end), self._values[index]


def _fold(pattern: str) -> str:
    # Letter by letter, and never ASCII: `\W` must not become `\w`.
    if pattern.isascii():
        return pattern
    return "".join(letter if letter.isascii() else fold(letter) for letter in pattern)


def _options() -> Any:  # re2 ships no types
    options = re2.Options()
    options.max_mem = _MEMORY_BYTES
    options.log_errors = False  # it would print authored text
    options.case_sensitive = False
    return options
