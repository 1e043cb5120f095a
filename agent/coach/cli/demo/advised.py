"""What the advisor of a demo was asked and answered, and when its hints took another's place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coach.cli.demo.spread import Spread, spread_of
from coach.domain.records import Reason

_TAKEN = frozenset({Reason.BUDGET, Reason.GAP, Reason.DUPLICATE, Reason.LOWER_PRIORITY})
"""Why a hint is held back when another came before it."""


@dataclass(frozen=True, slots=True)
class Advice:
    """The answers of a model during one call."""

    answered_count: int
    silent_count: int
    """Answers that there is nothing to say."""
    failed_count: int
    first_token: Spread | None
    total: Spread | None
    stages_ms: tuple[int, ...] = ()
    """When it named a stage, on the call's clock: the time that a slide stands counts anew."""


def advice_in(trace: list[dict[str, Any]]) -> Advice | None:
    """Return what the trace says of the advisor; None when none was asked."""
    # An answer may leave two lines: one when its headline is complete, one at its end.
    lines = [each for each in trace if each["type"] == "advisor"]
    ends = [each for each in lines if each["answer"] is None or each["answer"]["final"]]
    if not lines:
        return None
    answered = [each for each in ends if each["answer"] is not None]
    return Advice(
        answered_count=len(answered),
        silent_count=sum(each["answer"]["moment"] == "nothing" for each in answered),
        failed_count=len(ends) - len(answered),
        first_token=_spread(answered, "first_token_ms"),
        total=_spread(answered, "total_ms"),
        stages_ms=tuple(each["at_ms"] for each in answered if each["answer"]["stage"]),
    )


def gave_way(reasons: Sequence[str]) -> bool:
    """Return whether one of these reasons to hold a hint back is another hint."""
    return any(reason in _TAKEN for reason in reasons)


def _spread(answered: list[dict[str, Any]], name: str) -> Spread | None:
    times = [float(each[name]) for each in answered if each.get(name)]
    return spread_of(times) if times else None
