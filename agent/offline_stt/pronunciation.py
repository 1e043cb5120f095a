"""A guess at the pronunciation of an English name: two or three known words, or letter by letter.

Deliberately small; whoever needs a name to be right writes its pronunciation into the word list.
"""

import re
from collections.abc import Callable

Lookup = Callable[[str], str | None]

_SHORTEST_PART = 3
_SHORT_PARTS = frozenset(("on", "up", "in", "re", "un", "my", "go"))
_GRAPHEMES = {
    "tion": "SH AH N", "sion": "ZH AH N", "ough": "AO", "tch": "CH", "igh": "AY", "sch": "S K",
    "ch": "CH", "sh": "SH", "th": "TH", "ph": "F", "wh": "W", "ck": "K", "ng": "NG", "qu": "K W",
    "ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW", "ow": "OW", "oa": "OW", "oi": "OY", "oy": "OY",
    "ai": "EY", "ay": "EY", "au": "AO", "aw": "AO", "ei": "EY", "ey": "IY", "ie": "IY",
    "er": "ER", "ir": "ER", "ur": "ER", "ar": "AA R", "or": "AO R",
    "ce": "S EH", "ci": "S IH", "cy": "S IY", "ge": "JH EH", "gi": "JH IH",
    "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH", "i": "IH",
    "j": "JH", "k": "K", "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P", "q": "K", "r": "R",
    "s": "S", "t": "T", "u": "AH", "v": "V", "w": "W", "x": "K S", "y": "Y", "z": "Z",
}  # fmt: skip
_LAST_VOWEL = {"a": "AH", "e": "IY", "i": "IY", "o": "OW", "u": "UW", "y": "IY"}
_LONG_VOWEL = {"a": "EY", "e": "IY", "i": "AY", "o": "OW", "u": "UW", "y": "AY"}
_LONGEST_GRAPHEME = max(map(len, _GRAPHEMES))


def guess(word: str, lookup: Lookup) -> str:
    """Return phones for a word that the dictionary lacks.

    Args:
        lookup: Gives the phones of a known word, else None.
    """
    pieces = re.split(r"['-]", word)
    return " ".join(lookup(piece) or _split(piece, lookup) or _spell(piece) for piece in pieces)


def _split(word: str, lookup: Lookup, most_parts: int = 3) -> str | None:
    """Return the phones of the most even split into known words, fewest parts first."""
    cuts = sorted(range(2, len(word) - 1), key=lambda cut: abs(len(word) - 2 * cut))
    halves = [(word[:cut], word[cut:]) for cut in cuts]
    for head, tail in halves:
        first, second = _part(head, lookup), _part(tail, lookup)
        if first and second:
            return f"{first} {second}"
    if most_parts > 2:
        for head, tail in halves:
            first, rest = _part(head, lookup), _split(tail, lookup, most_parts - 1)
            if first and rest:
                return f"{first} {rest}"
    return None


def _part(text: str, lookup: Lookup) -> str | None:
    return lookup(text) if len(text) >= _SHORTEST_PART or text in _SHORT_PARTS else None


def _spell(word: str) -> str:
    word = re.sub(r"([^aeiou])\1", r"\1", word)
    phones: list[str] = []
    position = 0
    while position < len(word):
        length, sound = _next_sound(word, position)
        phones.append(sound)
        position += length
    return " ".join(phones)


def _next_sound(word: str, position: int) -> tuple[int, str]:
    letter, rest = word[position], word[position:]
    if re.fullmatch(r"[aeiouy][^aeiouywx]e", rest):  # a final e that makes the vowel long
        return 3, f"{_LONG_VOWEL[letter]} {_GRAPHEMES[rest[1]]}"
    if len(rest) == 1 and letter in _LAST_VOWEL:
        return 1, _LAST_VOWEL[letter]
    for length in range(_LONGEST_GRAPHEME, 0, -1):
        if rest[:length] in _GRAPHEMES:
            return min(length, len(rest)), _GRAPHEMES[rest[:length]]
    raise AssertionError("every letter has a sound")
