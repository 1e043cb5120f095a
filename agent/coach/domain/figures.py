"""Which figures a text holds, by value: amounts of money, percentages.

"$1,200", "1200 USD" and "twelve hundred dollars" are one amount. Whoever compares what is shown
with what was said compares values, never spellings.
"""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from coach.domain.numerals import SCALES, SPOKEN_ORDINALS, Piece, around, numbers
from coach.domain.spans import PERIODS


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CURRENCIES = {
    "$": "dollar", "dollar": "dollar", "dollars": "dollar", "usd": "dollar", "cad": "dollar",
    "aud": "dollar", "€": "euro", "euro": "euro", "euros": "euro", "eur": "euro",
    "£": "pound", "pound": "pound", "pounds": "pound", "gbp": "pound", "quid": "pound",
    "¥": "yen", "yen": "yen", "jpy": "yen", "chf": "franc", "francs": "franc",
    "₹": "rupee", "rupees": "rupee", "bucks": "", "grand": "", "cents": "cent", "cent": "cent",
    "₽": "rouble", "rub": "rouble", "roubles": "rouble", "rubles": "rouble", "cny": "yuan",
    "yuan": "yuan", "sek": "krona", "kronor": "krona", "nok": "krone", "dkk": "krone",
    "kroner": "krone", "pln": "zloty", "zloty": "zloty", "pesos": "peso", "nzd": "dollar",
}  # fmt: skip
_HEADS = _words(
    "head heads seat seats user users person people truck trucks van vans vehicle vehicles "
    "license licence licenses tech techs technician technicians crew employee worker member "
    "agent depot site visit job each apiece"
)
_PRICE_WORDS = _words(
    "price prices priced pricing cost costs pay pays paid paying charge charges charged quote "
    "quoted fee fees rate plan plans budget spend spends bill bills amount total "
    "value deal worth lose loses save saves license licence subscription invoice discount"
)
_DEALING = _words(
    "offer offers offered offering give gives gave giving grant go goes going come comes drop "
    "drops lower lowers reduce reduces cut cuts match matches accept accepts take takes settle "
    "agree agrees sell sells sign close anchor propose say make do ask asks asked"
)
"""A bare number behind these is a price, too: "go down to 900", "match 14"."""
_SMALL = 10
"""Numbers up to this one, in words, are more often things behind such a verb: "offer two"."""
_DISCOUNT_WORDS = _words("price prices rate fee fees cost costs bill invoice discount list quote")
_FILLERS = _words(
    "a an the of is are was at to for from about around maybe only just them us you it as low "
    "down flat by would be between from : = approximately roughly some up well like that's thats "
    "our their final straight clean round even all way"
)
# What may follow a bare amount: after anything else ("12 visits") it counts things.
FUNCTION_WORDS = _words(
    "a an the per each for with if at or and to on as is are was would then we they you it this "
    "that now today in from but so when because instead total monthly yearly annually all-in "
    "flat please off by until before after works could can should i than tops not down up right "
    "max maximum only plus net exactly anyway including excluding"
)

_RANGES = _words("to or and & - \u2013 \u2014")


class Money(NamedTuple):
    """An amount; an empty currency is one that was not named."""

    value: float
    currency: str


class Share(NamedTuple):
    """A percentage and the place of its number and its last piece."""

    value: float
    first: int
    last: int
    is_cut: bool
    """Whether its own words make it a discount: "25 off", "half the price"."""


def money(pieces: Sequence[Piece]) -> set[Money]:
    """Return the amounts that stand beside a currency, a price word or a unit that is paid for."""
    return {amount for at, _ in numbers(pieces) for amount in _money_at(pieces, at)}


def _money_at(pieces: Sequence[Piece], at: int) -> list[Money]:
    value = pieces[at].value or 0.0
    before, after = around(pieces, at - 1).text, around(pieces, at + 1).text
    currency = _currency(before)
    if currency is not None:
        scale = SCALES.get(after, 1.0) if _currency(after) is None else 1.0
        return [Money(value * scale, currency), *_upper_end(pieces, at, currency)]
    if _currency(after) is not None:
        lower = _lower_end(pieces, at)
        return [_amount(number, after) for number in (value, *lower)]
    if _is_share(pieces, at) or not (_is_per_head(pieces, at) or _is_priced(pieces, at)):
        return []
    return [Money(value, "")]


