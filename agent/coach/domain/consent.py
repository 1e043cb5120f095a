"""Whether the people in the call have agreed, as a state machine (contracts 2)."""

from coach.domain.events import ControlAction
from coach.domain.job import Consent, ConsentPolicy, ConsentState

_TRANSITIONS = {
    (ConsentState.PENDING, ControlAction.CONSENT_GRANTED): ConsentState.GRANTED,
    (ConsentState.PENDING, ControlAction.CONSENT_DENIED): ConsentState.DENIED,
    (ConsentState.DENIED, ControlAction.CONSENT_GRANTED): ConsentState.GRANTED,
    (ConsentState.GRANTED, ControlAction.CONSENT_REVOKED): ConsentState.REVOKED,
    (ConsentState.REVOKED, ControlAction.CONSENT_GRANTED): ConsentState.GRANTED,
}


class ConsentGate:
    """Holds the state of consent and whom it covers."""

    def __init__(self, consent: Consent) -> None:
        self.state = consent.state
        self._policy = consent.policy
        self._present: set[str] = set()  # prospects in the room now
        self._covered: set[str] = set()  # prospects who were there when the answer was given

    @property
    def is_granted(self) -> bool:
        """Whether anything may be heard, seen or kept."""
        return self.state is ConsentState.GRANTED

    def answer(self, action: ControlAction) -> bool:
        """Take the rep's answer. Return whether the state changed; other answers are ignored."""
        state = _TRANSITIONS.get((self.state, action))
        if state is None:
            return False
        self.state = state
        if self.is_granted:
            self._covered |= self._present
        else:
            self._covered.clear()  # whoever agreed before is asked again, away or not
        return True

    def prospect_came(self, identity: str, *, was_present: bool) -> bool:
        """A prospect is in the room. Return whether that set the state back to pending.

        Args:
            identity: who came; somebody covered before who returns stays covered.
            was_present: whether the prospect was there before the agent: then an answer that the
                job brings along covers them.
        """
        self._present.add(identity)
        if was_present and self.is_granted:
            self._covered.add(identity)
        is_late = self.is_granted and identity not in self._covered
        if not is_late or self._policy is ConsentPolicy.CALL:
            return False
        self.state = ConsentState.PENDING
        return True

    def prospect_left(self, identity: str) -> None:
        """A prospect is gone."""
        self._present.discard(identity)
