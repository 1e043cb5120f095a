"""The prospect's page beside a worker that leaks: what the other tests rely on does catch it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.privacy.call import Stage
from acceptance.privacy.stages import leaky_stage
from browser.driving import browser, driving
from browser.meeting import join, meeting_on
from browser.sounds import write_silence
from browser.traces_of_text import hidden_traces
from coach.cli.panel.site import serving
from integration.recogniser import scripted_recogniser
from integration.rooms import close_room, dispatch
from integration.waiting import WAIT_SECONDS

ROOM = "leaky"
HINT = "Give no discount xqkanarileakyhintzz"
_HAS_COME = """(text) => window.__wire().then(({ noted }) =>
  noted.some((n) => n.way === "in" && n.place === "socket" && atob(n.bytes).includes(text)))"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with leaky_stage(tmp_path_factory.mktemp("leaky")) as running:
        yield running


async def test_a_hint_that_is_sent_to_everybody_is_found_in_the_prospects_bytes(
    stage: Stage, chromium: Path, tmp_path: Path
) -> None:
    async def bring_it_in(_: str) -> str:
        await dispatch(stage.livekit, ROOM, "")
        return "leaky"

    async with (
        scripted_recogniser(stage.recogniser_port),
        driving() as driver,
        browser(driver, chromium, "leaky", write_silence(tmp_path / "silence.wav")) as chrome,
        serving(meeting_on(stage.livekit, ROOM), dispatch=bring_it_in) as links,
    ):
        try:
            prospect = await join(await chrome.open(links.prospect), "Dana")
            await join(await chrome.open(links.rep), "Sam")
            # Its metadata is the last that it makes known to everybody.
            await prospect.until(_HAS_COME, "the hint comes", HINT, WAIT_SECONDS)
            wire = await prospect.wire()

            assert hidden_traces(wire.received("channel"), [HINT]) == {HINT}
            assert hidden_traces(wire.received("socket"), [HINT]) == {HINT}
        finally:
            await close_room(stage.livekit, ROOM)
