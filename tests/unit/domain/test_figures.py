"""Percentages and prices by value, in all the words for them."""

import pytest

from coach.domain.figures import shares
from coach.domain.founding import unfounded
from coach.domain.numerals import read

GROUNDS = "Approval: head of sales, up to 30 percent. Crew: 28 dollars a month for each person."
SPEECH = "1 prospect: «we have 12 vans, 2 depots and 215 people, and we start at seven»"
LIMIT = 10.0  # percent that the rep may give alone


@pytest.mark.parametrize(
    ("text", "percents"),
    [
        ("half-price for them", [50]),
        ("half price for them", [50]),
        ("a fifth off", [20]),
        ("one fifth off the price", [20]),
        ("two fifths off", [40]),
        ("two-thirds off", [200 / 3]),
        ("a tenth of the price", [10]),
        ("½ off", [50]),
        ("¼ of the price", [25]),
        ("lower the fee by a third", [100 / 3]),
        ("cut it by half", [50]),
        ("drop it by three quarters", [75]),
        ("between 45 and 30 percent", [30, 45]),
        ("10–45%", [45, 10]),
        ("30 or 45 percent", [45, 30]),
        ("５０％ off", [50]),
        ("1/2 percent", [0.5]),
    ],
)
def test_a_percentage_is_read_by_value(text: str, percents: list[float]) -> None:
    assert [share.value for share in shares(read(text))] == pytest.approx(percents)


@pytest.mark.parametrize(
    "text",
    [
        "the third price objection",
        "the fifth of May",
        "cut your pitch in half",
        "half of them are silent",
        "a quarter past ten",
        "the first quarter's fee",
    ],
)
def test_what_is_no_percentage_is_none(text: str) -> None:
    assert shares(read(text)) == []


@pytest.mark.parametrize(
    "shown",
    [
        "Half-price for them",
        "Cut a fifth of the price",
        "Offer two fifths off",
        "Offer between 45 and 30 percent",
        "Offer 30/45 percent",
        "Offer three and a half percent",
    ],
)
def test_a_discount_that_nobody_named_is_not_founded(shown: str) -> None:
    assert "percentage" in unfounded(shown, GROUNDS, SPEECH, LIMIT)


def test_a_discount_in_fractions_is_founded_by_its_value_and_is_no_date() -> None:
    assert unfounded("Try a tenth off", "Up to 10 percent for two years", "", LIMIT) == []


@pytest.mark.parametrize(
    "shown",
    [
        "Go down to 900",
        "Go all the way down to 900",
        "Drop to 900 a month",
        "Come down from 900 to 700",
        "Give them a final 900",
        "Agree to 900 right now",
        "Make it 900 and sign",
        "Say 900 and we are done",
        "They ask 900: ask what is in it",
        "Match 14 per location",
        "14 per location is fair",
        "Offer 14-19 per seat",
        "Offer between 14 and 19 per seat",
        "Go down to nine a month",
        "Price is ₽500",
        "Price is 500 ₽",
        "Price is 500 roubles",
        "It is $28 to 32 a month",
    ],
)
def test_a_price_that_nobody_named_is_not_founded(shown: str) -> None:
    assert unfounded(shown, GROUNDS, SPEECH, LIMIT) == ["price"]


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("Go down to 900", "would you go down to nine hundred"),
        ("Match 14 per location", "they charge us fourteen per location"),
        ("They ask 900: ask what is in it", "we were offered nine hundred"),
        ("Price is ₽500", "we pay five hundred roubles"),
        ("It is $28 to 32 a month", "so 28 to 32 dollars"),
    ],
)
def test_a_price_that_was_said_may_be_shown(shown: str, said: str) -> None:
    assert unfounded(shown, "", said, LIMIT) == []
