"""The nag budget: who may interrupt the rep when, and why not. Times only, no I/O."""

from dataclasses import dataclass

from coach.domain.candidates import Candidate
from coach.domain.nudge import Nudge, Path
from coach.domain.playbook import Kind, Moment, NagBudget
from coach.domain.records import Reason

DUPLICATE_MS = 10_000
"""The same moment again within this time is the same moment (product L9)."""

ADVISED = frozenset({Path.ADVISOR, Path.TOOL})
"""Paths of the second engine. What both engines see within `DUPLICATE_MS` is one moment."""

UNTIL_UNMUTED = -1
"""A mute without an end."""


@dataclass(frozen=True, slots=True)
class _Spent:
    """One interruption that was made or is about to be."""

    nudge: Nudge
    subject: str


def subject_of(moment: Moment, card: str | None) -> str:
    """Return what a cooldown counts: a moment, and which card when cards answer it."""
    return moment.id if card is None else f"{moment.id}/{card}"


class Budget:
    """What has been spent of the rep's attention in this call.

    An interruption is charged when it is accepted and given back when it was not shown.
    """

    def __init__(self, limits: NagBudget) -> None:
        self._limits = limits
        self._spent: dict[str, _Spent] = {}  # by nudge id, in order of time
        self.muted_until_ms: int | None = None

    def mute(self, at_ms: int, seconds: float | None) -> None:
        """Show nothing for some seconds, or until `unmute`."""
        self.muted_until_ms = UNTIL_UNMUTED if seconds is None else at_ms + round(seconds * 1000)

    def unmute(self) -> None:
        """Show nudges again."""
        self.muted_until_ms = None

    def is_muted(self, at_ms: int) -> bool:
        """Whether the rep wants silence now."""
        until_ms = self.muted_until_ms
        return until_ms is not None and (until_ms == UNTIL_UNMUTED or at_ms < until_ms)

    def refuse(self, candidate: Candidate, at_ms: int) -> Reason | None:
        """Return why this moment may not interrupt now, or None when it may."""
        if self.is_muted(at_ms):
            return Reason.MUTED
        if self.seen_by_other_engine(candidate, at_ms) is not None:
            return Reason.DUPLICATE
        return self._repeated(candidate, at_ms) or self._exhausted(candidate.moment, at_ms)

    def seen_by_other_engine(self, candidate: Candidate, at_ms: int) -> Nudge | None:
        """Return the nudge that the other engine made of the same moment just now, if it did."""
        for spent in reversed(self._spent.values()):
            nudge = spent.nudge
            is_other = (nudge.path in ADVISED) is not (candidate.path in ADVISED)
            is_same = nudge.moment == candidate.moment.id or _is_of_same_turn(nudge, candidate)
            if is_same and is_other and at_ms - nudge.created_ms < DUPLICATE_MS:
                return nudge
        return None

    def charge(self, nudge: Nudge, subject: str) -> None:
        """Count an interruption."""
        self._spent[nudge.id] = _Spent(nudge, subject)

    def has(self, nudge_id: str) -> bool:
        """Whether a nudge of this id was charged."""
        return nudge_id in self._spent

    def refund(self, nudge_id: str) -> None:
        """Take back an interruption that the rep did not see."""
        self._spent.pop(nudge_id, None)

    def _repeated(self, candidate: Candidate, at_ms: int) -> Reason | None:
        moment, subject = candidate.moment, subject_of(candidate.moment, candidate.card)
        is_advised = candidate.path in ADVISED  # it does not say which card it is about
        times = [
            spent.nudge.created_ms
            for spent in self._spent.values()
            if spent.subject == subject or (is_advised and spent.nudge.moment == moment.id)
        ]
        if not times:
            return None
        age_ms = at_ms - times[-1]
        if age_ms < DUPLICATE_MS:
            return Reason.DUPLICATE
        if moment.is_once_per_call:
            return Reason.ONCE_PER_CALL
        return Reason.COOLDOWN if age_ms < moment.cooldown_ms else None

    def _exhausted(self, moment: Moment, at_ms: int) -> Reason | None:
        limits = self._limits
        if len(self._spent) >= limits.per_call:
            return Reason.BUDGET
        if moment.priority >= limits.urgent_priority or not self._spent:
            return None
        since_ms = at_ms - limits.window_ms
        recent = [s.nudge for s in self._spent.values() if s.nudge.created_ms > since_ms]
        prominent_ms = sum(_prominent_ms(nudge) for nudge in recent) + _prominent_ms(moment)
        if len(recent) >= limits.per_window:
            return Reason.BUDGET
        if prominent_ms > limits.window_ms * limits.screen_share_ratio and recent:
            return Reason.BUDGET
        last = next(reversed(self._spent.values())).nudge
        is_close = at_ms - last.created_ms < limits.gap_ms
        return Reason.GAP if is_close and moment.priority <= last.priority else None


def _prominent_ms(shown: Nudge | Moment) -> int:
    """So long it stands large. A question that waits for a yes stands beside the hints."""
    return 0 if shown.kind is Kind.APPROVAL else shown.relevant_ms


def _is_of_same_turn(nudge: Nudge, candidate: Candidate) -> bool:
    """Whether a question brought up this card, and the advisor speaks of the same question."""
    own, other = nudge.evidence, candidate.evidence
    if nudge.path is not Path.PASSAGE or own is None or other is None:
        return False
    return (own.identity, own.start_ms) == (other.identity, other.start_ms)
