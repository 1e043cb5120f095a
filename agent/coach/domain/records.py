"""What became of each moment, and how each nudge fared: the trace's lines that a call writes."""

from dataclasses import dataclass
from enum import StrEnum

from coach.domain.nudge import Evidence, Nudge, Origin, Path


class Outcome(StrEnum):
    """What became of a moment."""

    DELIVERED = "delivered"
    """Handed to the panel."""
    SUPPRESSED = "suppressed"
    NOTED = "noted"
    EXPIRED = "expired"
    FAILED = "failed"


class Reason(StrEnum):
    """Why a moment was not delivered: one stable word each."""

    COOLDOWN = "cooldown"
    ONCE_PER_CALL = "once_per_call"
    GAP = "gap"
    BUDGET = "budget"
    DUPLICATE = "duplicate"
    LOWER_PRIORITY = "lower_priority"
    MUTED = "muted"
    NO_CONSENT = "no_consent"
    REP_ABSENT = "rep_absent"
    STAGE = "stage"
    NEGATED = "negated"
    NEAR_MISS = "near_miss"
    WITHDRAWN = "withdrawn"
    UNREACHABLE = "unreachable"
    UNFOUNDED = "unfounded"
    """The advisor's evidence, or a figure, date or name of it, cannot be found."""
    BELOW_BAR = "below_bar"
    SUPERSEDED = "superseded"
    """The answer to a question that newer words have overtaken, or that came too late."""
    UNSEEN = "unseen"
    """A later `rev` of a nudge that the rep did not see."""
    STALE = "stale"
    """The call ended while it waited."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a moment, also when the answer was no."""

    outcome: Outcome
    path: Path
    moment: str | None
    heard_at_ms: int
    reason: Reason | None = None
    nudge: Nudge | None = None
    evidence: Evidence | None = None
    rule: str | None = None
    """How it was recognised: `phrase`, `pattern` or `fuzzy` and which, or the shape's name."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a nudge went from words to the rep's screen."""

    nudge_id: str
    rev: int
    reply: str | None
    sent_ms: int
    acknowledged_ms: int
    error: int | None = None
    spoken_ms: int | None = None
    """End of the last word that caused it."""
    heard_ms: int | None = None
    """When the recogniser's words reached the call."""
    decided_ms: int | None = None
    rule: str | None = None
    path: Path | None = None
    origin: Origin | None = None
