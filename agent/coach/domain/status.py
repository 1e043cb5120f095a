"""What the panel's status line says, and when it is said again."""

from dataclasses import replace

from coach.domain.outputs import Status

HEARTBEAT_MS = 30_000
"""A status is sent at least this often (contracts 3)."""


class StatusLine:
    """Sends a status on every change and as a heartbeat, while there is a rep to read it."""

    def __init__(self) -> None:
        self._last: Status | None = None
        self._sent_ms = 0

    def news(self, status: Status, at_ms: int) -> Status | None:
        """Return the status if the rep should be told now; lag alone is no news."""
        last = self._last
        is_same = last is not None and replace(last, lag_ms=0) == replace(status, lag_ms=0)
        if is_same and at_ms - self._sent_ms < HEARTBEAT_MS:
            return None
        self._last, self._sent_ms = status, at_ms
        return status

    def forget(self) -> None:
        """Whoever is told next knows nothing yet."""
        self._last = None

    def due_ms(self) -> int | None:
        """When the heartbeat is due."""
        return None if self._last is None else self._sent_ms + HEARTBEAT_MS
