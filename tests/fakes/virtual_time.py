"""An event loop whose clock jumps to the next timer, so that minutes of a call take no time."""

import asyncio
import functools
import selectors
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec

P = ParamSpec("P")

_STUCK_SECONDS = 10.0  # real time that nothing but a thread may take


class _JumpingSelector(selectors.DefaultSelector):
    """Never waits for a timer: it moves the clock there instead."""

    now_seconds = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:  # only a thread can wake the loop now
            ready: list[tuple[selectors.SelectorKey, int]] = super().select(_STUCK_SECONDS)
            if not ready:
                raise RuntimeError("nothing will ever happen: every task waits for another")
            return ready
        ready = super().select(0)
        if not ready and timeout > 0:
            self.now_seconds += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Runs timers in order and at once; `time` is 0 when it is made."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_seconds

    async def shutdown_default_executor(  # the name is that of the base class
        self,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> None:
        """Wait for threads without a limit: it would be over at once on this clock."""
        del timeout  # Python 3.13 sets one
        await super().shutdown_default_executor()


def in_virtual_time(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Make an async test run on a loop of virtual time, and fail if it leaves a task behind."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(debug=True, loop_factory=VirtualTimeLoop) as runner:
            runner.run(_alone(test(*args, **kwargs)))

    return run


async def _alone(test: Awaitable[None]) -> None:
    await test
    left: set[asyncio.Task[Any]] = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, f"tasks left behind: {sorted(task.get_name() for task in left)}"
