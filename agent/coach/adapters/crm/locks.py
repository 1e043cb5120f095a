"""Locks between the processes of a machine. They die with whoever holds them.

Waiting is bounded, and done by asking again: a lock that is waited for in the kernel cannot be
given up. Everything here blocks: call it in a thread.
"""

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

_AGAIN_SECONDS = 0.02


@contextlib.contextmanager
def held(file: int, seconds: float) -> Iterator[None]:
    """Hold the lock of an open file.

    Raises:
        TimeoutError: somebody else held it all the time.
    """
    until = time.monotonic() + seconds
    while not _try_lock(file):
        if time.monotonic() >= until:
            raise TimeoutError
        time.sleep(_AGAIN_SECONDS)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


class FileLock:
    """A lock by name, for somebody who may lose patience while a thread still tries to take it."""

    def __init__(self, path: Path) -> None:
        """Begin without touching the disk."""
        self._path = path
        self._file: int | None = None
        self._is_given_up = False
        self._mutex = threading.Lock()

    def take(self) -> bool:
        """Take the lock if it is free. Return whether it is ours.

        Raises:
            OSError: the file cannot be opened.
        """
        with self._mutex:
            if self._file is None and not self._is_given_up:
                flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
                self._file = os.open(self._path, flags, 0o600)
            is_ours = self._file is not None and _try_lock(self._file)
        if self._is_given_up:  # meanwhile, and while we had the mutex: it is for us to close
            self.give_up()
        return is_ours and not self._is_given_up

    def give_up(self) -> None:
        """Let go of the lock, taken or not, for good. Safe to call twice; never waits."""
        self._is_given_up = True
        if self._mutex.acquire(blocking=False):
            try:
                if self._file is not None:
                    os.close(self._file)
                    self._file = None
            finally:
                self._mutex.release()


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
