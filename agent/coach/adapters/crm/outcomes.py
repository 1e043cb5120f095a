"""The embedded store of outcomes: a file for each account, only ever appended to.

A file is named by a hash. A line is on the disk when the writer says so, and calls in other
processes cannot tear it. Everything here blocks: call it in a thread.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coach.adapters.crm.locks import held
from coach.adapters.crm.port import Entry

FOLDER = "outcomes"
MOST_READ = 64 * 1024
"""Bytes, from the file's end: what is older is of no use in a call."""
_LOCK_SECONDS = 2.0


class OutcomeLog:
    """Appends lines and reads the newest ones back."""

    def __init__(self, data: Path) -> None:
        """Begin without touching the disk.

        Args:
            data: the folder of the embedded stores.
        """
        self._folder = data / FOLDER

    def append(self, digest: str, line: dict[str, Any]) -> None:
        """Write a line, for good.

        Raises:
            OSError: it may not have been written; a lock that stays taken is a TimeoutError.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        file = os.open(self._path(digest), flags, 0o600)
        try:
            with held(file, _LOCK_SECONDS):
                _write(file, text if _ends_well(file) else b"\n" + text)
                os.fsync(file)
        finally:
            os.close(file)

    def newest(self, digest: str) -> tuple[Entry, ...]:
        """Return the outcomes of an account as notes; a torn line is left out.

        Raises:
            OSError: they cannot be read.
        """
        try:
            with self._path(digest).open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - MOST_READ))
                lines = file.read(MOST_READ).splitlines()
        except FileNotFoundError:
            return ()
        return tuple(_entries(lines))

    def _path(self, digest: str) -> Path:
        return self._folder / f"{digest}.jsonl"


def _ends_well(file: int) -> bool:
    """Whether the last line is whole: a crash may have torn it, and it must not take ours along."""
    size = os.fstat(file).st_size
    return size == 0 or os.pread(file, 1, size - 1) == b"\n"


def _write(file: int, text: bytes) -> None:
    while text:
        text = text[os.write(file, text) :]


def _entries(lines: list[bytes]) -> Iterator[Entry]:
    for line in lines:
        try:
            value = json.loads(line)
            outcome, next_step = value["outcome"], value["next_step"]
            yield Entry(f"{outcome}. Next: {next_step}" if next_step else outcome, value["at"])
        except (ValueError, TypeError, KeyError):
            continue
