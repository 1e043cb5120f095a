"""The embedded recogniser as the worker runs it: started, heard, killed, found again."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest

from integration.servers import (
    PROSPECT_HZ,
    LiveKit,
    RepPanel,
    Worker,
    close_room,
    dispatch,
    eventually,
    joined,
    metadata,
    running_livekit,
    running_worker,
)

# The SDK drops some handles of a client twice when it leaves a room; only tests notice.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FfiHandle")


@dataclass(frozen=True)
class Backbone:
    """A worker that was given no recogniser."""

    livekit: LiveKit
    worker: Worker

    def recogniser(self) -> psutil.Process | None:
        """Return the embedded recogniser's process, if it runs."""
        for child in psutil.Process(self.worker.pid).children():
            try:
                if "offline_stt" in child.cmdline():
                    return child
            except psutil.Error:
                continue
        return None


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backbone]:
    folder = tmp_path_factory.mktemp("embedded")
    with running_livekit(folder) as livekit, running_worker(folder, livekit, {}) as worker:
        yield Backbone(livekit, worker)


async def test_a_killed_recogniser_is_told_to_the_rep_restarted_and_found_again(
    backbone: Backbone,
) -> None:
    livekit = backbone.livekit
    async with joined(livekit, "rep-1", "killed") as rep, joined(livekit, "b", "killed") as buyer:
        panel = RepPanel().register(rep)
        await buyer.publish_microphone(PROSPECT_HZ)
        await dispatch(livekit, "killed", metadata())
        try:
            await eventually(lambda: panel.status.get("state") == "listening", "listening")
            first = backbone.recogniser()
            assert first is not None

            first.send_signal(signal.SIGKILL)
            await eventually(lambda: panel.status.get("state") == "degraded", "degraded", 10)
            await eventually(
                lambda: panel.status.get("state") == "listening", "listening again", 30
            )

            second = backbone.recogniser()
            assert second is not None and second.pid != first.pid
            assert backbone.worker.logged("embedded recogniser died")
        finally:
            await close_room(livekit, "killed")


async def test_a_killed_worker_leaves_no_recogniser_behind(backbone: Backbone) -> None:
    """Last in this module: it ends the worker."""
    recogniser = await eventually(backbone.recogniser, "the recogniser runs", 30)

    backbone.worker.process.kill()

    await eventually(lambda: not _is_alive(recogniser), "the recogniser ends too", 10)


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
