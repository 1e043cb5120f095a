"""The sample meeting of a test: its page as the rep and as the prospect, and who else is there."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livekit import api
from livekit.protocol.models import ParticipantInfo

from browser.driving import Browser, Page, browser, driving
from browser.rep_panel import RepPanel
from browser.sounds import write_silence
from coach.cli.demo import processes
from coach.cli.panel.endpoints import Meeting
from coach.cli.panel.site import Links, serving
from integration.livekit_server import LiveKit
from integration.people import PROSPECT_HZ, joined
from integration.recogniser import ScriptedRecogniser, Stream
from integration.rooms import AGENT_NAME, close_room
from integration.waiting import eventually
from integration.worker_process import Worker

IN_CALL = "() => !document.getElementById('meeting').hidden"
BUYER = "buyer-1"


@dataclass(frozen=True)
class Backbone:
    """A server, and a worker whose playbook holds nothing but canaries."""

    livekit: LiveKit
    worker: Worker
    recogniser_port: int


def meeting_on(livekit: LiveKit, room: str) -> Meeting:
    """Make a meeting on a test's server."""
    server = processes.LiveKit(livekit.url, livekit.key, livekit.secret)
    return Meeting.fresh(server, room, AGENT_NAME)


async def join(page: Page, name: str, *, with_microphone: bool = False) -> Page:
    """Join by the lobby's form, as people do."""
    await page.order("fill", selector="#name", text=name)
    if not with_microphone:
        await page.click("#with-microphone")
    await page.click("#join-button")
    await page.until(IN_CALL, f"{name} is in the call")
    return page


@dataclass(slots=True)
class Scene:
    """A meeting that is served, a browser for its pages, and a buyer whose words are scripted.

    Only the buyer has an open microphone, so there is one stream to the recogniser.
    """

    livekit: LiveKit
    room: str
    links: Links
    browser: Browser
    recogniser: ScriptedRecogniser

    async def rep(self, **options: Any) -> tuple[Page, RepPanel]:
        """Join as the rep."""
        page = await self.browser.open(self.links.rep, **options)
        return page, await self.join_as_rep(page)

    async def join_as_rep(self, page: Page) -> RepPanel:
        """Join on a page that shows the rep's lobby."""
        return self.panel(await join(page, "Sam"))

    def panel(self, page: Page) -> RepPanel:
        """Return the panel of a page."""
        return RepPanel(page)

    async def coached_rep(self) -> tuple[Page, RepPanel]:
        """Join as the rep and grant consent."""
        page, panel = await self.rep()
        await panel.until("waiting_for_consent")
        await panel.do("granted")
        await panel.until("listening")
        return page, panel

    async def prospect(self) -> Page:
        """Join as the prospect, who listens."""
        return await join(await self.browser.open(self.links.prospect), "Dana")

    async def buyer_says(self, words: str) -> None:
        """Have the recogniser hear the buyer say something."""
        streams = self.recogniser.streams

        def find() -> Stream | None:
            return next((stream for stream in reversed(streams) if stream.is_fed), None)

        fed = await eventually(find, "the coach hears the buyer")
        await fed.say(words, is_final=True)

    async def agents(self) -> list[str]:
        """Return the identities of the agents that the server has in the room."""
        async with self.livekit.api() as server:
            request = api.ListParticipantsRequest(room=self.room)
            people = (await server.room.list_participants(request)).participants
        return [p.identity for p in people if p.kind == ParticipantInfo.Kind.AGENT]


OpenScene = Callable[[str], contextlib.AbstractAsyncContextManager[Scene]]
"""Opens a meeting in a room of a name."""


@contextlib.asynccontextmanager
async def scene(
    livekit: LiveKit, recogniser: ScriptedRecogniser, executable: Path, folder: Path, room: str
) -> AsyncIterator[Scene]:
    """Serve a meeting, with a buyer in it, and run a browser until the block ends."""
    silence = write_silence(folder / "silence.wav")
    async with (
        driving() as driver,
        browser(driver, executable, room, silence) as chromium,
        serving(meeting_on(livekit, room)) as links,
        joined(livekit, BUYER, room) as buyer,
    ):
        await buyer.publish_microphone(PROSPECT_HZ)
        try:
            yield Scene(livekit, room, links, chromium, recogniser)
        finally:
            await close_room(livekit, room)
