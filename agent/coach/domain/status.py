"""What the panel's status line says, and when it is said again."""

from dataclasses import replace

from coach.domain.budget import UNTIL_UNMUTED
from coach.domain.events import ToolReturned
from coach.domain.job import ConsentState, Job
from coach.domain.outputs import PanelState, Status
from coach.domain.playbook import Playbook, Speaker, When
from coach.domain.tools import ASKING_CRM, LOG_OUTCOME, OUTAGES
from coach.domain.understanding import Understanding

HEARTBEAT_MS = 30_000
"""A status is sent at least this often (contracts 3)."""

_COUNTED = "counted"
"""Whose news it is that questions stay unanswered; the model's adapter reports for itself."""

_REP_WHENS = frozenset({When.UNANSWERED_QUESTION, When.OVER_AUTHORITY, When.MISSED_TOPIC})


class StatusLine:
    """Knows what is degraded; has a status sent on every change and as a heartbeat."""

    def __init__(self, job: Job, playbook: Playbook) -> None:
        self._is_deaf_to_rep = not job.transcribe_rep and _needs_rep(playbook)
        self._down: dict[tuple[str, str | None], None] = {}  # (service, whose), in order of failing
        self._last: Status | None = None
        self._sent_ms = 0
        self.lag_ms = 0
        """Age of the recogniser's newest words when they came."""

    def service(self, name: str, identity: str | None, *, is_up: bool) -> None:
        """An outside service went down or came back."""
        if is_up:
            self._down.pop((name, identity), None)
        else:
            self._down[(name, identity)] = None

    def tool(self, event: ToolReturned) -> None:
        """A tool came back. An outcome that was not written was wanted by the rep: it is told."""
        if event.call.name in ASKING_CRM:
            self.service("crm", None, is_up=event.error not in OUTAGES)
        if event.call.name == LOG_OUTCOME:
            self.service("outcome", None, is_up=event.is_ok)

    def no_longer_heard(self, identities: frozenset[str]) -> None:
        """Whoever is heard again begins with services that work."""
        for key in [key for key in self._down if key[1] in identities]:
            del self._down[key]

    def compose(self, consent: ConsentState, known: Understanding) -> Status:
        """Return what is true now."""
        self.service("llm", _COUNTED, is_up=not known.is_advisor_down)
        stage, muted_until_ms = known.stage, known.muted_until_ms
        return Status(
            state=self._state(consent),
            consent=consent,
            stage=stage.id if stage else None,
            guidance=stage.guidance if stage else "",
            muted_until_ms=None if muted_until_ms == UNTIL_UNMUTED else muted_until_ms,
            reasons=self._reasons(muted_until_ms),
            is_thinking=known.is_thinking,
            lag_ms=self.lag_ms,
        )

    def news(self, status: Status, at_ms: int) -> Status | None:
        """Return the status if the rep should be told now; lag alone is no news."""
        last = self._last
        is_same = last is not None and replace(last, lag_ms=0) == replace(status, lag_ms=0)
        if is_same and at_ms - self._sent_ms < HEARTBEAT_MS:
            return None
        self._last, self._sent_ms = status, at_ms
        return status

    def forget(self) -> None:
        """Whoever is told next knows nothing yet."""
        self._last = None

    def due_ms(self) -> int | None:
        """When the heartbeat is due."""
        return None if self._last is None else self._sent_ms + HEARTBEAT_MS

    def _state(self, consent: ConsentState) -> PanelState:
        if consent is not ConsentState.GRANTED:
            return PanelState.WAITING_FOR_CONSENT
        return PanelState.DEGRADED if self._down else PanelState.LISTENING

    def _reasons(self, muted_until_ms: int | None) -> tuple[str, ...]:
        reasons = sorted({f"{name}_down" for name, _ in self._down})
        if self._is_deaf_to_rep:
            reasons.append("rep_moments_off")
        if muted_until_ms == UNTIL_UNMUTED:  # there is no time to tell: a reason says it
            reasons.append("muted")
        return tuple(reasons)


def _needs_rep(playbook: Playbook) -> bool:
    """Whether any moment needs the rep's words."""
    moments = playbook.moments.values()
    return any(
        m.when in _REP_WHENS or (m.when is When.WORDS and m.speaker is Speaker.REP) for m in moments
    )
