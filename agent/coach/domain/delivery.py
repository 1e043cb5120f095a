"""How nudges reach the panel: one in flight, one waiting, none after its life.

A pure state machine. The shell sends what `SendNudge` says and reports each attempt as an
`Ack`; attempts that failed are repeated only while the nudge lives (contracts 3).
"""

from dataclasses import dataclass, replace

from coach.domain.budget import Budget
from coach.domain.events import Ack
from coach.domain.nudge import Nudge, Origin, Path
from coach.domain.outputs import Output, SendNudge
from coach.domain.records import Decision, Outcome, Reason, Receipt

_REMEMBERED_SHOWN = 64
_NOT_SHOWN = frozenset({"muted", "expired"})
_RETRIED_ERRORS = frozenset({1501, 1502})  # no answer in time: the message may or may not be there


@dataclass(frozen=True, slots=True)
class Parcel:
    """A nudge on its way, and what its receipt will say."""

    nudge: Nudge
    path: Path
    rule: str
    heard_ms: int
    sent_ms: int | None = None
    """When it was first handed to the panel."""
    is_last_attempt: bool = False
    """Not to be sent again: there is no reason left to show it."""
    origin: Origin | None = None

    def decision(self, outcome: Outcome, at_ms: int, reason: Reason | None = None) -> Decision:
        """Write the trace line that says what became of it."""
        return Decision(
            outcome=outcome,
            path=self.path,
            moment=self.nudge.moment,
            heard_at_ms=at_ms,
            reason=reason,
            nudge=self.nudge,
            evidence=self.nudge.evidence,
            rule=self.rule,
        )


