"""The rep's screen share on a real server: what is seen, and what must never be."""

import asyncio
import contextlib
import io
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from livekit import rtc
from PIL import Image

from coach.adapters.livekit.clock import CallClock
from coach.adapters.livekit.ear import Ear
from coach.adapters.livekit.eye import Eye, Sight
from coach.adapters.livekit.room import RoomAdapter
from coach.adapters.matching import PhraseMatcher
from coach.adapters.playbook.files import load_playbook
from coach.adapters.screen.files import FrameFiles
from coach.adapters.screen.glances import Glance
from coach.adapters.screen.text import TextReader
from coach.domain.events import Event
from coach.domain.job import Job, Rep
from coach.domain.playbook import Speaker
from coach.domain.screen import Look, ScreenSampled, read_on_screen
from coach.domain.slides import NEW_SLIDE, Slides
from integration.livekit_server import LiveKit, running_livekit
from integration.people import Person
from integration.screens import SharedScreen, joined_blind
from integration.waiting import eventually, never
from unit.screen.frames import frame
from unit.screen.pictures import FULL_HD, HD, Drawn, bullets, deck, error_dialog, table

# The SDK drops some handles of a client twice when it leaves a room; only tests notice.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FfiHandle")

SHIPPED = Path(__file__).parents[2] / "playbook"
AGENDA = bullets("Agenda", "Your goals", "A demonstration", "Questions and next steps")
PRICING = table("Pricing per seat", ("Plan", "Monthly"), ("Starter", "$29"), ("Growth", "$59"))
SECRET = bullets("Our walk-away price", "Board approved", "Not for the other side")


@pytest.fixture(scope="module")
def livekit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveKit]:
    with running_livekit(tmp_path_factory.mktemp("screen")) as livekit:
        yield livekit


@dataclass(slots=True)
class Scene:
    """A room with the rep, a prospect, and the coach's eye in it."""

    livekit: LiveKit
    name: str
    rep: Person
    prospect: Person
    agent: rtc.Room
    adapter: RoomAdapter
    eye: Eye
    folder: Path
    posted: list[Event] = field(default_factory=list)

    @property
    def sampled(self) -> list[ScreenSampled]:
        """What the eye reported."""
        return [event for event in self.posted if isinstance(event, ScreenSampled)]

    @property
    def images(self) -> list[str | None]:
        """The names that were reported, in order."""
        return [event.image for event in self.sampled]

    async def sees(self, drawn: Drawn, count: int) -> bytes:
        """Wait for that many reports, the last of them a frame that shows the slide."""
        await eventually(lambda: len(self.images) >= count, f"{count} reports")
        assert len(self.images) == count, self.images
        jpeg = self.adapter.frame(str(self.images[-1]))
        assert jpeg is not None
        assert _difference(jpeg, drawn) < NEW_SLIDE
        return jpeg


def _difference(jpeg: bytes, drawn: Drawn) -> float:
    seen = np.asarray(Image.open(io.BytesIO(jpeg)).convert("L"))
    return Glance.at(seen).difference(Glance.at(np.asarray(drawn.picture.convert("L"))))


def _deaf(identity: str, speaker: Speaker, track: rtc.Track) -> Ear:
    raise AssertionError("nobody is heard in these tests")


@contextlib.asynccontextmanager
async def scene(
    livekit: LiveKit,
    name: str,
    folder: Path,
    *,
    job: Job | None = None,
    reader: TextReader | None = None,
) -> AsyncIterator[Scene]:
    agent = rtc.Room()
    files = FrameFiles.beside(folder, "c-1", "r7")
    posted: list[Event] = []
    eye = Eye(Sight(CallClock(), posted.append, files, reader))
    adapter = RoomAdapter(agent, job or Job("c-1", Rep("rep-1")))
    async with (
        joined_blind(livekit, "rep-1", name) as rep,
        joined_blind(livekit, "buyer-1", name) as buyer,
    ):
        async with adapter.running(posted.append, _deaf, eye):
            token = livekit.token("agent-1", name, kind="agent", can_publish=False)
            await agent.connect(livekit.url, token, rtc.RoomOptions(auto_subscribe=False))
            adapter.report_present()
            adapter.look(Look(is_talking=True))
            yield Scene(livekit, name, rep, buyer, agent, adapter, eye, folder, posted)
        await agent.disconnect()
    await files.aclose()


async def test_before_it_may_see_nothing_is_subscribed(livekit: LiveKit, tmp_path: Path) -> None:
    async with scene(livekit, "before", tmp_path) as at:
        screen = await SharedScreen.publish(at.rep, AGENDA)
        await never(lambda: screen.is_subscribed, "somebody subscribes before consent", 2.0)
        assert at.images == []

        at.adapter.watch(True)
        await at.sees(AGENDA, 1)

        assert screen.is_subscribed
        await screen.stop()


