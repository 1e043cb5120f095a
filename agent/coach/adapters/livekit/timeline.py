"""Where in the call a moment of a recogniser's audio was. Pure: times in, times out.

A recogniser counts time in the audio it was sent. That runs with the call's clock, except where
audio was left out. Each frame says when it came; it came at its end or later, never earlier,
so the frame that came soonest tells the true distance between the two clocks.
"""

from bisect import bisect_right

JUMP_MS = 250.0
"""A frame that comes this much later than expected may follow a gap."""
PIECES_KEPT = 64
"""Gaps remembered; the words of older audio have long been recognised."""


class Timeline:
    """Converts positions in the audio that was sent to the call's clock."""

    def __init__(self) -> None:
        self._starts_ms: list[float] = []  # position in the audio where each piece begins
        self._offsets_ms: list[float] = []  # call's clock minus position, for each piece
        self._sent_ms = 0.0

    @property
    def sent_ms(self) -> float:
        """How much audio was sent."""
        return self._sent_ms

    def add(self, length_ms: float, at_ms: float) -> None:
        """Note a frame.

        Args:
            length_ms: how long it is.
            at_ms: the call's clock when it was there, that is at its end at the earliest.
        """
        offset_ms = at_ms - length_ms - self._sent_ms
        if not self._offsets_ms or offset_ms > self._offsets_ms[-1] + JUMP_MS:
            self._begin(offset_ms)
        elif offset_ms < self._offsets_ms[-1]:
            # Nothing is heard before what came earlier: a late frame after a busy spell was no gap.
            floor_ms = self._offsets_ms[-2] if len(self._offsets_ms) > 1 else offset_ms
            self._offsets_ms[-1] = max(offset_ms, floor_ms)
        self._sent_ms += length_ms

    def skip(self, length_ms: float) -> None:
        """Note that so much audio is left out here."""
        if length_ms > 0 and self._offsets_ms:
            self._begin(self._offsets_ms[-1] + length_ms)

    def call_ms(self, position_ms: float) -> int:
        """Return the call's clock for a position in the audio that was sent."""
        if not self._starts_ms:
            return max(0, round(position_ms))
        index = max(0, bisect_right(self._starts_ms, position_ms) - 1)
        return max(0, round(position_ms + self._offsets_ms[index]))

    def _begin(self, offset_ms: float) -> None:
        self._starts_ms.append(self._sent_ms)
        self._offsets_ms.append(offset_ms)
        if len(self._starts_ms) > PIECES_KEPT:
            del self._starts_ms[0], self._offsets_ms[0]
