"""Keeps silence away from a recogniser that is paid by the second. Pure: no audio is looked at.

Closed, the gate keeps the newest moments; when somebody speaks it lets them through first, so
that no onset is lost. Open, it lets everything through until nobody has spoken for a while: long
enough for the recogniser to call the last words final.
"""

from collections import deque
from typing import Generic, TypeVar

PRE_ROLL_MS = 400
"""Kept while closed. The detector needs some of it to hear that somebody speaks."""
HANG_MS = 1_200
"""Silence after which the gate closes; longer than the recogniser's own endpointing."""
SPEECH_PROBABILITY = 0.4
"""From here on it is taken for speech: a false alarm costs a second, a miss costs words."""

F = TypeVar("F")


class Gate(Generic[F]):
    """Decides about frames in the order in which they come."""

    def __init__(self) -> None:
        self._kept: deque[tuple[F, int]] = deque()  # with their lengths, while closed
        self._kept_ms = 0
        self._left_out_ms = 0
        self._silence_ms = 0
        self._is_open = False

    @property
    def is_open(self) -> bool:
        """Whether frames go through."""
        return self._is_open

    def hear(self, probability: float) -> None:
        """Take the detector's opinion about what came last."""
        if probability >= SPEECH_PROBABILITY:
            self._is_open = True
            self._silence_ms = 0

    def push(self, frame: F, length_ms: int) -> list[F]:
        """Add a frame. Return those to send now, oldest first."""
        self._kept.append((frame, length_ms))
        self._kept_ms += length_ms
        if not self._is_open:
            self._forget()
            return []
        frames = [frame for frame, _ in self._kept]
        self._kept.clear()
        self._kept_ms = 0
        self._silence_ms += length_ms
        self._is_open = self._silence_ms < HANG_MS
        return frames

    def take_left_out_ms(self) -> int:
        """Return how much was left out before the frames that `push` returned last, once."""
        left_out_ms, self._left_out_ms = self._left_out_ms, 0
        return left_out_ms

    def _forget(self) -> None:
        while self._kept_ms - self._kept[0][1] >= PRE_ROLL_MS:
            _, length_ms = self._kept.popleft()
            self._kept_ms -= length_ms
            self._left_out_ms += length_ms