async def test_slides_are_kept_one_by_one(livekit: LiveKit, tmp_path: Path) -> None:
    async with scene(livekit, "slides", tmp_path) as at:
        at.adapter.watch(True)
        screen = await SharedScreen.publish(at.rep, AGENDA)
        await at.sees(AGENDA, 1)

        screen.show(PRICING)
        jpeg = await at.sees(PRICING, 2)
        await never(lambda: len(at.images) > 2, "a still slide is kept twice", 2.5)

        assert at.sampled[1].change >= NEW_SLIDE
        assert Image.open(io.BytesIO(jpeg)).size == (1024, 576)
        path = tmp_path / "c-1.r7" / str(at.images[1])
        assert await eventually(lambda: path.exists() and path.read_bytes(), "written") == jpeg
        await screen.stop()


async def test_a_share_may_stop_and_start_again(livekit: LiveKit, tmp_path: Path) -> None:
    async with scene(livekit, "restart", tmp_path) as at:
        at.adapter.watch(True)
        first = await SharedScreen.publish(at.rep, AGENDA)
        await at.sees(AGENDA, 1)

        await first.unpublish()
        await eventually(lambda: len(at.images) == 2, "the stop is reported")
        second = await SharedScreen.publish(at.rep, PRICING)
        await at.sees(PRICING, 3)

        assert at.images == ["f-000001.jpg", None, "f-000002.jpg"]
        assert second.publication.sid != first.publication.sid
        await second.stop()


async def test_a_muted_share_shows_nothing_until_it_is_unmuted(
    livekit: LiveKit, tmp_path: Path
) -> None:
    async with scene(livekit, "mute", tmp_path) as at:
        at.adapter.watch(True)
        screen = await SharedScreen.publish(at.rep, AGENDA)
        await at.sees(AGENDA, 1)

        screen.track.mute()
        await eventually(lambda: len(at.images) == 2, "the mute is reported")
        screen.show(SECRET)
        await never(lambda: len(at.images) > 2, "something is kept of a muted share", 2.0)
        screen.show(PRICING)
        screen.track.unmute()
        await at.sees(PRICING, 3)

        assert at.images == ["f-000001.jpg", None, "f-000002.jpg"]
        await screen.stop()


async def test_nobody_elses_screen_and_no_camera_is_subscribed(
    livekit: LiveKit, tmp_path: Path
) -> None:
    async with scene(livekit, "others", tmp_path) as at:
        at.adapter.watch(True)
        theirs = await SharedScreen.publish(at.prospect, SECRET)
        camera = await SharedScreen.publish(at.rep, SECRET, rtc.TrackSource.SOURCE_CAMERA)
        await never(
            lambda: theirs.is_subscribed or camera.is_subscribed, "another's is subscribed", 2.0
        )
        mine = await SharedScreen.publish(at.rep, AGENDA)
        await at.sees(AGENDA, 1)
        later = await SharedScreen.publish(at.prospect, PRICING)
        await mine.unpublish()
        await eventually(lambda: len(at.images) == 2, "the stop is reported")

        shares = (theirs, camera, later)
        await never(lambda: any(s.is_subscribed for s in shares), "another's is subscribed", 2.0)
        assert at.images == ["f-000001.jpg", None]
        for share in shares:
            await share.stop()


async def test_the_first_of_two_shares_is_watched_and_then_the_second(
    livekit: LiveKit, tmp_path: Path
) -> None:
    async with scene(livekit, "two", tmp_path) as at:
        at.adapter.watch(True)
        first = await SharedScreen.publish(at.rep, AGENDA)
        await at.sees(AGENDA, 1)
        second = await SharedScreen.publish(at.rep, PRICING)
        await never(lambda: second.is_subscribed, "two shares are subscribed", 1.5)

        await first.unpublish()
        await at.sees(PRICING, 3)

        assert at.images == ["f-000001.jpg", None, "f-000002.jpg"]
        await second.stop()


async def test_revocation_ends_the_subscription_and_deletes_every_frame(
    livekit: LiveKit, tmp_path: Path
) -> None:
    async with scene(livekit, "revoke", tmp_path) as at:
        at.adapter.watch(True)
        screen = await SharedScreen.publish(at.rep, AGENDA)
        await at.sees(AGENDA, 1)
        path = tmp_path / "c-1.r7" / "f-000001.jpg"
        await eventually(path.exists, "the frame is written")

        at.adapter.watch(False)
        at.adapter.forget_frames()
        screen.show(SECRET)

        assert at.images == ["f-000001.jpg", None]
        assert at.adapter.frame("f-000001.jpg") is None
        await eventually(lambda: not path.parent.exists(), "the files are deleted")
        publications = at.agent.remote_participants["rep-1"].track_publications
        await eventually(
            lambda: all(p.track is None for p in publications.values()), "unsubscribed"
        )
        arrived = at.eye.seen_count
        await never(lambda: at.eye.seen_count > arrived, "frames arrive after revocation", 2.0)
        assert len(at.images) == 2

        at.adapter.watch(True)
        await at.sees(SECRET, 3)
        assert at.images[-1] == "f-000002.jpg"
        await screen.stop()


