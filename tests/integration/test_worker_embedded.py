"""The embedded recogniser as the worker runs it: started, heard, killed, found again."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest

from coach.adapters.speech.liveness import PING_AFTER_SECONDS
from integration.livekit_server import LiveKit, running_livekit
from integration.people import PROSPECT_HZ, joined
from integration.rep_panel import RepPanel
from integration.rooms import close_room, dispatch, metadata
from integration.waiting import eventually, never
from integration.worker_process import Worker, running_worker

# The SDK drops some handles of a client twice when it leaves a room; only tests notice.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FfiHandle")


NOTICED_SECONDS = 1.5 * PING_AFTER_SECONDS


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


async def test_a_recogniser_that_is_stopped_and_goes_on_is_told_to_the_rep_and_found_again(
    backbone: Backbone,
) -> None:
    """Its kernel still accepts connections and audio, so only silence tells."""
    livekit = backbone.livekit
    async with joined(livekit, "rep-1", "still") as rep, joined(livekit, "b", "still") as buyer:
        panel = RepPanel().register(rep)
        await buyer.publish_microphone(PROSPECT_HZ)
        await dispatch(livekit, "still", metadata())
        recogniser = await eventually(backbone.recogniser, "the recogniser runs", 30)
        try:
            await eventually(lambda: panel.status.get("state") == "listening", "listening")
            await eventually(lambda: len(recogniser.children(recursive=True)) > 1, "a decoder")
            await never(lambda: panel.status["state"] == "degraded", "failed by itself", 1.0)

            recogniser.suspend()
            await eventually(
                lambda: panel.status.get("state") == "degraded", "degraded", NOTICED_SECONDS + 3
            )
            assert "stt_down" in panel.status["reasons"]

            recogniser.resume()
            await eventually(
                lambda: panel.status.get("state") == "listening", "listening again", 30
            )
            assert recogniser.is_running()
        finally:
            recogniser.resume()
            await close_room(livekit, "still")


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
