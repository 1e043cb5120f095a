"""Who may give which discount: limits by role, product and term, and the way to a yes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.domain.discounts import (
    Ruling,
    authority_percent,
    named_authority_percent,
    over_authority,
    ruling,
)
from coach.domain.playbook import ApprovalStep, DiscountLimit, DiscountPolicy

MANAGER = ApprovalStep(20, "sales manager", "Message the deal desk.")
HEAD = ApprovalStep(30, "head of sales", "Bring it to the deal review.")
POLICY = DiscountPolicy(
    limits=(
        DiscountLimit(10),
        DiscountLimit(20, role="sales manager"),
        DiscountLimit(5, product="Fleet"),
        DiscountLimit(15, term="24 months"),
        DiscountLimit(8, product="Fleet", term="24 months"),
    ),
    approvals=(HEAD, MANAGER),
)
PERCENTS = st.integers(0, 30).map(float)
PRODUCTS = st.sampled_from([None, "Fleet", "Dispatch", "Crew"])
TERMS = st.sampled_from([None, "24 months", "12 months"])
PLAIN = DiscountPolicy(limits=(DiscountLimit(10),), approvals=(MANAGER, HEAD))


def test_within_the_limit_nobody_has_to_be_asked() -> None:
    assert ruling(PLAIN, 10) == Ruling(True, 10, None, 30)


@pytest.mark.parametrize(("percent", "step"), [(10.5, MANAGER), (20, MANAGER), (21, HEAD)])
def test_above_it_the_lowest_step_that_suffices_is_asked(
    percent: float, step: ApprovalStep
) -> None:
    assert ruling(PLAIN, percent) == Ruling(False, 10, step, 30)


def test_what_nobody_may_approve_has_no_step() -> None:
    assert ruling(PLAIN, 31) == Ruling(False, 10, None, 30)


def test_without_a_limit_for_the_role_nothing_may_be_given() -> None:
    assert ruling(PLAIN, 1, role="intern") == Ruling(False, None, MANAGER, 30)
    assert ruling(DiscountPolicy(), 1) == Ruling(False, None, None, None)


@pytest.mark.parametrize(
    ("role", "product", "term", "limit"),
    [
        ("rep", "Dispatch", None, 10),
        ("rep", "fleet", None, 5),
        ("rep", None, "24 Months", 15),
        ("rep", "Fleet", "24  months", 8),
        ("rep", "Fleet", "12 months", 5),
        ("Sales Manager", "Fleet", "24 months", 20),
    ],
)
def test_the_limit_that_says_most_about_the_case_counts(
    role: str, product: str | None, term: str | None, limit: float
) -> None:
    assert ruling(POLICY, 1, role, product, term).limit == limit


def test_of_two_limits_that_say_as_much_the_lower_counts() -> None:
    both = DiscountPolicy(limits=(DiscountLimit(5, product="A"), DiscountLimit(15, term="B")))

    assert ruling(both, 10, "rep", "A", "B").limit == 5


def test_cases_that_were_not_said_are_told_when_they_change_the_answer() -> None:
    fleet, long_fleet = DiscountLimit(5, product="Fleet"), POLICY.limits[-1]

    assert ruling(POLICY, 4).exceptions == ()
    assert ruling(POLICY, 7).exceptions == (fleet, long_fleet), "the second allows it after all"
    assert ruling(POLICY, 12).exceptions == (DiscountLimit(15, term="24 months"), long_fleet)
    assert ruling(POLICY, 7, product="Dispatch").exceptions == ()
    assert ruling(POLICY, 12, product="Dispatch").exceptions == (
        DiscountLimit(15, product="Dispatch", term="24 months"),
    )
    assert ruling(POLICY, 7, product="Fleet").exceptions == (long_fleet,)
    assert ruling(POLICY, 7, product="Fleet", term="24 months").exceptions == ()


@pytest.mark.parametrize(
    ("limits", "limit"),
    [
        ((DiscountLimit(10, role="Rep"),), "10"),
        ((DiscountLimit(10, role=" REP "), DiscountLimit(40, role="head of sales")), "10"),
        ((DiscountLimit(10, product="Fleet"), DiscountLimit(5, term="24 months")), "10"),
        ((DiscountLimit(8), DiscountLimit(15, term="24 months")), "8"),
    ],
)
def test_an_offer_is_above_the_rep_s_limit_however_the_policy_writes_it(
    limits: tuple[DiscountLimit, ...], limit: str
) -> None:
    """`role: Rep` let the tool forbid what no moment ever heard."""
    policy = DiscountPolicy(limits=limits)
    words = ["i", "can", "give", "you", "fifty", "percent", "off"]

    offer = over_authority(words, 0, 3, policy)

    assert offer is not None and dict(offer.fill)["limit"] == limit
    assert over_authority([*words[:4], "five", *words[5:]], 0, 3, policy) is None


def test_a_limit_of_one_product_is_no_authority_for_another() -> None:
    """What the advisor may repeat from the talk goes by this: above it only the tenant's word."""
    policy = DiscountPolicy(limits=(DiscountLimit(10, product="Fleet"),))

    assert authority_percent(policy) is None
    assert authority_percent(DiscountPolicy(limits=(DiscountLimit(10, role="Rep"),))) == 10


@given(
    limits=st.lists(st.builds(DiscountLimit, PERCENTS, st.just("rep"), PRODUCTS, TERMS)),
    percent=PERCENTS,
    product=PRODUCTS,
    term=TERMS,
)
def test_whoever_says_more_is_answered_as_it_was_told(
    limits: list[DiscountLimit], percent: float, product: str | None, term: str | None
) -> None:
    """The general answer with its exceptions says the same as asking about the very case."""
    policy = DiscountPolicy(limits=tuple(limits))
    general = ruling(policy, percent)
    fitting = [
        case
        for case in general.exceptions
        if case.product in (None, product) and case.term in (None, term)
    ]
    told = percent <= fitting[-1].percent if fitting else general.is_allowed

    assert told == ruling(policy, percent, "rep", product, term).is_allowed


@given(percent=st.floats(0, 100), lower=st.floats(0, 1))
def test_less_is_never_forbidden_where_more_is_allowed(percent: float, lower: float) -> None:
    if ruling(POLICY, percent).is_allowed:
        assert ruling(POLICY, percent * lower).is_allowed


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("Offer 10 percent", 10),
        ("Offer 15% for 24 months", 15),
        ("Offer 10% on Fleet", 5),
        ("Offer 8% on FLEET, for 24 months", 8),
        ("Offer 15% for 124 months", 10),
    ],
)
def test_the_cases_that_an_advice_names_have_their_own_limits(text: str, limit: float) -> None:
    policy = DiscountPolicy(
        limits=(
            DiscountLimit(10),
            DiscountLimit(40, role="sales manager", product="Offer"),
            DiscountLimit(5, product="Fleet"),
            DiscountLimit(15, term="24 months"),
            DiscountLimit(8, product="Fleet", term="24 months"),
        )
    )

    assert named_authority_percent(policy, text) == limit
    assert named_authority_percent(DiscountPolicy(), text) is None
