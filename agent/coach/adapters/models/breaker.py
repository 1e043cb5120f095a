"""When an endpoint may be asked: a circuit breaker, and the pauses that it asks for. No clock.

Five failures in a row open the breaker for 30 s; then one trial decides whether it closes.
Times are seconds of any monotonic clock.
"""

from dataclasses import dataclass

from coach.adapters.models.failures import BREAKER, BUSY

MOST_FAILURES = 5
OPEN_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 600.0
"""An endpoint that asks for more is asked again nevertheless."""


class Breaker:
    """Counts one endpoint's failures in a row."""

    def __init__(self) -> None:
        self._failure_count = 0
        self._open_until: float | None = None  # None: closed
        self._has_trial = False
        self._paused_until = 0.0

    @property
    def is_closed(self) -> bool:
        """Whether the endpoint counts as working."""
        return self._open_until is None

    def refusal(self, now: float) -> str | None:
        """Return why the endpoint may not be asked now; None: it may."""
        if self._open_until is not None and (self._has_trial or now < self._open_until):
            return BREAKER
        return BUSY if now < self._paused_until else None

    def pause(self, now: float, seconds: float) -> None:
        """Ask nothing for so long: the endpoint said so."""
        until = now + min(max(0.0, seconds), LONGEST_PAUSE_SECONDS)
        self._paused_until = max(self._paused_until, until)

    def begin(self) -> "Attempt":
        """Begin a request. Whoever begins it tells how it ended."""
        is_trial = self._open_until is not None
        self._has_trial = self._has_trial or is_trial
        return Attempt(self, is_trial)

    def _end(self, *, is_trial: bool, is_good: bool | None, now: float) -> None:
        if is_trial:
            self._has_trial = False
        elif self._open_until is not None:
            return  # begun before the breaker opened: only the trial decides
        if is_good:
            self._failure_count, self._open_until = 0, None
        elif is_good is False:
            self._failure_count += 1
            if is_trial or self._failure_count >= MOST_FAILURES:
                self._open_until = now + OPEN_SECONDS


@dataclass(slots=True)
class Attempt:
    """One request to an endpoint. Safe to end twice: the first end counts."""

    _breaker: Breaker
    _is_trial: bool
    _is_over: bool = False

    def succeeded(self, now: float) -> None:
        """The endpoint has done its part."""
        self._end(True, now)

    def failed(self, now: float) -> None:
        """The endpoint is at fault."""
        self._end(False, now)

    def abandoned(self, now: float) -> None:
        """Nothing was learned about the endpoint."""
        self._end(None, now)

    def _end(self, is_good: bool | None, now: float) -> None:
        if not self._is_over:
            self._is_over = True
            self._breaker._end(is_trial=self._is_trial, is_good=is_good, now=now)
