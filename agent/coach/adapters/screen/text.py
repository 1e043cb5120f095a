"""Reads the words on a picture of the screen, where Tesseract is installed: an optional extra.

Tesseract is Debian's program with Debian's model (packages `tesseract-ocr`, `tesseract-ocr-eng`);
it runs as a process of its own, with one thread and low priority, so it can neither hold up nor
bring down the call, and it is killed at its deadline and with the call.

It was chosen by measuring: seven drawn slides (bullets, a table, error pages and a dialog;
164 words), each compressed as JPEG, one thread, two shared cores:

| reader | 720p, as it is | 1080p, as it is | 1024 wide | processor time, 1080p | memory |
|---|---|---|---|---|---|
| Tesseract 5.3, own process | 161 | 164 | 154 | 0.28 s | 67 MB while it reads |
| Tesseract 5.3 in this process (tesserocr 2.13) | 161 | 164 | 154–162 | 0.11 s | 70 MB for ever |
| RapidOCR 1.4.4 (ONNX, models in its wheel) | 162 | 163 | 164 | 1.5–1.8 s | 760 MB |

RapidOCR reads a little better what is small, and costs six times the time and ten times the
memory. So the brightness of the whole frame is read, not the smaller picture that is sent.
"""

import io
import logging
import os
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from PIL import Image

from coach.adapters.screen.glances import Luma

DEADLINE_SECONDS = 5.0
MAX_CHARACTERS = 4_000
"""Of a page full of text the beginning is enough."""
_PROGRAM = "tesseract"
_LANGUAGE = "eng"
_PAGE = "3"  # finds the layout by itself; reads dialogs and tables in order, too
_WIDEST = 2_560  # a larger picture is read at half its size, still larger than Full HD
_POLITENESS = 10

_log = logging.getLogger(__name__)


class TextReader:
    """Reads one picture at a time, in a thread and a process of its own."""

    def __init__(self, program: str, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        """Bind to a program; see `find` for the usual way."""
        self._program, self._deadline_seconds = program, deadline_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._is_closed = False
        self.thread = ThreadPoolExecutor(1, "coach.screen.text")
        """Where to call `read`."""

    @classmethod
    def find(cls) -> Self | None:
        """Return a reader, or None where Tesseract is not installed."""
        program = shutil.which(_PROGRAM)
        return None if program is None else cls(program)

    def read(self, luma: Luma) -> str | None:
        """Return the words on a picture in reading order, parted by blanks. Blocks.

        None when they could not be read in time.
        """
        step = 2 if luma.shape[1] > _WIDEST else 1
        image = io.BytesIO()
        Image.fromarray(luma[::step, ::step]).save(image, "PPM")
        words = self._run(image.getvalue())
        return None if words is None else " ".join(words.split())[:MAX_CHARACTERS]

    def close(self) -> None:
        """Kill what runs, and read nothing more. Safe to call twice."""
        with self._lock:
            self._is_closed = True
            if self._process is not None:
                self._process.kill()
        self.thread.shutdown(wait=False, cancel_futures=True)

    def _run(self, image: bytes) -> str | None:
        try:
            process = self._begin()
            if process is None:
                return None
            with process:
                try:
                    words, _ = process.communicate(image, timeout=self._deadline_seconds)
                finally:
                    process.kill()
                    self._process = None
        except (OSError, subprocess.SubprocessError) as error:
            _log.warning("screen not read", extra={"error_type": type(error).__name__})
            return None
        return words.decode(errors="replace") if process.returncode == 0 else None

    def _begin(self) -> subprocess.Popen[bytes] | None:
        command = [self._program, "-", "-", "-l", _LANGUAGE, "--psm", _PAGE]
        nice = shutil.which("nice")
        if nice is not None:
            command = [nice, "-n", str(_POLITENESS), *command]
        with self._lock:
            if self._is_closed:
                return None
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", ""), "OMP_THREAD_LIMIT": "1"},
            )
            return self._process
