"""Which dates a text holds, by value: days, months, years, quarters, weekdays, times of day."""

import re
from collections.abc import Sequence
from typing import TypeAlias

from coach.domain.figures import FUNCTION_WORDS
from coach.domain.numerals import Piece, around, numbers

Date: TypeAlias = tuple[str, int, int]
"""A kind ("day", "month", "year", ...) and its numbers."""

_MONTH_NAMES = (
    ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may",),
    ("june", "jun"), ("july", "jul"), ("august", "aug"), ("september", "sep", "sept"),
    ("october", "oct"), ("november", "nov"), ("december", "dec"),
)  # fmt: skip
_MONTHS = {name: n for n, names in enumerate(_MONTH_NAMES, start=1) for name in names}
_VERBS = frozenset({"may", "march", "mar"})
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT_WEEKDAYS = {"mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3}
_SHORT_WEEKDAYS |= {"fri": 4}
DATE_WORDS = frozenset({*_MONTHS, *_WEEKDAYS, *_SHORT_WEEKDAYS, "q1", "q2", "q3", "q4"})
_PLURAL_WEEKDAYS = {f"{day}{end}" for day in _WEEKDAYS for end in ("s", "'s")}
_STARTS = frozenset({*_WEEKDAYS, *_PLURAL_WEEKDAYS, *_SHORT_WEEKDAYS, "tomorrow", "tonight"}) | {
    "q",
    "quarter",
    "next",
    "coming",
    "following",
    "end",
}
_UNITS = {"week": 1, "month": 2, "quarter": 3, "year": 4}
_NEAR_DAYS = {"tomorrow": 1, "tonight": 0}
_BEFORE_DATE = frozenset(
    {"in", "by", "until", "till", "since", "before", "after", "for", "on", "from", "of", "next"}
    | {"last", "this", "early", "late", "mid", "end", "begin", "during", "through", "to", "and"}
)
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_PARTED = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{2,4}))?")
_BEFORE_DAY = frozenset({"by", "on", "until", "till", "since", "before", "after", "from"})
"""Behind these "14.11" is a day, without its year, too."""
_HALVES_OF_DAY = frozenset({"am", "pm", "a", "p", "o'clock"})
_AROUND_THE_CLOCK = "24/7"
_NO_DATE = frozenset({"off", "of", "the", "%", "percent", "per"})
"""Behind "1/2" they make it a fraction."""


def dates(pieces: Sequence[Piece]) -> list[frozenset[Date]]:
    """Return the dates of a text, each as all that it may mean: 4/5 is April or May."""
    found: list[frozenset[Date]] = []
    for at, piece in enumerate(pieces):
        text = piece.text
        if text in _MONTHS:
            found += _month(pieces, at)
        elif piece.value is not None and _is_hour(pieces, at):
            found += _time(pieces, at)
        elif text[0].isdigit():
            found += _digits(pieces, at)
        elif piece.is_ordinal and text not in {"first", "second", "third"}:
            found += _ordinal(pieces, at)
        elif text in _STARTS:
            found += _word(pieces, at)
    return found


def _one(kind: str, first: int, second: int = 0) -> list[frozenset[Date]]:
    return [frozenset({(kind, first, second)})]


def _month(pieces: Sequence[Piece], at: int) -> list[frozenset[Date]]:
    month, name = _MONTHS[pieces[at].text], pieces[at]
    day = _day_beside(pieces, at)
    if day is not None:
        return [*_one("day", month, day), *_one("month", month)]
    is_date = name.text not in _VERBS or around(pieces, at - 1).text in _BEFORE_DATE
    starts = around(pieces, at - 1).text in {"\n", ".", ":", "!", "?", "\u00ab"}
    return _one("month", month) if is_date or (name.is_capital and not starts) else []


def _day_beside(pieces: Sequence[Piece], at: int) -> int | None:
    """Return the day of the month beside its name: "May 3rd", "third of May", "on 5 May"."""
    is_verb = pieces[at].text in _VERBS
    skip = 1 if around(pieces, at + 1).text in {"the", "."} else 0
    for place, is_sure in (
        (at + 1 + skip, _ends(pieces, at + 2 + skip)),
        (at - 1, pieces[at].is_capital or around(pieces, at - 2).text in _BEFORE_DATE),
        (at - 2, True),
    ):
        day = around(pieces, place)
        if place == at - 2 and around(pieces, at - 1).text != "of":
            continue
        if _is_day(day) and (day.is_ordinal or is_sure or not is_verb):
            return int(day.value or 0)
    return None


