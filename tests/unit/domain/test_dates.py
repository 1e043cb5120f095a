"""Days and times of day, in all their spellings."""

import pytest

from coach.domain.founding import unfounded

SPEECH = "1 prospect: «we have 14 vans, the price is 14.11 and the meeting was at two»"
LIMIT = 10.0  # percent that the rep may give alone


@pytest.mark.parametrize(
    "shown",
    [
        "Ready by 14.11.",
        "Ready by 14.11",
        "Ready on 14.11. at the latest",
        "Live from 3.5. on",
        "Meet at 3 pm",
        "Meet at 3pm",
        "Meet at 3 p.m.",
        "Meet at 3:30",
        "Meet at 15:00",
        "Meet at three o'clock",
    ],
)
def test_a_day_or_a_time_that_nobody_named_is_not_founded(shown: str) -> None:
    assert unfounded(shown, "", SPEECH, LIMIT) == ["date"]


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("Ready by 14.11.", "until the fourteenth of November"),
        ("Ready by 14.11.", "it must run by 14.11."),
        ("They named November 14: confirm it", "it must run by 14.11."),
        ("Meet at 3 pm", "let us meet at three"),
        ("Meet at 15:00", "three o'clock would do"),
        ("Meet at 3:30", "at 3:30 pm, then"),
        ("Review is at four o'clock: ask before", "the daily review at 4 p.m."),
    ],
)
def test_a_day_or_a_time_that_was_said_may_be_shown(shown: str, said: str) -> None:
    assert unfounded(shown, "", said, LIMIT) == []


@pytest.mark.parametrize(
    "shown",
    [
        "Encrypted with TLS 1.3.",
        "Ask what happens at 11 in the morning",
        "Ask at noon",
        "Support is 24/7",
        "Split talk 30:70",
        "Three a day is too much",
    ],
)
def test_what_is_no_day_and_no_time_needs_no_grounds(shown: str) -> None:
    assert "date" not in unfounded(shown, "", SPEECH, LIMIT)


@pytest.mark.parametrize("shown", ["Reduce the dose by 2.5 percent", "It takes from 1.5 hours on"])
def test_a_decimal_is_no_day(shown: str) -> None:
    assert "date" not in unfounded(shown, "", SPEECH, LIMIT)
