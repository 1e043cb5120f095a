"""What each figure is handed: sizes, a folder of its own, and a line to show progress on."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


class Bench:
    """The run of one figure."""

    def __init__(self, folder: Path, *, is_quick: bool, show: Callable[[str], None]) -> None:
        self.folder = folder
        self.is_quick = is_quick
        self.say = show

    def pick(self, full: T, quick: T) -> T:
        """Return the size for this run."""
        return quick if self.is_quick else full

    async def count_down(self, seconds: float, what: str) -> None:
        """Wait, saying what for and how long."""
        ends_at = time.monotonic() + seconds
        while (left := ends_at - time.monotonic()) > 0:
            self.say(f"{what} … {left:.0f} s")
            await asyncio.sleep(min(1.0, left))
