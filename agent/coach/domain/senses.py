"""Whose microphones are heard and whether the rep's screen is seen; the meter of both."""

from coach.domain.job import Job
from coach.domain.outputs import Listen, Output
from coach.domain.playbook import Speaker
from coach.domain.presence import Presence
from coach.domain.screen import Watch


class Senses:
    """What is heard and seen now. Nothing changes without being told to the shell."""

    def __init__(self, job: Job, *, has_eye: bool) -> None:
        self._speakers = (*Speaker,) if job.transcribe_rep else (Speaker.PROSPECT,)
        self._may_watch = has_eye and job.screenshare
        self._is_watching = False
        self._heard: frozenset[str] = frozenset()
        self._past_ms = 0
        self._since_ms = 0

    def open(self, presence: Presence, at_ms: int) -> tuple[list[Output], frozenset[str]]:
        """Hear and see what is worth it; without the rep's words nobody's but the prospects'.

        Returns:
            What the shell has to do, and who is no longer heard.
        """
        return self._change(presence.of(*self._speakers), self._may_watch, at_ms)

    def close(self, at_ms: int) -> tuple[list[Output], frozenset[str]]:
        """Hear and see nothing."""
        return self._change(frozenset(), False, at_ms)

    def recognised_ms(self, at_ms: int) -> int:
        """Return how long participants have been heard, summed over them."""
        return self._past_ms + len(self._heard) * max(0, at_ms - self._since_ms)

    def _change(
        self, identities: frozenset[str], is_watching: bool, at_ms: int
    ) -> tuple[list[Output], frozenset[str]]:
        outputs: list[Output] = []
        gone = self._heard - identities
        if identities != self._heard:
            self._past_ms, self._since_ms = self.recognised_ms(at_ms), at_ms
            self._heard = identities
            outputs.append(Listen(identities))
        if is_watching is not self._is_watching:
            self._is_watching = is_watching
            outputs.append(Watch(is_watching))
        return outputs, gone
