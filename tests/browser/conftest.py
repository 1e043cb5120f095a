"""What the tests of this folder share: the browser, and a worker whose recogniser is scripted."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from acceptance.privacy.playbook import write_playbook
from browser.find_browser import VARIABLE, find_browser
from browser.meeting import Backbone, OpenScene, scene
from coach.cli.ports import free_port
from integration.livekit_server import running_livekit
from integration.recogniser import ScriptedRecogniser, listen_url, scripted_recogniser
from integration.worker_process import running_worker


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Return Chromium's path; without one these tests fail, unless they were left out by name."""
    found = find_browser()
    if found is None:
        pytest.skip(f"left out by {VARIABLE}=none")
    return found


@pytest.fixture(scope="session")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backbone]:
    folder = tmp_path_factory.mktemp("scripted")
    write_playbook(folder / "playbook")
    port = free_port()
    environment = {
        "COACH_PLAYBOOK": str(folder / "playbook"),
        "COACH_STT_BASE_URL": listen_url(port),
    }
    with (
        running_livekit(folder) as livekit,
        running_worker(folder, livekit, environment) as worker,
    ):
        yield Backbone(livekit, worker, port)


@pytest.fixture
async def recogniser(backbone: Backbone) -> AsyncIterator[ScriptedRecogniser]:
    async with scripted_recogniser(backbone.recogniser_port) as running:
        yield running


@pytest.fixture
def open_scene(
    backbone: Backbone, recogniser: ScriptedRecogniser, chromium: Path, tmp_path: Path
) -> OpenScene:
    """Return what opens a meeting in a room of a name, with a buyer in it who hums."""
    return lambda room: scene(backbone.livekit, recogniser, chromium, tmp_path, room)
