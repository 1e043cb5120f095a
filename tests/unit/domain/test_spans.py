"""Spans of time that are promised: found by value, in all their spellings."""

import pytest

from coach.domain.founding import unfounded
from coach.domain.numerals import read
from coach.domain.spans import Span, spans


@pytest.mark.parametrize(
    ("text", "value", "period"),
    [
        ("three weeks", 3, "week"),
        ("3 wks", 3, "week"),
        ("10d", 10, "day"),
        ("nine working days", 9, "day"),
        ("a 30-day pilot", 30, "day"),
        ("2 yrs", 2, "year"),
        ("a fortnight", 2, "week"),
        ("two fortnights", 4, "week"),
        ("two quarters", 6, "month"),
        ("within a week", 1, "week"),
        ("a month free", 1, "month"),
    ],
)
def test_a_span_is_read_by_value(text: str, value: float, period: str) -> None:
    assert list(spans(read(text)).values()) == [Span(value, period)]


@pytest.mark.parametrize(
    "text", ["28 dollars a month", "three quarters of the day", "three quarters off", "a day"]
)
def test_what_is_no_span_is_none(text: str) -> None:
    assert spans(read(text)) == {}


PROMISES = (
    "Ready in a fortnight",
    "Live within two quarters",
    "Live in 3 wks",
    "Live in 10d",
    "Live within a week",
    "Live in about three weeks",
    "Live in two to three weeks",
    "Live in 2-3 weeks",
    "Live in under six months",
)


@pytest.mark.parametrize("shown", PROMISES)
def test_a_promise_that_nobody_made_is_not_founded(shown: str) -> None:
    assert unfounded(shown, "", "28 dollars a month, for 3 crews and 10 vans", 10.0) == ["date"]


@pytest.mark.parametrize("shown", PROMISES)
def test_a_promise_that_was_made_may_be_shown_in_other_words(shown: str) -> None:
    said = "a fortnight, six months, three weeks, ten days, maybe in a week"

    assert unfounded(shown, "", said, 10.0) == []


def test_a_month_that_is_given_away_must_be_the_tenants() -> None:
    assert unfounded("Give a month free", "28 dollars a month", "a month free", 10.0) == ["price"]
    assert unfounded("Give a month free", "One month is free.", "", 10.0) == []


@pytest.mark.parametrize(
    "shown",
    [
        "Ask how many visits go wrong in a week",
        "Ask in two minutes",
        "Wait three seconds after the price",
        "Ask how it goes in three quarters of the cases",
    ],
)
def test_coaching_that_promises_nothing_is_founded(shown: str) -> None:
    assert unfounded(shown, "", "", 10.0) == []
