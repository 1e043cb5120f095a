"""Reads a text piece by piece: its words, its signs, and its numbers by value.

A number is one piece whether it stands in digits or in words: "1,200", "twelve hundred", "3rd".
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from coach.domain.words import fold

_CACHED_WORDS = 32_768
_PIECE = re.compile(
    r"(?P<word>[^\W\d_]+(?:['\u2019][^\W\d_]+)*)"
    r"|(?P<date>\d{4}-\d\d-\d\d|\d{1,2}(?P<sep>[./])\d{1,2}(?P=sep)\d{2,4})(?!\d)"
    r"|(?P<fraction>\d{1,2}[/\u2044]\d{1,2})(?![\d/])"
    r"|(?P<number>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(?P<suffix>(?:st|nd|rd|th|k|m|bn|b)(?![^\W\d_]))?"
    r"|(?P<sign>[^\s\w])"
    r"|(?P<line>\n)"
)
_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES: dict[str, float] = {word: float(n) for n, word in enumerate(_ONES)} | {
    word: 10.0 * n for n, word in enumerate(_TENS, start=2)
}
SCALES = {"hundred": 1e2, "thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6}
SCALES |= {"billion": 1e9, "bn": 1e9, "b": 1e9}
_SUFFIXES = frozenset({"k", "m", "bn", "b"})
_ORDINALS = frozenset({"st", "nd", "rd", "th"})
SPOKEN_ORDINALS = {
    word: n
    for n, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
            "twentieth",
        ],
        start=1,
    )
} | {"thirtieth": 30}
_MOST_NUMBERS_WORDS = 8


class Piece(NamedTuple):
    """A word, sign or number of a text."""

    text: str
    """Folded; of a number: as written."""
    value: float | None = None
    is_ordinal: bool = False
    is_capital: bool = False


_END = Piece("\n")


def read(text: str) -> list[Piece]:
    """Return the pieces of a text, numbers in words or digits as one piece each."""
    raw = [_piece(match[0]) for match in _PIECE.finditer(text)]
    pieces: list[Piece] = []
    at = 0
    while at < len(raw):
        piece = raw[at]
        if piece.text in _STARTS_NUMBER or (piece.value is not None and not piece.is_ordinal):
            number, at = _number(raw, at)
            pieces.append(number)
        else:
            pieces.append(piece)
            at += 1
    return pieces


def _word(written: str) -> Piece:
    text = written.lower() if written.isascii() else fold(written)
    text = text.replace("\u2019", "'").replace("\u2044", "/")  # a folded "½"
    ordinal = SPOKEN_ORDINALS.get(text)
    value = None if ordinal is None else float(ordinal)
    return Piece(text, value, ordinal is not None, written[0].isupper())


@lru_cache(maxsize=_CACHED_WORDS)
def _piece(written: str) -> Piece:
    match = _PIECE.match(written)
    if match is None:
        return Piece(written)
    if match["word"]:
        return _word(written)
    if match["number"]:
        value, suffix = float(match["number"].replace(",", "")), match["suffix"] or ""
        scale = SCALES.get(suffix, 1.0) if suffix in _SUFFIXES else 1.0
        return Piece(written, value * scale, suffix in _ORDINALS)
    return Piece(written.replace("\u2044", "/"))


_STARTS_NUMBER = frozenset(_VALUES) | {"hundred", "thousand", "million"}


def _number(raw: Sequence[Piece], at: int) -> tuple[Piece, int]:
    """Read one number from its first piece; return it and the place behind it."""
    first, total, current, last = raw[at], 0.0, 0.0, 1e12
    start = at
    while at < min(len(raw), start + 2 * _MOST_NUMBERS_WORDS):
        piece = raw[at]
        word = piece.text
        value = _VALUES.get(word, piece.value)
        joins = _joins(last, value)
        if word in SCALES and (at > start or word in _STARTS_NUMBER):
            current = (current or 1.0) * SCALES[word]
            if word != "hundred":
                total, current = total + current, 0.0
            last = SCALES[word]
        elif value is not None and joins and (at == start or not word[0].isdigit()):
            current, last = current + value, 0.0 if word[0].isdigit() else value
        elif not (word in {"and", "-"} and _goes_on(raw, at, last)):
            break
        at += 1
        if piece.is_ordinal:
            return Piece(first.text, total + current, is_ordinal=True), at
    if at + 1 < len(raw) and raw[at].text == "point" and raw[at + 1].text in _VALUES:
        decimal = _VALUES[raw[at + 1].text]
        return Piece(first.text, total + current + decimal / 10), at + 2
    return Piece(first.text, total + current), at


def _joins(last: float, value: float | None) -> bool:
    """Return whether a word of this value belongs to the number: "thirty five", not "five six"."""
    if value is None:
        return False
    return last >= 100 or (20 <= last <= 90 and 0 < value < 10)


def _goes_on(raw: Sequence[Piece], at: int, last: float) -> bool:
    """Return whether "and" or a hyphen stands inside a number."""
    following = raw[at + 1] if at + 1 < len(raw) else _END
    value = _VALUES.get(following.text, following.value if following.is_ordinal else None)
    if raw[at].text == "and":
        return 100 <= last < 1e12 and value is not None
    return last < 100 and _joins(last, value)


def numbers(pieces: Sequence[Piece]) -> Iterator[tuple[int, float]]:
    """Yield the places and values of all numbers but ordinals."""
    for at, piece in enumerate(pieces):
        if piece.value is not None and not piece.is_ordinal:
            yield at, piece.value


def around(pieces: Sequence[Piece], at: int) -> Piece:
    """Return the piece at a place, or the end of a line when there is none."""
    return pieces[at] if 0 <= at < len(pieces) else _END
