"""How many questions may be under way on this machine at once: a limit across processes.

Each call is a process of its own, so the limit is kept by locks on a row of empty files: whoever
holds the lock of one may ask. A lock dies with its process, so that no crash can use one up.
Workers that share a data folder share the limit.
"""

import contextlib
import fcntl
import logging
import os
import random
from collections.abc import Iterator
from pathlib import Path

from coach.adapters.models.failures import FULL
from coach.application.ports import AdvisorFailed

SLOTS_PER_CORE = 8
FOLDER = "advisor-slots"

_log = logging.getLogger(__name__)


def default_slot_count() -> int:
    """Return how many questions this machine may have under way."""
    return SLOTS_PER_CORE * (os.cpu_count() or 1)


class Slots:
    """The row of files. Taking a slot never waits."""

    def __init__(self, data: Path, count: int) -> None:
        """Begin without touching the disk.

        Args:
            data: the folder of the embedded stores.
            count: largest number of questions under way, from 1.
        """
        self._folder, self._count = data / FOLDER, count
        self._is_broken = False

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a slot.

        Raises:
            AdvisorFailed: none is free.
        """
        try:
            slot = self._take()
        except OSError as error:
            self._tell(error)
            slot = None  # a full disk must not silence the advisor: one question a call at most
        try:
            yield
        finally:
            if slot is not None:
                os.close(slot)

    def _take(self) -> int:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        first = random.randrange(self._count)
        for offset in range(self._count):
            path = self._folder / str((first + offset) % self._count)
            slot = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(slot)
            except OSError:
                os.close(slot)
                raise
            else:
                return slot
        raise AdvisorFailed(FULL)

    def _tell(self, error: OSError) -> None:
        if not self._is_broken:
            self._is_broken = True
            extra = {"error_type": type(error).__name__, "errno": error.errno}
            _log.warning("advisor runs without a limit of questions: no slots", extra=extra)
