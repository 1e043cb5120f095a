"""The clocks of this machine, and the time of this client made from both."""

import time
from typing import Protocol

from coach_terminal.freshness import OwnTime


class Clock(Protocol):
    """Two clocks, either of which may stand still while the machine sleeps."""

    def monotonic(self) -> float:
        """Read the clock that never goes back, in seconds."""

    def wall(self) -> float:
        """Read the clock that people set, in seconds."""


class SystemClock:
    """The clocks of the operating system."""

    def monotonic(self) -> float:
        """Read the clock that never goes back, in seconds."""
        return time.monotonic()

    def wall(self) -> float:
        """Read the clock that people set, in seconds since 1970."""
        return time.time()


class Stopwatch:
    """Seconds since it was made, by the larger advance of both clocks."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._own_time = OwnTime(clock.monotonic(), clock.wall())

    def now(self) -> float:
        """Read both clocks."""
        return self._own_time.elapsed(self._clock.monotonic(), self._clock.wall())