class Delivery:
    """The way from an accepted nudge to the rep's screen."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._in_flight: Parcel | None = None
        self._waiting: Parcel | None = None
        self._revision: Parcel | None = None  # a later rev that waits for what is in flight
        self._shown: dict[str, None] = {}  # ids that the rep saw, the newest last

    def offer(self, parcel: Parcel, at_ms: int) -> list[Output]:
        """Send a nudge, or let it wait for the one in flight; the higher priority waits."""
        if self._in_flight is None:
            return self._send(parcel, at_ms)
        loser, self._waiting = self._weigh(parcel)
        return [] if loser is None else self._drop(loser, at_ms, Reason.LOWER_PRIORITY)

    def revise(self, parcel: Parcel, at_ms: int) -> list[Output]:
        """Send a later `rev` of a nudge that the rep saw, or may be about to see."""
        if self._in_flight is not None:
            self._revision = parcel
            return []
        if at_ms > parcel.nudge.expires_ms:  # what was in flight before it took too long
            return [parcel.decision(Outcome.EXPIRED, at_ms)]
        if not self.was_shown(parcel.nudge.id):
            return [parcel.decision(Outcome.SUPPRESSED, at_ms, Reason.UNSEEN)]
        return self._send(replace(parcel, is_last_attempt=True), at_ms)

    def was_shown(self, nudge_id: str) -> bool:
        """Whether the rep's client said that it showed this nudge."""
        return nudge_id in self._shown

    def ack(self, ack: Ack, at_ms: int) -> list[Output]:
        """Take the result of an attempt. An answer to nothing in flight is ignored."""
        parcel = self._in_flight
        if parcel is None or (ack.nudge_id, ack.rev) != (parcel.nudge.id, parcel.nudge.rev):
            return []
        self._in_flight = None
        outputs: list[Output] = [_receipt(parcel, ack, at_ms)]
        if ack.reply is None:
            outputs += self._failed(parcel, ack.error, at_ms)
        elif ack.reply in _NOT_SHOWN:
            self._refund(parcel)
        else:
            self._remember_shown(parcel.nudge.id)
        return outputs + self._next(at_ms)

    def withdraw(self, nudge_id: str, at_ms: int) -> list[Output]:
        """Take back a nudge that was not sent yet; one that is on its way is not sent again."""
        if self._in_flight is not None and self._in_flight.nudge.id == nudge_id:
            self._in_flight = replace(self._in_flight, is_last_attempt=True)
        if self._revision is not None and self._revision.nudge.id == nudge_id:
            self._revision = None
        if self._waiting is None or self._waiting.nudge.id != nudge_id:
            return []
        return self._clear_waiting(at_ms, Reason.WITHDRAWN)

    def clear(self, at_ms: int, reason: Reason) -> list[Output]:
        """Drop what waits; what is on its way is not sent again."""
        self._revision = None
        if self._in_flight is not None:
            self._in_flight = replace(self._in_flight, is_last_attempt=True)
        return self._clear_waiting(at_ms, reason)

    def due_ms(self) -> int | None:
        """When the waiting nudge has outlived its use."""
        return None if self._waiting is None else self._waiting.nudge.expires_ms + 1

    def tick(self, at_ms: int) -> list[Output]:
        """Drop a nudge whose life ended while it waited."""
        parcel = self._waiting
        if parcel is None or at_ms <= parcel.nudge.expires_ms:
            return []
        self._waiting = None
        return self._expire(parcel, at_ms)

    def _send(self, parcel: Parcel, at_ms: int) -> list[Output]:
        outputs: list[Output] = []
        if parcel.sent_ms is None:
            parcel = replace(parcel, sent_ms=at_ms)
            outputs.append(parcel.decision(Outcome.DELIVERED, at_ms))
        self._in_flight = parcel
        return [*outputs, SendNudge(parcel.nudge)]

    def _next(self, at_ms: int) -> list[Output]:
        if self._in_flight is not None:
            return []
        parcel, self._waiting = self._waiting, None
        if parcel is None:
            later, self._revision = self._revision, None
            return [] if later is None else self.revise(later, at_ms)
        if at_ms > parcel.nudge.expires_ms:
            return [*self._expire(parcel, at_ms), *self._next(at_ms)]
        return self._send(parcel, at_ms)

    def _failed(self, parcel: Parcel, error: int | None, at_ms: int) -> list[Output]:
        """An attempt failed: again while it lives, but what waits goes first, being newer."""
        may_retry = error in _RETRIED_ERRORS and not parcel.is_last_attempt
        if not may_retry or at_ms > parcel.nudge.expires_ms:
            return self._give_up(parcel, at_ms)
        if self._waiting is None:
            return self._send(parcel, at_ms)
        outputs = self._next(at_ms)
        self._waiting = parcel
        return outputs

    def _clear_waiting(self, at_ms: int, reason: Reason) -> list[Output]:
        parcel, self._waiting = self._waiting, None
        return [] if parcel is None else self._drop(parcel, at_ms, reason)

    def _weigh(self, parcel: Parcel) -> tuple[Parcel | None, Parcel]:
        other = self._waiting
        if other is None:
            return None, parcel
        return (other, parcel) if parcel.nudge.priority > other.nudge.priority else (parcel, other)

    def _drop(self, parcel: Parcel, at_ms: int, reason: Reason) -> list[Output]:
        if parcel.sent_ms is not None:
            return self._give_up(parcel, at_ms)
        self._refund(parcel)
        return [parcel.decision(Outcome.SUPPRESSED, at_ms, reason)]

    def _expire(self, parcel: Parcel, at_ms: int) -> list[Output]:
        if parcel.sent_ms is not None:
            return self._give_up(parcel, at_ms)
        self._refund(parcel)
        return [parcel.decision(Outcome.EXPIRED, at_ms)]

    def _give_up(self, parcel: Parcel, at_ms: int) -> list[Output]:
        self._refund(parcel)
        return [parcel.decision(Outcome.FAILED, at_ms, Reason.UNREACHABLE)]

    def _refund(self, parcel: Parcel) -> None:
        """Give back what a nudge cost that the rep did not see; a later `rev` cost nothing."""
        if parcel.nudge.rev == 0:
            self._budget.refund(parcel.nudge.id)

    def _remember_shown(self, nudge_id: str) -> None:
        self._shown[nudge_id] = None
        if len(self._shown) > _REMEMBERED_SHOWN:
            del self._shown[next(iter(self._shown))]


def _receipt(parcel: Parcel, ack: Ack, at_ms: int) -> Receipt:
    nudge = parcel.nudge
    return Receipt(
        nudge_id=nudge.id,
        rev=nudge.rev,
        reply=ack.reply,
        error=ack.error,
        sent_ms=nudge.created_ms if parcel.sent_ms is None else parcel.sent_ms,
        acknowledged_ms=at_ms,
        spoken_ms=nudge.evidence.end_ms if nudge.evidence else None,
        heard_ms=parcel.heard_ms,
        decided_ms=nudge.created_ms,
        rule=parcel.rule,
        path=parcel.path,
        origin=parcel.origin,
    )
