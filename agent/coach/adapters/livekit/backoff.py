"""When to try again: 0.5, 1, 2, then every 5 seconds, with jitter."""

import random
from collections.abc import Callable, Sequence

DELAYS_SECONDS: Sequence[float] = (0.5, 1.0, 2.0, 5.0)
JITTER_RATIO = 0.1
"""A delay is up to this part longer or shorter, so that many calls do not come back at once."""


class Backoff:
    """Counts failures in a row."""

    def __init__(self, rand: Callable[[], float] = random.random) -> None:
        """Begin with no failure.

        Args:
            rand: returns a number from 0 to 1.
        """
        self._rand = rand
        self._failure_count = 0

    def next_seconds(self) -> float:
        """Count one more failure and return how long to wait."""
        delay = DELAYS_SECONDS[min(self._failure_count, len(DELAYS_SECONDS) - 1)]
        self._failure_count += 1
        return delay * (1 + JITTER_RATIO * (2 * self._rand() - 1))

    def reset(self) -> None:
        """It works again."""
        self._failure_count = 0
