"""What becomes of a moment: delivered, suppressed, noted. Budget and delivery in one hand."""

from collections import deque
from dataclasses import replace

from coach.domain.budget import ADVISED, UNTIL_UNMUTED, Budget, subject_of
from coach.domain.candidates import Candidate, nudge_for
from coach.domain.delivery import Delivery, Parcel
from coach.domain.events import Ack
from coach.domain.findings import (
    Advised,
    Elaborated,
    Finding,
    QuestionKey,
    Refused,
    Retracted,
    StageChanged,
    TurnOver,
    UtteranceClosed,
    Withdrawn,
)
from coach.domain.nudge import Nudge, Path
from coach.domain.outputs import Output
from coach.domain.playbook import NagBudget, Tier
from coach.domain.records import Decision, Outcome, Reason

_REMEMBERED_HINTS = 5


class Deciding:
    """Weighs every finding against the nag budget and hands on what may interrupt."""

    def __init__(self, limits: NagBudget, call_id: str) -> None:
        self._call_id = call_id
        self._budget = Budget(limits)
        self._delivery = Delivery(self._budget)
        self._asked_for: dict[tuple[str, str], str] = {}  # (moment, identity) → newest nudge's id
        self._advised: tuple[QuestionKey, Nudge] | None = None  # whose detail may still follow
        self._elaborated: set[str] = set()  # ids that have got their detail: once each
        self._hints: deque[Nudge] = deque(maxlen=_REMEMBERED_HINTS)

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
        self._advised = None
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

    def hints(self) -> list[tuple[str, bool]]:
        """Return the headlines of the last nudges, and whether the rep saw each."""
        return [(nudge.headline, self._delivery.was_shown(nudge.id)) for nudge in self._hints]

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
            case StageChanged() | UtteranceClosed() | TurnOver():
                return []
            case Advised(question, candidate, is_whole):
                return self._headline(question, replace(candidate, is_final=is_whole), at_ms)
            case Elaborated(question, candidate):
                return self._detail(question, candidate, at_ms)
            case Retracted():
                return self._retract(finding, at_ms)

    def _headline(self, question: QuestionKey, candidate: Candidate, at_ms: int) -> list[Output]:
        """The advisor's headline. What the trigger engine has shown already gets a detail only."""
        seen = self._budget.seen_by_other_engine(candidate, at_ms)
        before = self._hints[-1] if self._hints else None
        outputs = self._weigh(candidate, at_ms)
        newest = self._hints[-1] if self._hints else None
        if seen is None and not candidate.is_final and newest is not before:
            seen = newest
        is_wanted = seen is not None and not self._budget.is_muted(at_ms)
        self._advised = (question, seen) if is_wanted and seen is not None else None
        return outputs

    def _detail(self, question: QuestionKey, candidate: Candidate, at_ms: int) -> list[Output]:
        """The advisor's whole answer: a later `rev` of the nudge that its headline made."""
        advised, self._advised = self._advised, None
        if advised is None or advised[0] != question or advised[1].id in self._elaborated:
            return []
        nudge, advice = advised[1], candidate.advice
        self._elaborated.add(nudge.id)
        is_own = nudge.path is candidate.path
        later = replace(
            nudge,
            rev=nudge.rev + 1,
            is_final=True,
            detail=advice.detail or nudge.detail,
            say=advice.say or nudge.say,
            evidence=candidate.evidence if is_own else nudge.evidence,
            created_ms=at_ms,
            expires_in_ms=candidate.moment.expires_ms,
        )
        parcel = Parcel(later, nudge.path, candidate.rule, at_ms, origin=candidate.origin)
        return self._delivery.revise(parcel, at_ms)

    def _retract(self, finding: Retracted, at_ms: int) -> list[Output]:
        """The answer's end shows that it is unfounded: what was not sent yet is not sent."""
        advised, self._advised = self._advised, None
        outputs: list[Output] = [
            Decision(
                Outcome.SUPPRESSED,
                Path.ADVISOR,
                finding.moment,
                at_ms,
                finding.reason,
                rule=finding.rule,
            )
        ]
        if advised is not None and advised[0] == finding.question and advised[1].path in ADVISED:
            outputs += self._delivery.withdraw(advised[1].id, at_ms)
        return outputs

    def _weigh(self, candidate: Candidate, at_ms: int) -> list[Output]:
        moment = candidate.moment
        if moment.tier is Tier.NOTED:
            return [_line(candidate, Outcome.NOTED, None, at_ms)]
        reason = self._budget.refuse(candidate, at_ms)
        identity = candidate.evidence.identity if candidate.evidence else ""
        self._asked_for.pop((moment.id, identity), None)  # its segment is closed: it stands
        if reason is not None:
            return [_line(candidate, Outcome.SUPPRESSED, reason, at_ms)]
        nudge = nudge_for(candidate, self._call_id, at_ms)
        if self._budget.has(nudge.id):  # a second one of the same words, after a short cooldown
            return [_line(candidate, Outcome.SUPPRESSED, Reason.DUPLICATE, at_ms)]
        self._budget.charge(nudge, subject_of(moment, candidate.card))
        self._asked_for[(moment.id, identity)] = nudge.id
        self._hints.append(nudge)
        parcel = Parcel(nudge, candidate.path, candidate.rule, at_ms, origin=candidate.origin)
        return self._delivery.offer(parcel, at_ms)


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
