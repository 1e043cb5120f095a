"""One call's trace file, written by a thread of its own behind a bounded queue.

The queue's rule: when it is full the newest line is lost and counted. A slow or full disk
costs trace lines, never a nudge.
"""

import asyncio
import json
import logging
import queue
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self, TextIO

from coach.adapters.trace.lines import SPEECH_TYPES, Line, event_line, job_line, output_line
from coach.domain.events import Event
from coach.domain.job import Job
from coach.domain.outputs import Output

QUEUE_LIMIT = 2_000
"""Lines that may wait for the disk."""
_CLOSE_SECONDS = 5.0
_POLL_SECONDS = 0.5  # how soon an erasure starts when no line comes after it

_log = logging.getLogger(__name__)


class TraceFile:
    """Writes a trace. Every method but `aclose` returns at once."""

    def __init__(self, path: Path, job: Job, run: str, queue_limit: int = QUEUE_LIMIT) -> None:
        """Begin a file at `path` with the call's line; see `open` for the usual way."""
        self._path, self._call_id, self._run = path, job.call_id, run
        self._queue: queue.Queue[tuple[int, Line]] = queue.Queue(queue_limit)
        self._sequence = 0
        self._erase_before = 0  # speech in lines numbered below this must not stay
        self._erased_before = 0
        self._lost = 0
        self._is_closing = threading.Event()
        self._put(job_line(job, run))
        self._thread = threading.Thread(target=self._write, name="coach.trace", daemon=True)
        self._thread.start()

    @classmethod
    def open(cls, folder: Path, call_id: str, run: str, job: Job) -> Self:
        """Begin the trace of a call in a folder, which is made with the first line if need be.

        A folder that cannot be made costs the trace, which is logged once, and no call.
        """
        return cls(folder / f"{call_id}.{run}.jsonl", job, run)

    @property
    def lost_count(self) -> int:
        """Lines lost to a slow or full disk."""
        return self._lost

    def event(self, at_ms: int, event: Event) -> None:
        """Keep an input line."""
        self._put(event_line(at_ms, event, f"{self._call_id}.{self._run}/"))

    def output(self, at_ms: int, output: Output, spent_us: int) -> None:
        """Keep an output line."""
        line = output_line(at_ms, output, spent_us, self._run, self._call_id)
        if line is not None:
            self._put(line)

    def erase(self) -> None:
        """Remove what was heard and said so far, in the file and on the way to it."""
        self._erase_before = self._sequence

    async def aclose(self, meters: Mapping[str, int]) -> None:
        """Write the last line and close. Safe to call twice."""
        if self._is_closing.is_set():
            return
        self._put({"type": "meters", **meters, "lost_lines": self._lost})
        self._is_closing.set()
        await asyncio.to_thread(self._thread.join, _CLOSE_SECONDS)

    def _put(self, line: Line) -> None:
        try:
            self._queue.put_nowait((self._sequence, line))
        except queue.Full:
            self._lost += 1
        self._sequence += 1

    # -- the writer's thread --------------------------------------------------------------------

    def _write(self) -> None:
        file: TextIO | None = None
        while not (self._is_closing.is_set() and self._queue.empty() and not self._must_erase):
            try:
                sequence, line = self._queue.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                sequence, line = -1, None
            if self._must_erase:  # before the line is added: it may be newer than the erasure
                file = self._rewrite(file)
            if line is None or (sequence < self._erase_before and line["type"] in SPEECH_TYPES):
                continue
            file = self._append(file, line)
        if file is not None:
            self._close(file)

    @property
    def _must_erase(self) -> bool:
        return self._erased_before < self._erase_before

    def _close(self, file: TextIO) -> None:
        try:
            file.close()
        except OSError as error:
            self._lose(error)

    def _lose(self, error: Exception) -> None:
        self._lost += 1
        if self._lost == 1:
            _log.warning("trace line lost", extra={"error_type": type(error).__name__})

    def _append(self, file: TextIO | None, line: Line) -> TextIO | None:
        try:
            file = file or self._open_to_append()
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            if self._queue.empty():
                file.flush()
        except (OSError, ValueError) as error:
            self._lose(error)
        return file

    def _open_to_append(self) -> TextIO:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path.touch(mode=0o600, exist_ok=True)
        return self._path.open("a", encoding="utf-8", errors="replace")

    def _rewrite(self, file: TextIO | None) -> TextIO | None:
        """Keep only the lines that hold no speech; a file that does not allow it goes whole.

        Tried again until the disk allows one of the two.
        """
        before = self._erase_before
        try:
            if file is not None:
                self._close(file)
            try:
                _drop_speech(self._path)
            except OSError:
                self._path.unlink(missing_ok=True)
            self._erased_before = before
        except OSError as error:
            _log.error("trace not erased yet", extra={"error_type": type(error).__name__})
            time.sleep(_POLL_SECONDS)  # the writer's own thread
        return None


def _drop_speech(path: Path) -> None:
    """Rewrite a file in its own place: a full disk has no room for a second one."""
    if not path.exists():
        return
    with path.open("r+", encoding="utf-8", errors="replace", newline="\n") as file:
        kept = [text for text in file if _may_stay(text)]
        file.seek(0)
        file.truncate()
        file.writelines(kept)


def _may_stay(text: str) -> bool:
    """Whether a line holds no speech; one that is torn may hold some."""
    try:
        line = json.loads(text)
    except ValueError:
        return False
    return isinstance(line, dict) and line.get("type") not in SPEECH_TYPES
