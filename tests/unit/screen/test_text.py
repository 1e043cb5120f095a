"""Reading words: with programs that misbehave. The real one is in the integration tests."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from coach.adapters.screen.text import MAX_CHARACTERS, TextReader

BLANK = np.full((720, 1280), 235, np.uint8)


@pytest.fixture
def script(tmp_path: Path) -> Iterator[Path]:
    """A program in Tesseract's place."""
    path = tmp_path / "tesseract"
    path.touch(mode=0o700)
    yield path


def reader(script: Path, body: str, deadline_seconds: float = 5.0) -> TextReader:
    script.write_text(f"#!/bin/sh\n{body}\n")
    return TextReader(str(script), deadline_seconds)


def test_words_come_in_one_line(script: Path) -> None:
    words = reader(script, "cat >/dev/null; printf ' Security \\n\\n  Audit   logs\\n'").read(BLANK)

    assert words == "Security Audit logs"


def test_the_picture_is_handed_over_as_brightness(script: Path) -> None:
    words = reader(script, "head -c 15 | tr '\\n' ' '; cat >/dev/null").read(BLANK)

    assert words == "P5 1280 720 255"


def test_a_very_wide_picture_is_read_at_half_its_size(script: Path) -> None:
    words = reader(script, "head -c 15 | tr '\\n' ' '; cat >/dev/null").read(
        np.zeros((2160, 3840), np.uint8)
    )

    assert words == "P5 1920 1080 25"


def test_a_page_full_of_text_is_cut(script: Path) -> None:
    words = reader(script, "cat >/dev/null; yes word | head -n 9000").read(BLANK)

    assert words is not None
    assert len(words) == MAX_CHARACTERS


def test_a_program_that_fails_reads_nothing(script: Path) -> None:
    assert reader(script, "cat >/dev/null; echo half; exit 1").read(BLANK) is None


def test_a_program_that_is_gone_reads_nothing(tmp_path: Path) -> None:
    assert TextReader(str(tmp_path / "nowhere")).read(BLANK) is None


def test_a_program_that_closes_its_input_early_does_not_break_the_reader(script: Path) -> None:
    assert reader(script, "exec <&-; echo early").read(BLANK) in ("early", None)


def test_a_program_that_hangs_is_killed_at_its_deadline(script: Path, tmp_path: Path) -> None:
    hanging = reader(script, f"echo $$ > {tmp_path}/pid; exec sleep 60", deadline_seconds=0.3)

    words = hanging.read(BLANK)

    assert words is None
    assert not _is_alive(int((tmp_path / "pid").read_text()))


def test_closing_kills_what_runs_and_lets_nothing_begin(script: Path, tmp_path: Path) -> None:
    hanging = reader(script, f"echo $$ > {tmp_path}/pid; exec sleep 60", deadline_seconds=60)
    read: list[str | None] = []
    thread = threading.Thread(target=lambda: read.append(hanging.read(BLANK)))
    thread.start()
    ends_at = time.monotonic() + 5
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < ends_at
        time.sleep(0.01)

    hanging.close()
    thread.join(5)

    assert read == [None]
    assert not _is_alive(int((tmp_path / "pid").read_text()))
    assert hanging.read(BLANK) is None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_without_the_program_there_is_no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    assert TextReader.find() is None
