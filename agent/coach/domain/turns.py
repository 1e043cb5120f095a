"""Utterances become turns: one speaker until a pause, or until somebody else's words."""

from dataclasses import dataclass

from coach.domain.playbook import Speaker
from coach.domain.transcript import Utterance

PAUSE_MS = 600
"""A turn ends this long after its last final (contracts 5)."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Consecutive utterances of one speaker."""

    identity: str
    speaker: Speaker
    text: str
    start_ms: int
    end_ms: int


class Turns:
    """Gathers utterances until their turn is complete.

    In a live call the recogniser's session says when (`is_given`); in a file without turn
    lines a pause or another speaker's final does.
    """

    def __init__(self, *, is_given: bool) -> None:
        self._is_given = is_given
        self._open: dict[str, list[Utterance]] = {}
        self._due_ms: dict[str, int] = {}

    def words_heard(self, identity: str) -> None:
        """New words of a speaker keep the turn open."""
        self._due_ms.pop(identity, None)

    def add(self, utterance: Utterance, at_ms: int) -> list[Turn]:
        """Take a final. Return the turns of others that it ends."""
        identity = utterance.identity
        if not utterance.text.strip():  # partials that came to nothing: the pause begins again
            if identity in self._open and not self._is_given:
                self._due_ms[identity] = at_ms + PAUSE_MS
            return []
        others = [] if self._is_given else [other for other in self._open if other != identity]
        ended = [self._close(other) for other in others]
        self._open.setdefault(identity, []).append(utterance)
        if not self._is_given:
            self._due_ms[identity] = at_ms + PAUSE_MS
        return ended

    def complete(self, identity: str) -> Turn | None:
        """The turn line of a speaker. Return the turn, if words were heard."""
        if not self._is_given or identity not in self._open:
            return None
        return self._close(identity)

    def pause(self) -> None:
        """Nobody listens from now on: what is open stays incomplete."""
        self._open.clear()
        self._due_ms.clear()

    def due_ms(self) -> int | None:
        """When the next turn is complete, if one is."""
        return min(self._due_ms.values(), default=None)

    def tick(self, at_ms: int) -> list[Turn]:
        """Return the turns whose pause is over."""
        return [self._close(who) for who, due_ms in list(self._due_ms.items()) if due_ms <= at_ms]

    def _close(self, identity: str) -> Turn:
        utterances = self._open.pop(identity)
        self._due_ms.pop(identity, None)
        text = " ".join(utterance.text for utterance in utterances)
        first, last = utterances[0], utterances[-1]
        return Turn(identity, first.speaker, text, first.start_ms, last.end_ms)
