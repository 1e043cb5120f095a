"""When a call that nobody ends is over: without its rep, or without a word."""

from coach.domain.events import EndReason

REP_ABSENCE_MS = 300_000
"""A call without its rep ends after this long."""
NO_SPEECH_MS = 7_200_000
"""A call in which nobody speaks ends after this long."""


class Patience:
    """Since when the rep is away and nobody has spoken."""

    def __init__(self) -> None:
        self._rep_absent_since_ms: int | None = 0
        self._last_speech_ms = 0

    def rep(self, *, is_present: bool, at_ms: int) -> None:
        """The rep came or left."""
        self._rep_absent_since_ms = None if is_present else at_ms

    def spoken(self, at_ms: int) -> None:
        """Somebody speaks, or what was said before counts no more."""
        self._last_speech_ms = at_ms

    def due_ms(self) -> int:
        """When patience ends."""
        silent_ms = self._last_speech_ms + NO_SPEECH_MS
        if self._rep_absent_since_ms is None:
            return silent_ms
        return min(silent_ms, self._rep_absent_since_ms + REP_ABSENCE_MS)

    def over(self, at_ms: int) -> EndReason | None:
        """Return why the call is over now, or None."""
        absent_ms = self._rep_absent_since_ms
        if absent_ms is not None and at_ms >= absent_ms + REP_ABSENCE_MS:
            return EndReason.REP_ABSENT
        return EndReason.NO_SPEECH if at_ms >= self._last_speech_ms + NO_SPEECH_MS else None
