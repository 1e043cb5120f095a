"""What the rep's panel knows at one moment: an immutable value, with the questions a view asks.

All points in time are own time (see `freshness.OwnTime`), in seconds. `panel_changes` makes the
next state from this one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from coach_terminal.freshness import Freshness
from coach_terminal.messages import CoachState, Consent, Nudge, Status
from coach_terminal.requests import ControlAction, FeedbackAction

LOST_AFTER_SECONDS: Final = 45.0
MUTED_REASON: Final = "muted"
DECISIONS: Final = frozenset({FeedbackAction.APPROVE, FeedbackAction.REJECT})
_ANSWERS: Final = DECISIONS | {FeedbackAction.DISMISS}


class Connection(StrEnum):
    """This client's connection to the room."""

    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    DISCONNECTED = "disconnected"


class Condition(StrEnum):
    """The one word for how things are, the most pressing first."""

    DISCONNECTED = "disconnected"
    RECONNECTING = "reconnecting"
    WAITING_FOR_COACH = "waiting_for_coach"
    ENDED = "ended"
    COACH_LOST = "coach_lost"
    WAITING_FOR_CONSENT = "waiting_for_consent"
    CONSENT_DENIED = "consent_denied"
    CONSENT_REVOKING = "consent_revoking"
    CONSENT_REVOKED = "consent_revoked"
    MUTED = "muted"
    DEGRADED = "degraded"
    LISTENING = "listening"


@dataclass(frozen=True, slots=True)
class ShownNudge:
    """A nudge that the rep has seen, and what the rep said about it.

    Attributes:
        is_sending: The rep's answer is on its way to the coach.
    """

    nudge: Nudge
    shown_at: float
    feedback: FeedbackAction | None = None
    is_sending: bool = False

    @property
    def lapses_at(self) -> float:
        """When it stops being prominent, and a proposal lapses."""
        return self.shown_at + self.nudge.relevant_ms / 1000

    def is_open_proposal(self, now: float) -> bool:
        """Tell whether it is a proposal that the rep can still answer."""
        return self._is_unanswered_proposal() and now < self.lapses_at

    def has_lapsed(self, now: float) -> bool:
        """Tell whether it was a proposal that nobody answered in time."""
        return self._is_unanswered_proposal() and now >= self.lapses_at

    def _is_unanswered_proposal(self) -> bool:
        # without a text nobody could know what would be written
        proposal = self.nudge.proposal
        return proposal is not None and bool(proposal.text) and self.feedback not in _ANSWERS

    def relevance_ratio(self, now: float) -> float:
        """Tell which part of its prominent time is left, from 1 down to 0."""
        relevant_seconds = self.nudge.relevant_ms / 1000
        if relevant_seconds <= 0:
            return 0.0
        return min(1.0, max(0.0, 1 - (now - self.shown_at) / relevant_seconds))

    def seconds_left(self, now: float) -> float:
        """Tell how much longer it stays prominent."""
        return self.relevance_ratio(now) * self.nudge.relevant_ms / 1000


@dataclass(frozen=True, slots=True)
class PanelState:
    """Everything the panel shows.

    Attributes:
        call_id: The call this panel belongs to, fixed by the first message.
        run: The coach's present job in that call; others are refused while it is alive.
        withheld_until_ms: Nudges created up to here (call's clock) fall under a refused consent.
        is_withheld: The rep has revoked or denied, and this run has not confirmed it yet.
        refusal: What the rep last said about consent, if that was a no: a coach that restarts is
            told again.
        revs: Highest revision shown, by nudge id.
        late_count: Nudges in a row that arrived too late to be shown.
        muted_until: End of the rep's own mute, infinite for "until unmuted".
    """

    connection: Connection = Connection.CONNECTED
    call_id: str | None = None
    run: str | None = None
    former_runs: tuple[str, ...] = ()
    freshness: Freshness = field(default_factory=Freshness)
    last_heard_at: float | None = None
    status: Status | None = None
    consent: Consent = Consent.UNKNOWN
    consent_policy: str = ""
    disclosure: str = ""
    withheld_until_ms: int | None = None
    is_withheld: bool = False
    refusal: ControlAction | None = None
    latest: ShownNudge | None = None
    history: tuple[ShownNudge, ...] = ()
    revs: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    late_count: int = 0
    muted_until: float | None = None

    def is_lost(self, now: float) -> bool:
        """Tell whether a coach that was there has been silent for too long."""
        return self.last_heard_at is not None and now - self.last_heard_at > LOST_AFTER_SECONDS

    def is_over(self, now: float) -> bool:
        """Tell whether the present run has ended or fallen silent."""
        return self.is_lost(now) or (
            self.status is not None and self.status.state is CoachState.ENDED
        )

    def mute_ends_at(self, now: float) -> float | None:
        """Tell until when nothing is shown, by the rep's word or the coach's; None: not muted."""
        ends = [self.muted_until or 0.0]
        if self.status is not None and self.status.muted_until_ms is not None:
            run, until_ms = self.status.run, self.status.muted_until_ms
            ends.append(self.freshness.own_time(run, until_ms, now))
        if self.status is not None and MUTED_REASON in self.status.reasons:
            ends.append(max(ends) if max(ends) > now else math.inf)
        return max(ends) if max(ends) > now else None

    def needs_consent(self) -> bool:
        """Tell whether the rep has still to ask the people in the call."""
        if self.is_withheld:
            return False
        waits = self.status is not None and self.status.state is CoachState.WAITING_FOR_CONSENT
        return self.consent is Consent.PENDING or (waits and self.consent is Consent.UNKNOWN)

    def condition(self, now: float) -> Condition:
        """Name how things are in one word."""
        if self.connection is not Connection.CONNECTED:
            return Condition(self.connection.value)
        if self.last_heard_at is None:
            return Condition.WAITING_FOR_COACH
        state = CoachState.UNKNOWN if self.status is None else self.status.state
        if state is CoachState.ENDED:
            return Condition.ENDED
        if self.is_lost(now):
            return Condition.COACH_LOST
        return self._condition_while_alive(state, now)

    def proposal(self, now: float) -> ShownNudge | None:
        """Find the newest proposal that still waits for the rep's yes or no."""
        waiting = (shown for shown in self.shown_nudges() if shown.is_open_proposal(now))
        return next(waiting, None)

    def shown(self, nudge_id: str) -> ShownNudge | None:
        """Find a nudge on the panel."""
        meant = (shown for shown in self.shown_nudges() if shown.nudge.id == nudge_id)
        return next(meant, None)

    def shown_nudges(self) -> tuple[ShownNudge, ...]:
        """List what is on the panel, newest first."""
        return self.history if self.latest is None else (self.latest, *self.history)

    def _condition_while_alive(self, state: CoachState, now: float) -> Condition:
        if self.is_withheld:
            is_denied = self.refusal is ControlAction.CONSENT_DENIED
            return Condition.CONSENT_DENIED if is_denied else Condition.CONSENT_REVOKING
        if self.consent is Consent.REVOKED:
            return Condition.CONSENT_REVOKED
        if self.consent is Consent.DENIED:
            return Condition.CONSENT_DENIED
        if self.needs_consent():
            return Condition.WAITING_FOR_CONSENT
        if self.mute_ends_at(now) is not None:
            return Condition.MUTED
        return Condition.DEGRADED if state is CoachState.DEGRADED else Condition.LISTENING
