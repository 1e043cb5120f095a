"""How old is a message? Pure arithmetic on clock readings; nothing here looks at a clock.

A message can wait in a buffer while this client is frozen, and arrive as if new. The clocks of
coach and client do not agree, so the smallest difference ever seen between them, per run, stands
for "no delay at all"; what exceeds it is the message's age.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

WALL_SET_BACK_SECONDS: Final = 0.5  # more than reading two clocks one after the other explains
RUNS_REMEMBERED: Final = 8


class OwnTime:
    """Elapsed time of this client, from its two clocks, either of which may stand still.

    The monotonic clock stops on many machines while they sleep, the wall clock can be set. So the
    larger advance counts, and the result never goes back.
    """

    def __init__(self, monotonic_seconds: float, wall_seconds: float) -> None:
        self._monotonic = monotonic_seconds
        self._wall = wall_seconds
        self._carried = 0.0
        self._elapsed = 0.0

    def elapsed(self, monotonic_seconds: float, wall_seconds: float) -> float:
        """Take one reading of both clocks; return the seconds since the first reading."""
        by_monotonic = monotonic_seconds - self._monotonic
        by_wall = wall_seconds - self._wall
        self._elapsed = max(self._elapsed, self._carried + max(by_monotonic, by_wall))
        if by_wall < by_monotonic - WALL_SET_BACK_SECONDS:
            # the wall clock was set back: count from here, or it would miss the next sleep
            self._carried = self._elapsed
            self._monotonic, self._wall = monotonic_seconds, wall_seconds
        return self._elapsed


@dataclass(frozen=True, slots=True)
class Freshness:
    """The smallest difference seen, per run, between own time and the call's clock, in seconds."""

    smallest: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def with_message(self, run: str, stamp_ms: int, arrived_at: float) -> "Freshness":
        """Take note of a message that bears `stamp_ms` and arrived at `arrived_at` (own time)."""
        difference = arrived_at - stamp_ms / 1000
        known = self.smallest.get(run)
        if known is not None and known <= difference:
            return self
        others = [(name, value) for name, value in self.smallest.items() if name != run]
        kept = dict([*others[-(RUNS_REMEMBERED - 1) :], (run, difference)])
        return Freshness(MappingProxyType(kept))

    def age_seconds(self, run: str, stamp_ms: int, now: float) -> float:
        """Tell how long ago, at least, the moment `stamp_ms` of the call's clock was."""
        return max(0.0, now - self.own_time(run, stamp_ms, now))

    def own_time(self, run: str, stamp_ms: int, now: float) -> float:
        """Convert a point on the call's clock to own time; an unknown run counts as undelayed."""
        stamp_seconds = stamp_ms / 1000
        return self.smallest.get(run, now - stamp_seconds) + stamp_seconds
