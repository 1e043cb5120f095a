"""Which spans of time a text holds, by value: "three days", "nine working days", "a fortnight"."""

from collections.abc import Sequence
from typing import NamedTuple

from coach.domain.numerals import Piece, around, numbers


class Span(NamedTuple):
    """So many hours, days, weeks, months or years."""

    value: float
    period: str


_SPELLINGS = {
    "hour": ("hours", "hr", "hrs"),
    "day": ("days", "d"),
    "week": ("weeks", "wk", "wks"),
    "month": ("months", "mo", "mos", "mth", "mths"),
    "year": ("years", "yr", "yrs", "annum"),
}
_MULTIPLES = {"fortnight": Span(2, "week"), "quarter": Span(3, "month")}
_MULTIPLES |= {f"{name}s": span for name, span in list(_MULTIPLES.items())}
_UNITS = {
    name: Span(1, period) for period, names in _SPELLINGS.items() for name in (period, *names)
}
PERIODS = frozenset(_UNITS)
"""The words that name a period, singular or plural, whole or short."""
_UNITS |= _MULTIPLES
_PROMISED_IN = frozenset({"in", "within", "after", "inside"})
_BETWEEN = frozenset({"about", "around", "roughly", "only", "just", "under", "the", "next", "at"})
_BETWEEN |= {"less", "than", "most", "maybe"}
"""What may stand between "in" and the number."""
_RANGES = frozenset({"to", "or", "-", "\u2013"})


def spans(pieces: Sequence[Piece]) -> dict[int, Span]:
    """Return the spans of time by the place of their number, or of the article for it."""
    found = {}
    for at, value in numbers(pieces):
        ahead = [around(pieces, at + n).text for n in (1, 2, 3)]
        skipped = 1 if ahead[0] in {"-", "working", "business", "full"} else 0
        unit = _UNITS.get(ahead[skipped])
        # "Three quarters of the day" are no nine months.
        if unit is not None and (unit.value == 1 or ahead[skipped + 1] not in {"of", "off"}):
            found[at] = Span(value * unit.value, unit.period)
    return found | _with_article(pieces)


def _with_article(pieces: Sequence[Piece]) -> dict[int, Span]:
    """Return "a fortnight", "in a week", "a month free"; "28 dollars a month" is no span."""
    found = {}
    for at, piece in enumerate(pieces):
        before, name, behind = (around(pieces, at + n).text for n in (-1, 1, 2))
        is_span = before in _PROMISED_IN or name == "fortnight" or behind == "free"
        if piece.text in {"a", "an"} and name in _UNITS and is_span:
            found[at] = _UNITS[name]
    return found


def promised(pieces: Sequence[Piece]) -> set[Span]:
    """Return the spans in which something is to happen: "in three weeks", "in 2 to 3 weeks"."""
    return {span for at, span in spans(pieces).items() if _is_promised(pieces, at)}


def _is_promised(pieces: Sequence[Piece], at: int) -> bool:
    before = at - 1
    if pieces[at].value is None and around(pieces, at + 1).text != "fortnight":
        return around(pieces, before).text == "within"  # "in a week" may tell how often
    if around(pieces, before).text in _RANGES and around(pieces, at - 2).value is not None:
        before = at - 3
    while around(pieces, before).text in _BETWEEN:
        before -= 1
    return around(pieces, before).text in _PROMISED_IN
