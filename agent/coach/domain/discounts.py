"""A discount that the rep names, against the rep's own authority."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from coach.domain.places import Fill
from coach.domain.playbook import ApprovalStep, DiscountLimit, DiscountPolicy
from coach.domain.words import normalise_text, percents

_REACH_WORDS = 8
"""A percentage this near to the words of an offer belongs to it."""
NO_STEP = ApprovalStep(100, "your manager", "Ask before you promise it.")
"""Whom to ask where the policy does not say."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A discount above authority, in the rep's words."""

    fill: Fill
    """For the places of the advice."""
    first: int
    last: int
    """Index of the last word of offer and amount, inclusive."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether somebody may give a discount, as the policy has it."""

    is_allowed: bool
    limit: float | None
    """What may be given without asking, in percent; None: the policy sets no limit."""
    step: ApprovalStep | None = None
    """Who may say yes instead. None: nobody has to, or nobody can."""
    highest: float | None = None
    """The most that anybody may approve, in percent."""
    exceptions: tuple[DiscountLimit, ...] = ()
    """Cases that were not said, and in which it is the other way; the widest first."""


def ruling(
    policy: DiscountPolicy,
    percent: float,
    role: str = "rep",
    product: str | None = None,
    term: str | None = None,
) -> Ruling:
    """Return whether a role may give a discount. Without a limit nothing may be given.

    Args:
        policy: limits and approval steps.
        percent: the discount.
        role: who would give it.
        product: what it is on; None: not said.
        term: the contract's term; None: not said.
    """
    limit = _limit(policy, role, product, term)
    is_allowed = limit is not None and percent <= limit
    highest = max((step.up_to_percent for step in policy.approvals), default=None)
    can_ask = not is_allowed and highest is not None and percent <= highest
    return Ruling(
        is_allowed,
        limit,
        approval_for(policy, percent) if can_ask else None,
        highest,
        _exceptions(policy, percent, role, (product, term), is_allowed=is_allowed),
    )


def authority_percent(policy: DiscountPolicy, role: str = "rep") -> float | None:
    """Return what a role may give without asking, whatever the product; None: no limit set."""
    limits = [
        limit.percent
        for limit in policy.limits
        if _same(limit.role, role) and limit.product is None and limit.term is None
    ]
    return min(limits, default=None)


def named_authority_percent(policy: DiscountPolicy, text: str, role: str = "rep") -> float | None:
    """Return what a role may give without asking in the cases that a text names by their words.

    Of several cases the lowest limit counts; None: no limit is set.
    """
    words = f" {normalise_text(text).text} "
    own = [limit for limit in policy.limits if _same(limit.role, role)]
    products = [limit.product for limit in own if _is_named(limit.product, words)] or [None]
    terms = [limit.term for limit in own if _is_named(limit.term, words)] or [None]
    limits = [_limit(policy, role, *case) for case in itertools.product(products, terms)]
    return min((limit for limit in limits if limit is not None), default=None)


def most_percent(policy: DiscountPolicy, role: str = "rep") -> float | None:
    """Return what a role may give in the best case; None: no limit holds for it at all."""
    return max((each.percent for each in policy.limits if _same(each.role, role)), default=None)


def approval_for(policy: DiscountPolicy, percent: float) -> ApprovalStep | None:
    """Return the lowest step that may approve this discount; the highest one when none may."""
    steps = sorted(policy.approvals, key=lambda step: step.up_to_percent)
    enough = [step for step in steps if step.up_to_percent >= percent]
    return enough[0] if enough else (steps[-1] if steps else None)


def over_authority(
    words: Sequence[str], first: int, last: int, policy: DiscountPolicy
) -> Offer | None:
    """Return an offer above authority, or None when it is within.

    Args:
        words: the rep's words.
        first: index of the first word that makes them an offer ("i can give you").
        last: index of the last one.
        policy: limits and approval steps.
    """
    limit = authority_percent(policy)
    if limit is None:  # of single products or terms only: above all of them it is too much anyway
        limit = most_percent(policy)
    near = [
        amount
        for amount in percents(words)
        if amount.first <= last + _REACH_WORDS and amount.last >= first - _REACH_WORDS
    ]
    if limit is None or not near:
        return None
    highest = max(near, key=lambda amount: amount.value)
    if highest.value <= limit:
        return None
    step = approval_for(policy, highest.value) or NO_STEP
    fill = offer_fill(highest.value, limit, step)
    return Offer(fill, min(first, highest.first), max(last, highest.last))


def offer_fill(percent: float, limit: float, step: ApprovalStep) -> Fill:
    """Return what the places of an advice about an offer above authority are filled with."""
    return (
        ("percent", f"{percent:g}"),
        ("limit", f"{limit:g}"),
        ("approver", step.approver),
        ("how", step.how),
    )


def _limit(
    policy: DiscountPolicy, role: str, product: str | None, term: str | None
) -> float | None:
    """Return the limit that says most about this case; of several the lowest."""
    fitting = [
        limit
        for limit in policy.limits
        if _same(limit.role, role)
        and (limit.product is None or _same(limit.product, product))
        and (limit.term is None or _same(limit.term, term))
    ]
    closest = max((_detail(limit) for limit in fitting), default=0)
    return min((limit.percent for limit in fitting if _detail(limit) == closest), default=None)


def _is_named(case: str | None, words: str) -> bool:
    return case is not None and f" {normalise_text(case).text} " in words


def _exceptions(
    policy: DiscountPolicy,
    percent: float,
    role: str,
    said: tuple[str | None, str | None],
    *,
    is_allowed: bool,
) -> tuple[DiscountLimit, ...]:
    """Return the cases that were not ruled out and that change the answer, the widest first."""
    told: list[DiscountLimit] = []
    for product, term in _narrower_cases(policy, role, said):
        limit = _limit(policy, role, product, term)
        if limit is None:
            continue
        case = DiscountLimit(limit, role, product, term)
        wider = [percent <= other.percent for other in told if _covers(other, case)]
        if (percent <= limit) != (wider[-1] if wider else is_allowed):
            told.append(case)
    return tuple(told)


def _narrower_cases(
    policy: DiscountPolicy, role: str, said: tuple[str | None, str | None]
) -> list[tuple[str | None, str | None]]:
    """Return each (product, term) that could have been said besides, the widest first."""
    rules = [rule for rule in policy.limits if _same(rule.role, role)]
    products = [rule.product for rule in rules] if said[0] is None else []
    terms = [rule.term for rule in rules] if said[1] is None else []
    cases = dict.fromkeys(itertools.product([said[0], *products], [said[1], *terms]))
    del cases[said]
    return sorted(cases, key=lambda case: sum(part is not None for part in case))


def _covers(wider: DiscountLimit, case: DiscountLimit) -> bool:
    return wider.product in (None, case.product) and wider.term in (None, case.term)


def _detail(limit: DiscountLimit) -> int:
    return (limit.product is not None) + (limit.term is not None)


def _same(name: str, other: str | None) -> bool:
    return other is not None and name.casefold().split() == other.casefold().split()
