"""How many questions may be under way on this machine at once: a limit across processes.

Each call is a process of its own, so the limit is kept by locks on a row of empty files: whoever
holds the lock of one may ask. A lock dies with its process, so that no crash can use one up.
Workers that share a data folder share the limit. A disk that fails or hangs must not silence the
advisor: then there is no limit, as each call has one question under way at most.
"""

import asyncio
import contextlib
import fcntl
import logging
import os
import random
import threading
from collections.abc import AsyncIterator
from pathlib import Path

from coach.adapters.models.failures import FULL
from coach.application.ports import AdvisorFailed

SLOTS_PER_CORE = 8
FOLDER = "advisor-slots"
TAKE_SECONDS = 0.2
"""For a disk to answer; it is part of the question's time."""

_log = logging.getLogger(__name__)


def default_slot_count() -> int:
    """Return how many questions this machine may have under way."""
    return SLOTS_PER_CORE * (os.cpu_count() or 1)


class Slots:
    """The row of files. Waits for the disk at most, never for a slot."""

    def __init__(self, data: Path, count: int) -> None:
        """Begin without touching the disk.

        Args:
            data: the folder of the embedded stores.
            count: largest number of questions under way, from 1.
        """
        self._folder, self._count = data / FOLDER, count
        self._is_broken = False
        self._hanging: _Slot | None = None  # a thread that did not come back; no second one

    @contextlib.asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Hold a slot. The disk is touched in a thread, for 0.2 s at most.

        Raises:
            AdvisorFailed: none is free.
        """
        slot = _Slot()
        try:
            if self._hanging is None or not self._hanging.is_looking:
                await self._take(slot)
            yield
        finally:
            slot.give_up()

    async def _take(self, slot: "_Slot") -> None:
        try:
            async with asyncio.timeout(TAKE_SECONDS):
                is_free = await asyncio.to_thread(slot.take, self._folder, self._count)
        except OSError as error:  # a timeout is one
            self._tell(error)
            return
        finally:
            self._hanging = slot if slot.is_looking else None
        if not is_free:
            raise AdvisorFailed(FULL)

    def _tell(self, error: OSError) -> None:
        if not self._is_broken:
            self._is_broken = True
            extra = {"error_type": type(error).__name__, "errno": error.errno}
            _log.warning("advisor runs without a limit of questions: no slots", extra=extra)


class _Slot:
    """One place, for somebody who may lose patience while a thread still looks for it."""

    def __init__(self) -> None:
        self.is_looking = False
        """A thread is at it."""
        self._file: int | None = None
        self._is_given_up = False
        self._mutex = threading.Lock()  # held for no longer than an assignment

    def take(self, folder: Path, count: int) -> bool:
        """Take the first that is free, from anywhere in the row. Return whether there is one.

        Raises:
            OSError: the disk failed.
        """
        self.is_looking = True
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            first = random.randrange(count)
            numbers = ((first + offset) % count for offset in range(count))
            return any(self._is_ours(folder / str(number)) for number in numbers)
        finally:
            self.is_looking = False

    def give_up(self) -> None:
        """Let go of it, taken or not, for good. Safe to call twice; never waits."""
        with self._mutex:
            self._is_given_up = True
            file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def _is_ours(self, path: Path) -> bool:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with self._mutex:
                if not self._is_given_up:
                    self._file, file = file, -1
        except BlockingIOError:
            return False
        finally:
            if file >= 0:
                os.close(file)
        return True
