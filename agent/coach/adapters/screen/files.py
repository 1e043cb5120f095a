"""A call's frames beside its trace, written by a thread of its own behind a bounded queue.

When the queue is full the newest frame is lost and counted: a slow disk costs pictures, never a
nudge. An erasure takes back every frame that was saved before it, also one that is being
written at that moment: one thread does both, one after the other.
"""

import asyncio
import contextlib
import logging
import os
import queue
import re
import threading
import time
from pathlib import Path
from typing import Self

QUEUE_LIMIT = 32
"""Frames that may wait for the disk."""
_CLOSE_SECONDS = 5.0
_POLL_SECONDS = 0.5  # between two tries at a disk that does not allow an erasure
_NOTHING = (-1, "", b"")  # wakes the thread up
_NAME = re.compile(r"f-\d{1,9}\.jpg")

_log = logging.getLogger(__name__)


class FrameFiles:
    """Writes frames into one folder. Every method but `aclose` returns at once."""

    def __init__(self, folder: Path, queue_limit: int = QUEUE_LIMIT) -> None:
        """Write into a folder that is made, for its owner alone, with the first frame."""
        self._folder = folder
        self._queue: queue.Queue[tuple[int, str, bytes]] = queue.Queue(queue_limit)
        self._sequence = 0
        self._erase_before = 0  # frames numbered below this must not stay
        self._erased_before = 0
        self._lost = 0
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._write, name="coach.frames", daemon=True)
        self._thread.start()

    @classmethod
    def beside(cls, traces: Path, call_id: str, run: str) -> Self:
        """Return the frames of a call whose trace is written into a folder."""
        return cls(traces / f"{call_id}.{run}")

    @property
    def lost_count(self) -> int:
        """Frames lost to a slow or full disk."""
        return self._lost

    def save(self, name: str, jpeg: bytes) -> None:
        """Keep a frame.

        Raises:
            ValueError: the name is not that of a frame.
        """
        if not _NAME.fullmatch(name):
            raise ValueError("not a frame's name")
        try:
            self._queue.put_nowait((self._sequence, name, jpeg))
        except queue.Full:
            self._lost += 1
        self._sequence += 1

    def erase(self) -> None:
        """Remove every frame saved so far, on the disk and on the way to it."""
        self._erase_before = self._sequence
        self._wake()

    async def aclose(self) -> None:
        """Write what waits, erase what must go, and end. Safe to call twice."""
        self._is_closing.set()
        self._wake()
        await asyncio.to_thread(self._thread.join, _CLOSE_SECONDS)

    def _wake(self) -> None:
        with contextlib.suppress(queue.Full):  # then the thread is not waiting
            self._queue.put_nowait(_NOTHING)

    # -- the writer's thread --------------------------------------------------------------------

    def _write(self) -> None:
        while not (self._is_closing.is_set() and self._queue.empty() and not self._must_erase):
            try:
                sequence, name, jpeg = self._queue.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                sequence, name, jpeg = _NOTHING
            if self._must_erase:  # before the frame is written: it may be newer than the erasure
                self._remove_all()
            if sequence >= self._erase_before and name:
                self._put(name, jpeg)

    @property
    def _must_erase(self) -> bool:
        return self._erased_before < self._erase_before

    def _put(self, name: str, jpeg: bytes) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(file, "wb") as out:
                out.write(jpeg)
        except OSError as error:
            self._lost += 1
            if self._lost == 1:
                _log.warning("frame lost", extra={"error_type": type(error).__name__})

    def _remove_all(self) -> None:
        """Empty the folder; tried again until the disk allows it."""
        before = self._erase_before
        try:
            for path in list(self._folder.glob("f-*.jpg")):
                path.unlink(missing_ok=True)
            self._erased_before = before
        except OSError as error:
            _log.error("frames not erased yet", extra={"error_type": type(error).__name__})
            time.sleep(_POLL_SECONDS)  # the writer's own thread
        with contextlib.suppress(OSError):  # never made, or not empty: others may keep files there
            self._folder.rmdir()
