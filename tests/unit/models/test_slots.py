"""The machine's limit of questions, on a disk that works, fails or hangs."""

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coach.adapters.models.slots import FOLDER, Slots
from coach.application.ports import AdvisorFailed
from integration.waiting import eventually


class Disk:
    """Opens files when it is told to, and remembers in which threads it was asked to."""

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.threads: list[threading.Thread] = []
        self._open = os.open

    def open(self, path: Any, *args: Any) -> int:
        if FOLDER not in str(path):
            return self._open(path, *args)
        self.threads.append(threading.current_thread())
        assert self.may_answer.wait(10)
        return self._open(path, *args)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    disk = Disk()
    monkeypatch.setattr(os, "open", disk.open)
    yield disk
    disk.may_answer.set()


async def is_full(data: Path) -> bool:
    try:
        async with Slots(data, 1).taken():
            return False
    except AdvisorFailed as failed:
        assert failed.code == "full"
        return True


async def test_no_file_is_touched_on_the_loop_s_thread(disk: Disk, tmp_path: Path) -> None:
    disk.may_answer.set()

    async with Slots(tmp_path, 3).taken():
        pass

    assert disk.threads
    assert threading.current_thread() not in disk.threads


async def test_so_many_have_a_place_and_one_more_has_none(tmp_path: Path) -> None:
    slots = Slots(tmp_path, 2)

    async with slots.taken(), slots.taken():
        with pytest.raises(AdvisorFailed, match="full"):
            async with slots.taken():
                pass

    async with slots.taken(), slots.taken():
        pass


async def test_a_disk_that_hangs_costs_a_moment_and_one_thread(
    disk: Disk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    slots, loop = Slots(tmp_path, 1), asyncio.get_running_loop()
    began_at = loop.time()

    for _ in range(3):
        async with asyncio.timeout(2.0), slots.taken():
            pass
    disk.may_answer.set()

    assert loop.time() - began_at < 1.0, "only the first one waited"
    assert len(disk.threads) == 1
    assert len(caplog.records) == 1


async def test_a_place_that_is_found_too_late_is_free_again(disk: Disk, tmp_path: Path) -> None:
    slots = Slots(tmp_path, 1)
    disk.may_answer.set()
    async with slots.taken():
        pass
    disk.may_answer.clear()
    waiting = asyncio.create_task(_hold(Slots(tmp_path, 1)))
    await eventually(lambda: len(disk.threads) == 2, "the second one's thread opens a file")
    waiting.cancel()
    await asyncio.wait({waiting})

    disk.may_answer.set()
    for _ in range(500):
        if not await is_full(tmp_path):
            return
        await asyncio.sleep(0.01)

    pytest.fail("the thread has kept what nobody wanted any more")


async def test_a_disk_that_fails_is_no_limit(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    slots = Slots(tmp_path / "data", 1)

    async with slots.taken(), slots.taken():
        pass


async def _hold(slots: Slots) -> None:
    async with slots.taken():
        await asyncio.sleep(10)
