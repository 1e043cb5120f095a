"""The newest frames of a call, as JPEG in memory, by name."""

from collections import OrderedDict

KEPT = 8
"""Frames that are kept; the oldest makes room."""


class Frames:
    """A bounded store. What is forgotten is gone."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._jpegs: OrderedDict[str, bytes] = OrderedDict()

    def put(self, name: str, jpeg: bytes) -> None:
        """Keep a frame."""
        self._jpegs[name] = jpeg
        while len(self._jpegs) > self._kept:
            self._jpegs.popitem(last=False)

    def get(self, name: str) -> bytes | None:
        """Return a frame, if it is still there."""
        return self._jpegs.get(name)

    def forget(self) -> None:
        """Delete all frames."""
        self._jpegs.clear()
