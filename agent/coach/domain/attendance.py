"""Who is in the call and whether they have agreed: so what may be heard and seen of them."""

from coach.domain.consent import ConsentGate
from coach.domain.events import ControlAction, EndReason, ParticipantChanged
from coach.domain.job import ConsentState, Job
from coach.domain.outputs import Output
from coach.domain.patience import Patience
from coach.domain.playbook import Speaker
from coach.domain.presence import Presence
from coach.domain.senses import Senses


class Attendance:
    """Presence, consent, senses and patience of one call, which are true or false together."""

    def __init__(self, job: Job, *, has_eye: bool) -> None:
        self._consent = ConsentGate(job.consent)
        self._presence = Presence()
        self._senses = Senses(job, has_eye=has_eye)
        self._patience = Patience()

    @property
    def consent(self) -> ConsentState:
        """The state of agreement."""
        return self._consent.state

    @property
    def is_granted(self) -> bool:
        """Whether anything may be heard, seen or kept."""
        return self._consent.is_granted

    @property
    def has_rep(self) -> bool:
        """Whether the rep is in the room."""
        return self._presence.has(Speaker.REP)

    @property
    def may_listen(self) -> bool:
        """Whether there is somebody to coach, and leave to listen."""
        return self.is_granted and self.has_rep

    def answer(self, action: ControlAction) -> bool:
        """Take the rep's answer. Return whether the state changed."""
        return self._consent.answer(action)

    def change(self, event: ParticipantChanged, at_ms: int) -> bool:
        """Somebody came or left. Return whether that is news."""
        who, is_present = event.identity, event.is_present
        if not self._presence.change(who, event.speaker, is_present=is_present, at_ms=at_ms):
            return False
        if event.speaker is Speaker.REP:
            self._patience.rep(is_present=is_present, at_ms=at_ms)
        elif not is_present:
            self._consent.prospect_left(who)
        elif event.speaker is Speaker.PROSPECT:
            self._consent.prospect_came(who, was_present=event.was_present)
        return True

    def spoken(self, at_ms: int) -> None:
        """Somebody speaks, or what was said before counts no more."""
        self._patience.spoken(at_ms)

    def sense(self, at_ms: int, *, is_open: bool) -> tuple[list[Output], frozenset[str]]:
        """Hear and see what is worth it, or nothing.

        Returns:
            What the shell has to do, and who is no longer heard.
        """
        return self._senses.open(self._presence, at_ms) if is_open else self._senses.close(at_ms)

    def due_ms(self) -> int:
        """When patience ends."""
        return self._patience.due_ms()

    def over(self, at_ms: int) -> EndReason | None:
        """Return why the call is over now, or None."""
        return self._patience.over(at_ms)

    def meters(self, at_ms: int) -> dict[str, int]:
        """Return how long participants were present, and how long they were heard."""
        return {
            "participant_ms": self._presence.participant_ms(at_ms),
            "recognised_ms": self._senses.recognised_ms(at_ms),
        }
