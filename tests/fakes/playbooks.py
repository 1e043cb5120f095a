"""Small playbooks, each made for what its test looks at."""

from collections.abc import Iterable
from typing import Any

from coach.domain.playbook import (
    Advice,
    Battlecard,
    DiscountPolicy,
    Kind,
    Moment,
    NagBudget,
    Playbook,
    Shape,
    Stage,
    When,
    WordRules,
)

NO_LIMITS = NagBudget(
    gap_ms=0, per_window=1_000, window_ms=600_000, per_call=1_000, screen_share_ratio=1_000.0
)
"""A budget that never says no."""


def moment(
    id: str,
    *phrases: str,
    near_misses: tuple[str, ...] = (),
    advice: Advice | None = None,
    **more: Any,
) -> Moment:
    """Return a moment of the prospect's words, unless told otherwise."""
    fields: dict[str, Any] = {"kind": Kind.OBJECTION, "when": When.WORDS} | more
    fields.setdefault("words", WordRules(phrases=phrases, near_misses=near_misses))
    return Moment(id=id, advice=advice or Advice(f"Headline of {id}", f"Detail of {id}."), **fields)


def shape(id: str, when: When, **more: Any) -> Moment:
    """Return a moment of the call's shape."""
    limits = {name: more.pop(name) for name in ("after_ms", "window_ms", "ratio") if name in more}
    return moment(id, when=when, kind=Kind.PACE, shape=Shape(**limits), **more)


def playbook(
    *moments: Moment,
    stages: tuple[Stage, ...] = (),
    cards: Iterable[Battlecard] = (),
    budget: NagBudget = NO_LIMITS,
    discounts: DiscountPolicy | None = None,
) -> Playbook:
    """Return a playbook of these moments."""
    return Playbook(
        name="test",
        version="1",
        language="en",
        disclosure="An assistant listens.",
        moments={moment.id: moment for moment in moments},
        stages=stages,
        battlecards={card.id: card for card in cards},
        budget=budget,
        discounts=discounts or DiscountPolicy(),
    )
