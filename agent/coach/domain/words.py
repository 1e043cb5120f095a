"""Words as they are compared: one spelling for what was said, whoever wrote it down.

Recognisers and authors write the same words differently ("can't", "cannot", "25%",
"twenty-five per cent"). Both pass through `normalise`, which remembers for each token the
spoken word it came from, so that a match leads back to the recogniser's words and times.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

_CACHED_WORDS = 32_768
_QUOTES = str.maketrans(
    {"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u00b4": "'", "`": "'", "&": " and "}
)
_CLAUSE_ENDS = frozenset(".,;:!?\u2026\u2014\u2013\u3002\u061f\uff0c")
_CLOSERS = "\"')]}\u201d\u2019\u00bb"

# One spelling a line's field; those without an apostrophe are as recognisers write them, and
# hesitations are no words at all.
_SPELLING_TABLE = """
can't=can not; cannot=can not; cant=can not; won't=will not; wont=will not; shan't=shall not
ain't=is not; dont=do not; doesnt=does not; didnt=did not; isnt=is not; wasnt=was not
arent=are not; couldnt=could not; wouldnt=would not; shouldnt=should not; havent=have not
hasnt=has not; thats=that is; whats=what is; theyre=they are; youre=you are; weve=we have
ive=i have; let's=let us; y'all=you all; 'em=them; 'cause=because; cuz=because
how'd=how did; why'd=why did; where'd=where did; gonna=going to; wanna=want to; gotta=got to
gimme=give me; lemme=let me; dunno=do not know; kinda=kind of; sorta=sort of
ok=okay; alright=all right; e-mail=email; pct=percent; percents=percent
um=; umm=; uh=; uhm=; erm=
"""
_SPELLINGS = {
    spoken.strip(): tuple(written.split())
    for spoken, _, written in (
        entry.partition("=") for entry in _SPELLING_TABLE.strip().replace("\n", ";").split(";")
    )
}
_SUFFIXES = (
    ("n't", "not"),
    ("'re", "are"),
    ("'ve", "have"),
    ("'ll", "will"),
    ("'d", "would"),
    ("'m", "am"),
)
_S_MEANS_IS = re.compile(
    "that|this|it|what|there|here|who|where|how|when|why|s?he|(every|some|no)(thing|one|body)"
)
_MONEY = re.compile(r"([$€£])\s?(\d[\d.,]*)\s?(k|m|bn|b)?(?![^\W_])")
_CURRENCIES = {"$": "dollars", "€": "euros", "£": "pounds"}
_SIGNS = _CURRENCIES | {"%": "percent"}
_SCALED = re.compile(r"(?<![^\W_])(\d+(?:\.\d+)?)(k|bn)(?![^\W_])")
_SCALES = {"k": "thousand", "m": "million", "b": "billion", "bn": "billion"}
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_CENT = ("cent",)
_TOKEN = re.compile(r"\d+\.\d+|[^\s.]+")


@dataclass(frozen=True, slots=True)
class Normalised:
    """Tokens to compare, each with the spoken word it came from."""

    tokens: tuple[str, ...]
    origins: tuple[int, ...]
    """Per token: index of its spoken word."""
    breaks: frozenset[int]
    """Tokens after which a clause ends, as far as there is punctuation."""

    @property
    def text(self) -> str:
        """The tokens, parted by single blanks."""
        return " ".join(self.tokens)


NOTHING = Normalised((), (), frozenset())
"""No words."""


def normalise(words: Sequence[str]) -> Normalised:
    """Return the tokens of spoken words. Hesitations ("um") leave none."""
    tokens: list[str] = []
    origins: list[int] = []
    breaks: set[int] = set()
    for index, word in enumerate(words):
        spelled, ends_clause = _spell(word)
        if spelled == _CENT and tokens and tokens[-1] == "per":
            tokens[-1], origins[-1] = "percent", index
        elif len(spelled) == 1:
            tokens.append(spelled[0])
            origins.append(index)
        else:
            tokens.extend(spelled)
            origins.extend([index] * len(spelled))
        if ends_clause and tokens:
            breaks.add(len(tokens) - 1)
    return Normalised(tuple(tokens), tuple(origins), frozenset(breaks))


def normalise_text(text: str) -> Normalised:
    """Return the tokens of a text, its words parted at white space."""
    return normalise(text.split())


def fold(text: str) -> str:
    """Return the text in one case and compatibility form, Latin and Greek accents removed.

    Other scripts keep their marks: there they are letters.
    """
    if text.isascii():
        return text.lower()
    folded: list[str] = []
    is_accentable = False
    for character in unicodedata.normalize("NFKD", text.casefold()):
        if unicodedata.category(character) == "Mn" and is_accentable:
            continue
        is_accentable = unicodedata.name(character, "").startswith(("LATIN", "GREEK"))
        folded.append(character)
    return unicodedata.normalize("NFC", "".join(folded))


@lru_cache(maxsize=_CACHED_WORDS)
def _spell(word: str) -> tuple[tuple[str, ...], bool]:
    if word.isalpha() and word.isascii():
        lower = word.lower()
        return _SPELLINGS.get(lower, (lower,)), False
    text = fold(word).translate(_QUOTES)
    bare = word.rstrip(_CLOSERS)
    ends_clause = bare[-1:] in _CLAUSE_ENDS
    plain = text.strip(".,;:!?")
    known = _SPELLINGS.get(plain)
    if known is not None:
        return known, ends_clause
    if plain in _SIGNS:  # "25 %"
        return (_SIGNS[plain],), ends_clause
    tokens: list[str] = []
    for chunk in _TOKEN.findall(_separate(_amounts(text))):
        tokens.extend(_expand(chunk))
    return tuple(tokens), ends_clause


def _amounts(text: str) -> str:
    """Write money, scales and percent signs as words."""
    if not any(character.isdigit() for character in text):
        return text
    text = _THOUSANDS.sub("", text)
    text = _MONEY.sub(_money, text)
    text = _SCALED.sub(lambda match: f"{match[1]} {_SCALES[match[2]]}", text)
    for sign, word in _SIGNS.items():  # "25%", "500€"
        text = text.replace(sign, f" {word} ")
    return text


def _money(match: re.Match[str]) -> str:
    scale = _SCALES.get(match[3] or "", "")
    return f"{match[2].rstrip('.,')} {scale} {_CURRENCIES[match[1]]} "


def _separate(text: str) -> str:
    """Put blanks for all that is not a letter, mark, digit, apostrophe or decimal point."""
    return "".join(
        character
        if character.isalnum() or character in "'." or unicodedata.category(character)[0] == "M"
        else " "
        for character in text
    )


def _expand(chunk: str) -> tuple[str, ...]:
    """Return the words of a contraction, or the word itself without apostrophes."""
    known = _SPELLINGS.get(chunk)
    if known is not None:
        return known
    if "'" not in chunk:
        return (chunk,)
    chunk = chunk.strip("'")
    known = _SPELLINGS.get(chunk)
    if known is not None:
        return known
    for suffix, word in _SUFFIXES:
        if chunk.endswith(suffix) and len(chunk) > len(suffix):
            return (chunk.removesuffix(suffix).replace("'", ""), word)
    if chunk.endswith("'s"):
        base = chunk.removesuffix("'s").replace("'", "")
        return (base, "is") if _S_MEANS_IS.fullmatch(base) else ((base,) if base else ())
    bare = chunk.replace("'", "")
    return (bare,) if bare else ()


# fmt: off
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)
# fmt: on
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {word: value for value, word in enumerate(_ONES)} | {
    word: 10 * tens for tens, word in enumerate(_TENS, start=2)
}
_FRACTIONS: dict[tuple[str, ...], float] = {
    ("and", "a", "half"): 0.5,
    ("and", "a", "quarter"): 0.25,
    ("and", "three", "quarters"): 0.75,
}
_SHARES: dict[tuple[str, ...], float] = {
    ("half", "off"): 50.0,
    ("half", "price"): 50.0,
    ("half", "the", "price"): 50.0,
    ("third", "off"): 100 / 3,
    ("quarter", "off"): 25.0,
}
_DIGITS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")
_LONGEST_AMOUNT = 6  # "a hundred and twenty five" does not occur as a discount


class Percent(NamedTuple):
    """An amount in percent and the spoken words that name it."""

    value: float
    first: int
    last: int
    """Index of the last spoken word, inclusive."""


def percents(words: Sequence[str]) -> list[Percent]:
    """Return the percent amounts in spoken words, in order: "25%", "twenty-five per cent".

    "Half off" counts as 50, "a quarter off" as 25. Of a range ("20 to 25 percent") both ends
    are returned.
    """
    spoken = normalise(words)
    tokens = spoken.tokens
    found: list[tuple[float, int, int]] = []
    for index, token in enumerate(tokens):
        if token == "percent":
            found.extend(_amounts_before(tokens, index))
        found.extend(
            (value, index, index + len(share) - 1)
            for share, value in _SHARES.items()
            if tokens[index : index + len(share)] == share
        )
    return [Percent(value, spoken.origins[a], spoken.origins[b]) for value, a, b in found]


def _amounts_before(tokens: Sequence[str], percent: int) -> list[tuple[float, int, int]]:
    upper = _amount_ending(tokens, percent)
    if upper is None:
        return []
    value, first = upper
    amounts = [(value, first, percent)]
    if first > 0 and tokens[first - 1] in {"to", "or"}:
        lower = _amount_ending(tokens, first - 1)
        if lower is not None:
            amounts.insert(0, (lower[0], lower[1], percent))
    return amounts


def _amount_ending(tokens: Sequence[str], end: int) -> tuple[float, int] | None:
    """Return the longest amount whose last token is before `end`, and where it begins."""
    for start in range(max(0, end - _LONGEST_AMOUNT), end):
        value = _amount(tuple(tokens[start:end]))
        if value is not None:
            return value, start
    return None


def _amount(tokens: tuple[str, ...]) -> float | None:
    if tokens in {("half", "a"), ("half",)}:
        return 0.5
    for fraction, value in _FRACTIONS.items():
        if len(tokens) > len(fraction) and tokens[-len(fraction) :] == fraction:
            whole = _whole(tokens[: -len(fraction)])
            return None if whole is None else whole + value
    if "point" in tokens:
        at = tokens.index("point")
        whole, decimals = _whole(tokens[:at]), [_VALUES.get(digit) for digit in tokens[at + 1 :]]
        digits = [str(digit) for digit in decimals if digit is not None and digit < 10]
        if whole is None or not digits or len(digits) != len(decimals):
            return None
        return float(f"{whole:.0f}.{''.join(digits)}")
    return _whole(tokens)


def _whole(tokens: tuple[str, ...]) -> float | None:
    match tokens:
        case (digits,) if _DIGITS.fullmatch(digits):
            return float(digits)
        case ("hundred",) | ("a" | "one", "hundred"):
            return 100.0
        case (word,) if word in _VALUES:
            return float(_VALUES[word])
        case (tens, unit) if tens in _TENS and 0 < _VALUES.get(unit, 0) < 10:
            return float(_VALUES[tens] + _VALUES[unit])
    return None
