"""Waiting in tests: for a condition, with a deadline; never a blind sleep."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

WAIT_SECONDS = 15.0
POLL_SECONDS = 0.01

T = TypeVar("T")


async def eventually(check: Callable[[], T | None], what: str, seconds: float = WAIT_SECONDS) -> T:
    """Return the first true result of `check`; fail, naming what was waited for, if none comes."""
    deadline = time.monotonic() + seconds
    while not (result := check()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        await asyncio.sleep(POLL_SECONDS)
    return result


async def never(check: Callable[[], object], what: str, seconds: float) -> None:
    """Fail as soon as `check` is true within so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert not check(), what
        await asyncio.sleep(POLL_SECONDS)
