"""A discount that the rep names, against the rep's own authority."""

from collections.abc import Sequence
from dataclasses import dataclass

from coach.domain.playbook import ApprovalStep, DiscountPolicy
from coach.domain.words import percents

_REACH_WORDS = 8
"""A percentage this near to the words of an offer belongs to it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A discount above authority, in the rep's words."""

    fill: tuple[tuple[str, str], ...]
    """Values for the advice's placeholders."""
    first: int
    last: int
    """Index of the last word of offer and amount, inclusive."""


def authority_percent(policy: DiscountPolicy, role: str = "rep") -> float | None:
    """Return what a role may give without asking, whatever the product; None: no limit set."""
    limits = [
        limit.percent
        for limit in policy.limits
        if limit.role == role and limit.product is None and limit.term is None
    ]
    return min(limits, default=None)


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
    step = approval_for(policy, highest.value)
    fill = (
        ("percent", f"{highest.value:g}"),
        ("limit", f"{limit:g}"),
        ("approver", step.approver if step else "your manager"),
        ("how", step.how if step else "Ask before you promise it."),
    )
    return Offer(fill, min(first, highest.first), max(last, highest.last))
