"""The call's clock: whole milliseconds since the job's entrypoint began."""

import time


class CallClock:
    """Starts at 0 when it is made. Monotonic, so it never goes back."""

    def __init__(self) -> None:
        self._zero_ns = time.monotonic_ns()

    def now_ms(self) -> int:
        """Return whole milliseconds since the clock was made."""
        return (time.monotonic_ns() - self._zero_ns) // 1_000_000
