"""A call's clock that shows the virtual time of the running loop."""

import asyncio


class LoopClock:
    """Implements `Clock`: 0 when it is made, then whatever the loop's time says."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._zero = self._loop.time()

    def now_ms(self) -> int:
        return round((self._loop.time() - self._zero) * 1000)


class HandClock:
    """Implements `Clock`: shows what the test sets."""

    def __init__(self, at_ms: int = 0) -> None:
        self.at_ms = at_ms

    def now_ms(self) -> int:
        return self.at_ms
