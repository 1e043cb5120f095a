"""What becomes of a moment: delivered, suppressed, noted. Budget and delivery in one hand."""

from coach.domain.budget import UNTIL_UNMUTED, Budget, subject_of
from coach.domain.coaching import Finding, Refused, StageChanged, Withdrawn
from coach.domain.delivery import Delivery, Parcel
from coach.domain.events import Ack
from coach.domain.nudges import Candidate, nudge_for
from coach.domain.outputs import Decision, Outcome, Output, Reason
from coach.domain.playbook import NagBudget, Tier


class Deciding:
    """Weighs every finding against the nag budget and hands on what may interrupt."""

    def __init__(self, limits: NagBudget, call_id: str) -> None:
        self._call_id = call_id
        self._budget = Budget(limits)
        self._delivery = Delivery(self._budget)
        self._asked_for: dict[tuple[str, str], str] = {}  # (moment, identity) → newest nudge's id

    @property
    def muted_until_ms(self) -> int | None:
        """Until when the rep wants silence; `UNTIL_UNMUTED` for no end."""
        return self._budget.muted_until_ms

    def decide(self, findings: list[Finding], at_ms: int) -> list[Output]:
        """Return what becomes of each finding."""
        return [output for finding in findings for output in self._decide_one(finding, at_ms)]

    def ack(self, ack: Ack, at_ms: int) -> list[Output]:
        """Take the panel's answer to one attempt."""
        return self._delivery.ack(ack, at_ms)

    def mute(self, at_ms: int, seconds: float | None) -> list[Output]:
        """Show nothing for some seconds, or until unmuted; what waits is dropped."""
        self._budget.mute(at_ms, seconds)
        return self._delivery.clear(at_ms, Reason.MUTED)

    def unmute(self) -> None:
        """Show nudges again."""
        self._budget.unmute()

    def clear(self, at_ms: int, reason: Reason) -> list[Output]:
        """Drop what waits, for a reason that holds for all of it."""
        return self._delivery.clear(at_ms, reason)

    def due_ms(self) -> int | None:
        """When time alone changes something."""
        until_ms = self._budget.muted_until_ms
        dues = (self._delivery.due_ms(), None if until_ms == UNTIL_UNMUTED else until_ms)
        return min((due for due in dues if due is not None), default=None)

    def tick(self, at_ms: int) -> list[Output]:
        """Drop what has outlived its use; end a mute that is over."""
        if not self._budget.is_muted(at_ms):
            self._budget.unmute()
        return self._delivery.tick(at_ms)

    def afresh(self, limits: NagBudget) -> "Deciding":
        """Return one that knows of no decision, but keeps the rep's mute."""
        other = Deciding(limits, self._call_id)
        other._budget.muted_until_ms = self._budget.muted_until_ms
        return other

    def _decide_one(self, finding: Finding, at_ms: int) -> list[Output]:
        match finding:
            case Candidate():
                return self._weigh(finding, at_ms)
            case Withdrawn(moment, identity):
                nudge_id = self._asked_for.pop((moment, identity), None)
                return [] if nudge_id is None else self._delivery.withdraw(nudge_id, at_ms)
            case Refused(moment, reason, evidence, rule, path):
                suppressed = Outcome.SUPPRESSED
                return [Decision(suppressed, path, moment, at_ms, reason, None, evidence, rule)]
            case StageChanged():
                return []

    def _weigh(self, candidate: Candidate, at_ms: int) -> list[Output]:
        moment = candidate.moment
        if moment.tier is Tier.NOTED:
            return [_line(candidate, Outcome.NOTED, None, at_ms)]
        subject = subject_of(moment, candidate.card)
        reason = self._budget.refuse(moment, subject, at_ms)
        identity = candidate.evidence.identity if candidate.evidence else ""
        self._asked_for.pop((moment.id, identity), None)  # its segment is closed: it stands
        if reason is not None:
            return [_line(candidate, Outcome.SUPPRESSED, reason, at_ms)]
        nudge = nudge_for(candidate, self._call_id, at_ms)
        self._budget.charge(nudge, subject)
        self._asked_for[(moment.id, identity)] = nudge.id
        return self._delivery.offer(Parcel(nudge, candidate.path, candidate.rule, at_ms), at_ms)


def _line(candidate: Candidate, outcome: Outcome, reason: Reason | None, at_ms: int) -> Decision:
    return Decision(
        outcome=outcome,
        path=candidate.path,
        moment=candidate.moment.id,
        heard_at_ms=at_ms,
        reason=reason,
        evidence=candidate.evidence,
        rule=candidate.rule,
    )
