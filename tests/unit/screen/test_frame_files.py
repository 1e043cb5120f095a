"""Frames in memory and on the disk, and their erasure."""

import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from coach.adapters.screen.files import FrameFiles
from coach.adapters.screen.frames import KEPT, Frames


def name(number: int) -> str:
    return f"f-{number:06d}.jpg"


def on_disk(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*")) if folder.exists() else []


def test_the_newest_frames_are_kept_in_memory() -> None:
    frames = Frames()

    for number in range(KEPT + 3):
        frames.put(name(number), bytes([number]))

    assert [frames.get(name(number)) is not None for number in range(KEPT + 3)] == [
        *[False] * 3,
        *[True] * KEPT,
    ]


def test_forgotten_frames_are_gone() -> None:
    frames = Frames()
    frames.put(name(1), b"x")

    frames.forget()

    assert frames.get(name(1)) is None


async def test_frames_are_written_for_their_owner_alone(tmp_path: Path) -> None:
    files = FrameFiles.beside(tmp_path, "c-1", "r7")

    files.save(name(1), b"one")
    files.save(name(2), b"two")
    await files.aclose()

    folder = tmp_path / "c-1.r7"
    assert [(folder / name(n)).read_bytes() for n in (1, 2)] == [b"one", b"two"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / name(1)).stat().st_mode) == 0o600


async def test_without_frames_no_folder_is_made(tmp_path: Path) -> None:
    files = FrameFiles.beside(tmp_path, "c-1", "r7")

    await files.aclose()

    assert on_disk(tmp_path) == []


async def test_an_erasure_removes_the_frames_and_their_folder(tmp_path: Path) -> None:
    files = FrameFiles.beside(tmp_path, "c-1", "r7")
    files.save(name(1), b"one")

    files.erase()
    await files.aclose()

    assert on_disk(tmp_path) == []


async def test_frames_after_an_erasure_stay(tmp_path: Path) -> None:
    files = FrameFiles.beside(tmp_path, "c-1", "r7")
    files.save(name(1), b"one")

    files.erase()
    files.save(name(2), b"two")
    await files.aclose()

    assert on_disk(tmp_path / "c-1.r7") == [name(2)]


async def test_an_erasure_takes_back_the_frame_that_is_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_writing, may_go_on = threading.Event(), threading.Event()

    class Slow(FrameFiles):
        def _put(self, name: str, jpeg: bytes) -> None:
            is_writing.set()
            assert may_go_on.wait(5)
            super()._put(name, jpeg)

    files = Slow(tmp_path / "c-1.r7")
    files.save(name(1), b"one")
    assert is_writing.wait(5)

    files.erase()
    may_go_on.set()
    await files.aclose()

    assert on_disk(tmp_path) == []


async def test_an_erasure_needs_no_frame_after_it(tmp_path: Path) -> None:
    files = FrameFiles(tmp_path / "c-1.r7")
    files.save(name(1), b"one")
    _until(lambda: on_disk(tmp_path / "c-1.r7") == [name(1)])

    files.erase()

    _until(lambda: on_disk(tmp_path) == [])
    await files.aclose()


def _until(is_so: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < ends_at
        time.sleep(0.01)


async def test_what_others_keep_in_the_folder_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "c-1.r7"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    files = FrameFiles(folder)
    files.save(name(1), b"one")

    files.erase()
    await files.aclose()

    assert on_disk(folder) == ["notes.txt"]


async def test_a_full_queue_loses_the_newest_frame_and_counts_it(tmp_path: Path) -> None:
    may_go_on, is_writing = threading.Event(), threading.Event()

    class Stuck(FrameFiles):
        def _put(self, name: str, jpeg: bytes) -> None:
            is_writing.set()
            assert may_go_on.wait(5)
            super()._put(name, jpeg)

    files = Stuck(tmp_path / "c-1.r7", queue_limit=2)
    files.save(name(1), b"x")
    assert is_writing.wait(5)

    for number in range(2, 6):
        files.save(name(number), b"x")
    may_go_on.set()
    await files.aclose()

    assert files.lost_count == 2
    assert on_disk(tmp_path / "c-1.r7") == [name(1), name(2), name(3)]


async def test_a_disk_that_refuses_costs_frames_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "c-1.r7").write_text("a file where the folder should be")
    files = FrameFiles.beside(tmp_path, "c-1", "r7")

    files.save(name(1), b"one")
    await files.aclose()

    assert files.lost_count == 1


@pytest.mark.parametrize("wrong", ["../f-000001.jpg", "f-1.jpg/..", "slide.jpg", ""])
async def test_only_frames_names_become_paths(tmp_path: Path, wrong: str) -> None:
    files = FrameFiles(tmp_path / "c-1.r7")

    with pytest.raises(ValueError, match="not a frame's name"):
        files.save(wrong, b"one")

    await files.aclose()
