"""Whose microphones are heard, and for how long they have been."""


class Listening:
    """The identities that are heard now, and the meter of recognised time."""

    def __init__(self) -> None:
        self.identities: frozenset[str] = frozenset()
        self._past_ms = 0
        self._since_ms = 0

    def change(self, identities: frozenset[str], at_ms: int) -> frozenset[str] | None:
        """Hear exactly these. Return who is no longer heard, or None when nothing changes."""
        if identities == self.identities:
            return None
        self._past_ms, self._since_ms = self.recognised_ms(at_ms), at_ms
        gone, self.identities = self.identities - identities, identities
        return gone

    def recognised_ms(self, at_ms: int) -> int:
        """Return how long participants have been heard, summed over them."""
        return self._past_ms + len(self.identities) * max(0, at_ms - self._since_ms)