async def test_a_job_without_screen_share_sees_none(livekit: LiveKit, tmp_path: Path) -> None:
    job = Job("c-1", Rep("rep-1"), screenshare=False)
    async with scene(livekit, "unwanted", tmp_path, job=job) as at:
        at.adapter.watch(True)
        screen = await SharedScreen.publish(at.rep, AGENDA)

        await never(lambda: screen.is_subscribed, "an unwanted share is subscribed", 2.0)

        assert at.images == []
        await screen.stop()


async def test_fine_print_comes_in_full_resolution(livekit: LiveKit, tmp_path: Path) -> None:
    sharp = table("Pricing", ("Plan", "Monthly"), ("Growth", "$59"), size=(1920, 1080))
    async with scene(livekit, "fine", tmp_path) as at:
        at.adapter.watch(True)
        screen = await SharedScreen.publish(at.rep, sharp)
        await at.sees(sharp, 1)

        at.adapter.look(Look(is_talking=True, is_fine_print=True))
        jpeg = await at.sees(sharp, 2)

        assert max(Image.open(io.BytesIO(jpeg)).size) > 1024
        await screen.stop()


async def test_a_share_that_was_there_before_the_coach_is_seen(
    livekit: LiveKit, tmp_path: Path
) -> None:
    async with joined_blind(livekit, "rep-1", "early") as rep:
        screen = await SharedScreen.publish(rep, AGENDA)
        agent, posted = rtc.Room(), list[Event]()
        eye = Eye(Sight(CallClock(), posted.append))
        adapter = RoomAdapter(agent, Job("c-1", Rep("rep-1")))
        async with adapter.running(posted.append, _deaf, eye):
            token = livekit.token("agent-1", "early", kind="agent", can_publish=False)
            await agent.connect(livekit.url, token, rtc.RoomOptions(auto_subscribe=False))
            adapter.report_present()
            adapter.watch(True)

            await eventually(lambda: eye.sampled_count == 1, "a frame is kept")
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("coach.")]
        await agent.disconnect()
        await screen.stop()


@pytest.mark.parametrize(
    "scenario",
    [
        rtc.SimulateScenarioKind.SIMULATE_SIGNAL_RECONNECT,
        rtc.SimulateScenarioKind.SIMULATE_FULL_RECONNECT,
    ],
    ids=["resumed", "full"],
)
async def test_the_share_is_seen_again_after_the_coach_reconnects(
    livekit: LiveKit, tmp_path: Path, scenario: rtc.SimulateScenarioKind.ValueType
) -> None:
    async with scene(livekit, f"reconnect-{scenario}", tmp_path) as at:
        at.adapter.watch(True)
        screen = await SharedScreen.publish(at.rep, AGENDA)
        await at.sees(AGENDA, 1)
        is_back = asyncio.Event()
        at.agent.on("reconnected", is_back.set)

        await at.agent.simulate_scenario(scenario)
        async with asyncio.timeout(15):
            await is_back.wait()
        screen.show(PRICING)

        await eventually(lambda: _newest_shows(at, PRICING), "the next slide is seen")
        await screen.stop()


def _newest_shows(at: Scene, drawn: Drawn) -> bool:
    name = at.images[-1]
    jpeg = None if name is None else at.adapter.frame(name)
    return jpeg is not None and _difference(jpeg, drawn) < NEW_SLIDE


# -- words, where the optional program is installed ---------------------------------------------

needs_tesseract = pytest.mark.skipif(
    shutil.which("tesseract") is None, reason="the optional program `tesseract` is not installed"
)


@needs_tesseract
@pytest.mark.parametrize(("size", "share"), [(HD, 0.95), (FULL_HD, 0.98)])
def test_the_words_of_slides_are_read(size: tuple[int, int], share: float) -> None:
    reader, found, total = TextReader.find(), 0, 0
    assert reader is not None
    for drawn in deck(size):
        words = reader.read(frame(drawn).luma)
        assert words is not None
        read = words.casefold().split()
        total += len(drawn.words)
        found += sum(word.casefold() in read for word in drawn.words)

    assert total == 165
    assert found / total >= share
    reader.close()


@needs_tesseract
async def test_an_error_on_the_shared_screen_is_read_from_the_stream(
    livekit: LiveKit, tmp_path: Path
) -> None:
    """From the rep's pixels to the moment: encoder, server, decoder, reader, phrases."""
    book = load_playbook(SHIPPED)
    moments, on_screen = book.moments.values(), PhraseMatcher.build(read_on_screen(book))
    slides = Slides(moments, on_screen)
    async with scene(livekit, "error", tmp_path, reader=TextReader.find()) as at:
        at.adapter.watch(True)
        screen = await SharedScreen.publish(at.rep, AGENDA)
        await eventually(lambda: [e for e in at.sampled if e.text], "the agenda is read")
        screen.show(error_dialog("Error", "Something went wrong.", "Sign in again"))
        await eventually(lambda: len([e for e in at.sampled if e.text]) > 1, "the error is read")
        await screen.stop()

    found = [moment for n, e in enumerate(at.sampled) for moment in slides.sampled(e, n)]
    assert [seen.moment.id for seen in found] == ["screen_error"]
    assert "went wrong" in (found[0].quote or "")
