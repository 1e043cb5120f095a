"""What a rep may be shown: figures, dates and names that were found, however they are spelt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.domain.founding import unfounded

GROUNDS = (
    "Crew: 28 dollars a month. Dispatch: 40 dollars. Fleet: 55 dollars. For 30 people 1,200 dollars"
    " a month. Median: 12 wasted visits. Renewal: 2027-03-31. Hosting in Frankfurt. 99.9 percent."
    " Contacts: Marcus Boyd, Dana Reyes."
)
SPEECH = "1 prospect: «we are about two hundred, well 215 people, it may be a lot of money»"
LIMIT = 10.0  # percent that the rep may give alone
HEARD_TWENTY = "1 prospect: «could you give us twenty percent off»"


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("price", "Starter plan costs US$19 a month"),
        ("price", "Starter plan costs 19€ a month"),
        ("price", "Starter plan costs USD 19 a month"),
        ("price", "Starter plan costs ¥1900 a month"),
        ("price", "Crew is €28 a month"),  # the figure is theirs, the currency is not
        ("price", "The smallest plan is nineteen a month"),
        ("price", "Offer the starter plan at 19 per head"),
        ("price", "Offer the starter plan: 19/seat/month"),
        ("price", "You can go down to $12 per person"),  # 12 visits are no price
        ("price", "Quote them a flat $215 a month"),  # nor are 215 people
        ("price", "Charge them thirteen hundred dollars"),
        ("price", "Say it costs three grand"),
        ("price", "Say it costs $28-32 a month"),
        ("price", "Give three months free for a yearly contract"),
        ("percentage", "Offer 50 per-cent off the first year"),
        ("percentage", "Offer 40-50% off"),
        ("percentage", "Offer a fifty-percent discount"),
        ("percentage", "Offer 1/2 off the list price"),
        ("percentage", "Offer half off"),
        ("percentage", "Offer two thirds off"),
        ("percentage", "Knock 25 off the list price"),
        ("percentage", "Lower the price by 25"),
        ("percentage", "Halve the price for the first year"),
        ("percentage", "Cut the price in half"),
        ("name", "Salesforce charges more: mention their set-up fee"),
        ("name", "ServiceTitan locks them in: ask about it"),
        ("name", "Ask whether it is Salesforce they compare with"),
        ("name", "Ask what Route King told them"),
        ("name", "Bring in Marcus Reyes"),  # two people made one
        ("name", "HIPAA certified: say so"),
        ("date", "Promise go-live on 5 May"),
        ("date", "Promise go-live by 4/15"),
        ("date", "Promise go-live by 2027-04-15"),
        ("date", "Promise go-live by 15.04.2027"),
        ("date", "Promise go-live on the fifteenth of April"),
        ("date", "Promise go-live on the 15th"),
        ("date", "Promise go-live on Friday"),
        ("date", "Promise go-live tomorrow"),
        ("date", "Promise go-live in May"),
        ("date", "Promise go-live in Q3"),
        ("date", "Promise go-live in 2029"),
        ("date", "Promise go-live in three days"),
        ("date", "Promise go-live next week"),
    ],
)
def test_what_nobody_said_is_not_founded_however_it_is_spelt(kind: str, shown: str) -> None:
    assert kind in unfounded(shown, GROUNDS, SPEECH, LIMIT)


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("They have $35 a head: ask what's included", "they offered us thirty five dollars a head"),
        ("They pay $2,500 today", "we pay twenty five hundred dollars a month"),
        ("They pay $900: ask for what", "we pay nine hundred for it"),
        ("$3,000 a month lost: say it back", "we lose maybe three grand a month"),
        ("$3k a month lost: say it back", "we lose three thousand dollars a month"),
        ("They named March 3rd: confirm it", "could we start on march third"),
        ("They named May 15th: confirm it", "could we start on may fifteen"),
        ("They named 15 May: confirm it", "could we start on the fifteenth of may"),
        ("They named May: ask for a day", "could we start in may"),
        ("They want 2028: ask why", "maybe in twenty twenty eight, so 2028"),
        ("They pay 900 euros: ask for what", "we pay nine hundred euros for it"),
        ("Renewal is March 31: propose a date before", "hello there"),
        ("ServiceTitan in play: ask what they liked", "we saw service titan last week"),
        ("Ask What They Liked At ServiceTitan", "the team liked servicetitan"),
        ("Crew is 28 dollars; for 30 people it's $1,200 a month", "hello there"),
        ("Ask how 12 wasted visits came about", "hello there"),
        ("They may need 3 weeks: ask why", "hello there"),
        ("Try five percent for a year", "could you do 5% off"),
    ],
)
def test_what_was_said_is_founded_in_words_or_figures(shown: str, said: str) -> None:
    assert unfounded(shown, GROUNDS, f"1 prospect: «{said}»", LIMIT) == []


@pytest.mark.parametrize(
    "headline",
    [
        "They ask 20%: trade it for a term",
        "They want twenty percent off: ask why",
        "20% is above your limit: ask for approval",
        "They ask 20%: trade it for a term\nAsk them back.\nWhat could you give in return?",
    ],
)
def test_a_discount_that_they_asked_for_may_be_repeated_as_theirs(headline: str) -> None:
    assert unfounded(headline, GROUNDS, HEARD_TWENTY, LIMIT) == []


@pytest.mark.parametrize(
    "shown",
    [
        "You may give 20%",
        "Offer them 20%",
        "Knock 20 off",
        "They ask, give 20%",
        "They asked so you may give 20%",
        "They ask 20% and you can give 20%",
        "They said you may give 20%",
        "20% for a year",
        "Trade it for a term\nAsk for something back.\nThey want 20 percent off.",
    ],
)
def test_a_discount_that_they_asked_for_is_never_granted_nor_said(shown: str) -> None:
    assert "percentage" in unfounded(shown, GROUNDS, HEARD_TWENTY, LIMIT)


_ABSENT = st.integers(min_value=1, max_value=99_999).filter(
    lambda amount: amount not in {28, 40, 55, 1_200}
)
_SPELLINGS = st.sampled_from(
    (
        "${0}", "US${0}", "${0:,}", "{0} dollars", "{0:,} USD", "USD {0}", "{0}€", "{0} per head",
        "{0}/seat/month", "{0} a user", "{0} bucks", "{0} grand", "{0}k euros", "£{0}k",
    )
)  # fmt: skip
_FRAMES = st.sampled_from(
    ("Offer it at {}", "It is {} a month", "{}: say it", "Ask\nIt costs {}.\nWould {} do?")
)


@given(amount=_ABSENT, spelling=_SPELLINGS, frame=_FRAMES)
def test_no_price_that_neither_source_holds_is_ever_accepted(
    amount: int, spelling: str, frame: str
) -> None:
    price = spelling.format(amount)
    # Whole thousands may be an amount that the texts do hold.
    grounds = GROUNDS.replace("1,200", "1,201")

    assert "price" in unfounded(frame.format(price, price), grounds, SPEECH, LIMIT)


@given(
    shown=st.text(max_size=80), grounds=st.text(max_size=80), limit=st.none() | st.floats(0, 100)
)
def test_any_text_can_be_judged(shown: str, grounds: str, limit: float | None) -> None:
    kinds = unfounded(shown, grounds, "", limit)

    assert set(kinds) <= {"price", "percentage", "date", "name"}