def _currency(text: str) -> str | None:
    """Return the name of a currency, or its sign where the name is not known; None: neither."""
    is_sign = len(text) == 1 and unicodedata.category(text) == "Sc"
    return _CURRENCIES.get(text, text if is_sign else None)


def _amount(value: float, word: str) -> Money:
    scale = {"grand": 1000.0, "cents": 0.01, "cent": 0.01}.get(word, 1.0)
    return Money(value * scale, "" if scale != 1.0 else _currency(word) or "")


def _lower_end(pieces: Sequence[Piece], at: int) -> list[float]:
    """Return the other number that a unit behind this one counts: "45 and 30 percent"."""
    low = around(pieces, at - 2).value
    return [low] if low is not None and around(pieces, at - 1).text in _RANGES else []


def _upper_end(pieces: Sequence[Piece], at: int, currency: str) -> list[Money]:
    high = around(pieces, at + 2).value
    is_range = high is not None and around(pieces, at + 1).text in _RANGES
    return [Money(high or 0.0, currency)] if is_range and not _counts(pieces, at + 2) else []


def _is_per_head(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether an amount is per seat, or per month behind a word of price."""
    after = around(pieces, at + 1).text
    if after in {"each", "apiece"}:
        return True
    if after in {"monthly", "yearly", "annually"}:
        return _has_price_word(pieces, at)
    if after not in {"per", "/", "a", "an"}:
        return False
    unit = around(pieces, at + 2).text
    if after == "per" and unit not in PERIODS:
        return True
    # "12 a month" may be visits, "3,600 a month" hardly is.
    is_large = after == "/" or "," in pieces[at].text
    return unit in _HEADS or (unit in PERIODS and (is_large or _has_price_word(pieces, at)))


def _clause_before(pieces: Sequence[Piece], at: int) -> Iterator[str]:
    for back in range(at - 1, max(-1, at - 9), -1):
        text = pieces[back].text
        if text in {".", ",", ";", "!", "?", "\n"}:
            return
        yield text


def _has_price_word(pieces: Sequence[Piece], at: int) -> bool:
    return not _PRICE_WORDS.isdisjoint(_clause_before(pieces, at))


def _is_priced(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether a bare number is a price: "they charge 19", "go to 28", "| 28 |"."""
    after = around(pieces, at + 1).text
    if after == "|" and around(pieces, at - 1).text == "|":
        return True
    if _counts(pieces, at) or _is_clock(pieces, at):
        return False
    is_small = pieces[at].text.isalpha() and (pieces[at].value or 0) <= _SMALL
    is_thing = is_small and after not in {"per", "a", "an"}
    for back, text in enumerate(_clause_before(pieces, at), start=1):
        if text in _PRICE_WORDS or (text in _DEALING and not is_thing):
            return True
        is_range = text in _RANGES or pieces[at - back].value is not None
        if text not in _FILLERS and not is_range:
            return False
    return False


def _counts(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether a number counts things: "12 visits", "two or three reasons", "30-minute"."""
    behind = around(pieces, at + 1).text
    if behind in _RANGES and around(pieces, at + 2).value is not None:
        return _counts(pieces, at + 2)
    is_word = behind[0].isalpha() and behind not in FUNCTION_WORDS
    is_part = around(pieces, at - 1).text == "-" and around(pieces, at - 2).value is None
    return is_word or is_part or behind in {"%", "-"}


def _is_clock(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether a number is an hour or the minutes behind it: "3:30"."""
    return any(
        around(pieces, colon).text == ":"
        and len(around(pieces, colon + 1).text) == 2
        and around(pieces, colon + 1).text.isdecimal()
        and around(pieces, colon - 1).value is not None
        for colon in (at + 1, at - 1)
    )


def shares(pieces: Sequence[Piece]) -> list[Share]:
    """Return the percentages, and discounts that name none: "25 off", "half the price"."""
    found = [share for at, value in numbers(pieces) for share in _shares_at(pieces, at, value)]
    for at, piece in enumerate(pieces):
        if piece.text in _PARTS or "/" in piece.text or piece.text.startswith("halv"):
            found += _fraction(pieces, at)
    return found


_PARTS = {"half": 2, "halves": 2, "quarter": 4, "quarters": 4, "fourth": 4, "fourths": 4}
_PARTS |= {
    f"{name}{end}": part
    for name, part in SPOKEN_ORDINALS.items()
    if 3 <= part <= 10
    for end in ("", "s")
}
_PRICE_HALVES = _words("half quarter")
_CUTTING = _words("cut cuts drop lower reduce slash")
_PERCENT = _words("% \uff05 \u066a percent pct percents percentage")
_CUT = _words("off discount discounts rebate rebates reduction")


def _shares_at(pieces: Sequence[Piece], at: int, value: float) -> list[Share]:
    if not _is_share(pieces, at):
        return []
    word = _percent_word(pieces, at)
    last = at + 1 if word is None else word
    is_cut = word is None or around(pieces, last + 1).text in _CUT
    shares = [Share(value, at, last, is_cut)]
    shares += [Share(low, at - 2, last, is_cut) for low in _lower_end(pieces, at)]
    return shares


def _is_share(pieces: Sequence[Piece], at: int) -> bool:
    if _percent_word(pieces, at) is not None:
        return True
    following = around(pieces, at + 1).text
    if following == "-":
        at, following = at + 1, around(pieces, at + 2).text
    if _currency(around(pieces, at - 1).text) is not None:
        return False
    if following in {"off", "discount", "points"}:
        return True
    leading = around(pieces, at - 1).text
    if leading == "by" and (following in FUNCTION_WORDS or not following[0].isalnum()):
        return not _DISCOUNT_WORDS.isdisjoint(_clause_before(pieces, at))
    return leading == "of" and around(pieces, at - 2).text == "discount"


def _percent_word(pieces: Sequence[Piece], at: int) -> int | None:
    """Return the last place of "percent" or "per cent" behind a number, if it stands there."""
    behind = at + 2 if around(pieces, at + 1).text == "-" else at + 1
    if around(pieces, behind).text in _PERCENT:
        return behind
    ends = [behind + n for n in (1, 2) if around(pieces, behind + n).text == "cent"]
    return ends[0] if ends and around(pieces, behind).text == "per" else None


def _fraction(pieces: Sequence[Piece], at: int) -> list[Share]:
    """Return a fraction of a price in percent: "1/2 off", "two fifths off", "halve the price"."""
    word, ahead = pieces[at].text, at + 1 + (around(pieces, at + 1).text == "-")
    near = [around(pieces, ahead + n).text for n in range(4)]
    if word.startswith("halv") and word != "halves":
        is_cut = not _DISCOUNT_WORDS.isdisjoint(near)
        return [Share(50.0, at, at + 1, is_cut=True)] if is_cut else []
    percent = _percent_word(pieces, at)
    if percent is not None:  # "1/2 percent"; "three and a half percent" is never found
        return [Share(_quotient(word), at, percent, near[1] in _CUT)]
    if not _is_cut(pieces, at, near):
        return []
    if "/" in word:
        return [Share(100 * _quotient(word), at, at + 1, is_cut=True)]
    skip = 2 if around(pieces, at - 1).text == "-" else 1
    count = around(pieces, at - skip)
    times = 1.0 if count.value is None or count.is_ordinal else count.value
    return [Share(100 * times / _PARTS[word], at, at + 1, is_cut=True)]


def _quotient(word: str) -> float:
    upper, _, lower = word.partition("/")
    is_fraction = upper.isdecimal() and lower.isdecimal() and int(lower) > 0
    return int(upper) / int(lower) if is_fraction else math.inf


def _is_cut(pieces: Sequence[Piece], at: int, near: Sequence[str]) -> bool:
    """Return whether a fraction is taken off: "a third off", "half the price", "by a quarter"."""
    if near[0] == "off" or (near[0] == "price" and pieces[at].text in _PRICE_HALVES):
        return True
    if near[0] in {"the", "of", "their", "its", "our"} and not _DISCOUNT_WORDS.isdisjoint(near[:3]):
        return True
    before = [around(pieces, at - n).text for n in (1, 2)]
    if before[0] != "in" and "by" not in before:
        return False
    clause = list(_clause_before(pieces, at))
    is_of_it = any(
        verb in _CUTTING and what in {"it", "that", "this"} for what, verb in pairwise(clause)
    )
    return is_of_it or not _DISCOUNT_WORDS.isdisjoint(clause)