def _ends(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether no counted thing follows: "may five people join" names no day."""
    text = around(pieces, at).text
    return text in FUNCTION_WORDS or not text[0].isalpha()


def _is_day(piece: Piece) -> bool:
    return piece.value is not None and piece.value in range(1, 32)


def _digits(pieces: Sequence[Piece], at: int) -> list[frozenset[Date]]:
    text, value = pieces[at].text, pieces[at].value
    iso, parted = _ISO.fullmatch(text), _PARTED.fullmatch(text)
    if iso:
        year, month, day = (int(part) for part in iso.groups())
        return [*_one("day", month, day), *_one("year", year)]
    if parted and value is not None:
        is_day = around(pieces, at - 1).text in _BEFORE_DAY and _ends(pieces, at + 1)
        return _parted(parted) if is_day and around(pieces, at + 1).text != "%" else []
    if parted:
        return _parted(parted) if around(pieces, at + 1).text not in _NO_DATE else []
    if pieces[at].is_ordinal:
        return _ordinal(pieces, at)
    return _one("year", int(text)) if re.fullmatch(r"(19|20)\d\d", text) else []


def _is_hour(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether a number is an hour: "3 pm", "three o'clock", "15:30"."""
    behind, last = around(pieces, at + 1).text, around(pieces, at + 2).text
    is_marked = behind in _HALVES_OF_DAY and (len(behind) > 1 or last == ".")
    is_minutes = behind == ":" and len(last) == 2 and last.isdecimal()
    is_number = not pieces[at].is_ordinal and (pieces[at].value or 0) in range(25)
    return is_number and (is_marked or is_minutes)


def _time(pieces: Sequence[Piece], at: int) -> list[frozenset[Date]]:
    """Return a time of day; the half of the day is left to the context, as in talk."""
    has_minutes = around(pieces, at + 1).text == ":"
    minutes = int(around(pieces, at + 2).text) if has_minutes else 0
    return _one("time", int(pieces[at].value or 0) % 12, minutes)


def hours(pieces: Sequence[Piece]) -> list[frozenset[Date]]:
    """Return each bare number that may be an hour, for what was said: "how about three"."""
    found: list[frozenset[Date]] = []
    for at, value in numbers(pieces):
        if value in range(1, 25) and _ends(pieces, at + 1):
            found += _one("time", int(value) % 12)
    return found


def _parted(match: re.Match[str]) -> list[frozenset[Date]]:
    first, second = int(match[1]), int(match[2])
    meant = {(first, second), (second, first)} if match[0] != _AROUND_THE_CLOCK else set()
    days = frozenset(("day", m, d) for m, d in meant if 1 <= m <= 12 and 1 <= d <= 31)
    year = int(match[3]) if match[3] else None
    years = [] if year is None else _one("year", year if year > 99 else 2000 + year)
    return [*([days] if days else []), *years]


def _ordinal(pieces: Sequence[Piece], at: int) -> list[frozenset[Date]]:
    """Return the day that an ordinal alone names: "the 15th"."""
    piece = pieces[at]
    beside = [around(pieces, at + n).text for n in (-1, 1, 2)]
    if (
        not _is_day(piece)
        or beside[0] in _MONTHS
        or beside[1] in _MONTHS
        or beside[1] in {"of", "off"}
    ):
        return []
    is_day = piece.text[0].isdigit() or _ends(pieces, at + 1)
    return _one("day of month", int(piece.value or 0)) if is_day else []


def _word(pieces: Sequence[Piece], at: int) -> list[frozenset[Date]]:
    text, following = pieces[at].text, around(pieces, at + 1).text
    day = text.removesuffix("'s").removesuffix("s")
    if day in _WEEKDAYS:
        return _one("weekday", _WEEKDAYS.index(day))
    if text in _SHORT_WEEKDAYS and pieces[at].is_capital:
        return _one("weekday", _SHORT_WEEKDAYS[text])
    if text in _NEAR_DAYS:
        return _one("near", _NEAR_DAYS[text])
    if text == "q" and around(pieces, at + 1).value in {1, 2, 3, 4}:
        return _one("quarter", int(around(pieces, at + 1).value or 0))
    if text == "quarter" and around(pieces, at - 1).is_ordinal:
        return _one("quarter", int(around(pieces, at - 1).value or 0))
    if text in {"next", "coming", "following"} and following in _UNITS:
        return _one("next", _UNITS[following])
    if text == "end" and following == "of":
        unit = around(pieces, at + 3 if around(pieces, at + 2).text not in _UNITS else at + 2).text
        return _one("end", _UNITS[unit]) if unit in _UNITS else []
    return []


def known(sources: Sequence[frozenset[Date]]) -> frozenset[Date]:
    """Return all that the dates of the sources license; a day licenses its day of the month."""
    named = frozenset().union(*sources)
    days = [date for date in named if date[0] == "day"]
    return named | {
        *(("day of month", day, 0) for _, _, day in days),
        *(("month", month, 0) for _, month, _ in days),
    }
