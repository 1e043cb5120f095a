"""Ctrl-C, a closed terminal and SIGTERM end a demo in the same way: nothing may stay behind."""

import contextlib
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

_HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class Stop:
    """Whether somebody wants the demo to stop."""

    number: int | None = None
    """The first signal that said so."""

    @property
    def exit_code(self) -> int:
        """What a shell expects of a process that a signal stopped."""
        return 128 + (self.number or signal.SIGINT)


@contextlib.contextmanager
def stopping(hurry: Callable[[], None]) -> Iterator[Stop]:
    """Turn the first signal to stop into `KeyboardInterrupt`.

    Later ones raise nothing, or they could skip what the first has set going (a closing terminal
    sends two); they only hurry. A signal that the caller ignores (nohup) stays ignored.

    Args:
        hurry: called by every further signal.
    """
    stop = Stop()

    def handle(number: int, _: FrameType | None) -> None:
        if stop.number is not None:
            hurry()
            return
        stop.number = number
        raise KeyboardInterrupt

    wanted = [number for number in _HANDLED if signal.getsignal(number) != signal.SIG_IGN]
    earlier = {number: signal.signal(number, handle) for number in wanted}
    try:
        yield stop
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
