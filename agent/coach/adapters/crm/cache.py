"""Dossiers on this machine's disk, for the calls of the next hour: a file for each account.

Calls are processes of their own, so a memory is of no use. Files are named by hashes. A file that
is too old, torn or strange counts as none. The cache may fail: then every call asks the CRM.
Everything here blocks: call it in a thread.
"""

import json
import logging
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from coach.adapters.crm.locks import FileLock
from coach.adapters.crm.port import Dossier

FOLDER = "dossiers"
KEPT_SECONDS = 3_600
UNKNOWN_KEPT_SECONDS = 600
"""That a CRM has no such account is believed for less long: somebody may just be adding it."""
MOST_FILES = 1_000
_MOST_BYTES = 16 * 1024
_LOCK_COUNT = 256  # two accounts that share one wait for each other, and no more
_TORN_SECONDS = 60

_log = logging.getLogger(__name__)


class DossierCache:
    """The files of one data folder. Never raises."""

    def __init__(self, data: Path, now: Callable[[], float] = time.time) -> None:
        """Begin without touching the disk.

        Args:
            data: the folder of the embedded stores.
            now: wall time in seconds since 1970: files outlive processes.
        """
        self._data, self._folder, self._now = data, data / FOLDER, now

    def read(self, digest: str) -> Dossier | None:
        """Return a dossier; None: ask the CRM."""
        try:
            with self._path(digest).open("rb") as file:
                value = json.loads(file.read(_MOST_BYTES))
            text, age = value["text"], self._now() - value["at"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            _tell("unreadable", error)
            return None
        if not isinstance(text, str):
            return None
        kept = KEPT_SECONDS if text else UNKNOWN_KEPT_SECONDS
        return Dossier(text) if 0 <= age < kept else None

    def write(self, digest: str, dossier: Dossier) -> None:
        """Keep a dossier, whole or not at all, and drop what is too old or too much."""
        now = self._now()
        line = json.dumps({"v": 1, "at": now, "text": dossier.text})
        try:
            self._make_folder()
            file, name = tempfile.mkstemp(suffix=".tmp", dir=self._folder)  # 0600
            try:
                with os.fdopen(file, "w", encoding="utf-8") as stream:
                    stream.write(line)
                os.utime(name, (now, now))  # what is pruned goes by this
                Path(name).replace(self._path(digest))
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
            self._prune()
        except OSError as error:
            _tell("not written", error)

    def forget(self, digest: str) -> None:
        """Drop a dossier: it is out of date."""
        try:
            self._path(digest).unlink(missing_ok=True)
        except OSError as error:
            _tell("not dropped", error)

    def lock(self, digest: str) -> FileLock | None:
        """Return the lock of whoever asks the CRM about this account; None: the disk fails."""
        try:
            self._make_folder()
        except OSError as error:
            _tell("not locked", error)
            return None
        return FileLock(self._folder / f"{int(digest[:8], 16) % _LOCK_COUNT}.lock")

    def _path(self, digest: str) -> Path:
        return self._folder / f"{digest}.json"

    def _make_folder(self) -> None:
        self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder.mkdir(exist_ok=True, mode=0o700)

    def _prune(self) -> None:
        """Other calls may prune at the same time: what is gone is gone."""
        now, young = self._now(), []
        for path in self._folder.iterdir():
            limit = {".json": KEPT_SECONDS, ".tmp": _TORN_SECONDS}.get(path.suffix)
            if limit is None:
                continue
            try:
                changed = path.stat().st_mtime
            except FileNotFoundError:
                continue
            if now - changed >= limit:
                path.unlink(missing_ok=True)
            elif path.suffix == ".json":
                young.append((changed, path))
        for _, path in sorted(young)[: max(0, len(young) - MOST_FILES)]:
            path.unlink(missing_ok=True)


def _tell(what: str, error: Exception) -> None:
    _log.warning("dossier cache failed", extra={"what": what, "error_type": type(error).__name__})
