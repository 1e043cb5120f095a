"""The eye on scripted tracks: what it keeps, and that nothing is kept of what may not be seen."""

import asyncio
import io
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Executor, Future
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from livekit import rtc
from PIL import Image

from coach.adapters.livekit.eye import Eye, Sight
from coach.adapters.screen.files import FrameFiles
from coach.adapters.screen.glances import Luma
from coach.adapters.screen.text import TextReader
from coach.domain.screen import Look, ScreenSampled
from fakes.virtual_time import in_virtual_time
from integration.waiting import eventually
from unit.screen.frames import i420
from unit.screen.pictures import Drawn, bullets, table

AGENDA = bullets("Agenda", "Your goals", "A demonstration", "Questions")
PRICING = table("Pricing per seat", ("Plan", "Monthly"), ("Starter", "$29"), ("Growth", "$59"))
TALK = Look(is_talking=True)


def scrolled(number: int) -> Drawn:
    """Return a page of text that has been scrolled by some lines."""
    lines = [f"{'paragraph ' * (1 + 7 * line % 5)}{line}" for line in range(number, number + 6)]
    return bullets(lines[0], *lines[1:])


class Inline(Executor):
    """Works at once, on the caller's thread, so that virtual time stands still meanwhile."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class LoopClock:
    """The loop's virtual time."""

    def now_ms(self) -> int:
        return round(asyncio.get_running_loop().time() * 1_000)


class Share:
    """A track that is shared: a test shows slides on it. Counts its streams."""

    def __init__(self, *, is_broken: bool = False, hangs: bool = False) -> None:
        self._frames: asyncio.Queue[rtc.VideoFrame | None] = asyncio.Queue()
        self._is_broken, self._hangs = is_broken, hangs
        self.opened = self.closed = 0

    @property
    def track(self) -> rtc.Track:
        """What the eye is told to watch."""
        return cast(rtc.Track, self)

    def show(self, drawn: Drawn) -> None:
        """Let a frame arrive."""
        size = drawn.picture.size
        frame = rtc.VideoFrame(*size, rtc.VideoBufferType.I420, i420(drawn))
        self._frames.put_nowait(frame)

    def end(self) -> None:
        """Let the track end."""
        self._frames.put_nowait(None)

    def stream(self) -> "ShareStream":
        """Open it."""
        self.opened += 1
        if self._is_broken:
            raise RuntimeError("no stream")
        return ShareStream(self)


class ShareStream:
    """The frames of a share, as `rtc.VideoStream` gives them."""

    def __init__(self, share: Share) -> None:
        self._share = share

    async def __aiter__(self) -> AsyncIterator[rtc.VideoFrameEvent]:
        while (frame := await self._share._frames.get()) is not None:
            yield rtc.VideoFrameEvent(frame, 0, cast(Any, 0))

    async def aclose(self) -> None:
        """Close; a stream that hangs never does."""
        self._share.closed += 1
        if self._share._hangs:
            await asyncio.Event().wait()


class Words(TextReader):
    """A reader that says what a test has it say, on the eye's own thread."""

    def __init__(self, *words: str | None) -> None:
        super().__init__("unused")
        self.thread.shutdown()
        self.thread = cast(Any, Inline())
        self._words = list(words)
        self.is_closed = False

    def read(self, luma: Luma) -> str | None:
        assert luma.shape == (720, 1280)
        return self._words.pop(0)

    def close(self) -> None:
        self.is_closed = True


class Scene:
    """An eye, and what it posted."""

    def __init__(self, reader: TextReader | None = None, files: FrameFiles | None = None) -> None:
        self.posted: list[ScreenSampled] = []
        sight = Sight(
            clock=LoopClock(),
            post=self.posted.append,
            files=files,
            reader=reader,
            open_stream=lambda track: cast(Share, track).stream(),
        )
        self.eye = Eye(sight, Inline())

    @property
    def images(self) -> list[str | None]:
        """The names that were posted, in order."""
        return [event.image for event in self.posted]


@asynccontextmanager
async def watching(scene: Scene, share: Share) -> AsyncIterator[Scene]:
    async with scene.eye.running():
        scene.eye.look(TALK)
        scene.eye.watch(share.track)
        yield scene


@in_virtual_time
async def test_a_slide_is_kept_once_and_can_be_had_by_its_name() -> None:
    share = Share()
    async with watching(Scene(), share) as scene:
        share.show(AGENDA)
        await asyncio.sleep(60)

        [event] = scene.posted
        assert (event.image, event.change, event.text) == ("f-000001.jpg", 1.0, None)
        assert event.fingerprint > 0
        jpeg = scene.eye.frame("f-000001.jpg")
        assert jpeg is not None and jpeg.startswith(b"\xff\xd8")
        assert scene.eye.frame("f-000002.jpg") is None
        assert (scene.eye.seen_count, scene.eye.sampled_count) == (1, 1)


@in_virtual_time
async def test_another_slide_is_kept_with_its_change() -> None:
    share = Share()
    async with watching(Scene(), share) as scene:
        share.show(AGENDA)
        await asyncio.sleep(10)
        share.show(PRICING)
        await asyncio.sleep(2)

        assert scene.images == ["f-000001.jpg", "f-000002.jpg"]
        assert 0.1 < scene.posted[1].change < 1.0


@in_virtual_time
async def test_frames_in_motion_are_not_kept() -> None:
    share = Share()
    async with watching(Scene(), share) as scene:
        share.show(AGENDA)
        await asyncio.sleep(10)
        for number in range(20):
            share.show(scrolled(number))
            await asyncio.sleep(0.2)
        in_motion = len(scene.posted)
        await asyncio.sleep(2)

        assert in_motion == 1
        assert scene.images == ["f-000001.jpg", "f-000002.jpg"]
        assert scene.eye.seen_count == 21


@in_virtual_time
async def test_a_share_that_stops_is_reported_and_its_frames_are_not_looked_at_any_more() -> None:
    share = Share()
    async with watching(Scene(), share) as scene:
        share.show(AGENDA)
        await asyncio.sleep(10)

        scene.eye.watch(None)
        share.show(PRICING)
        await asyncio.sleep(60)

        assert scene.images == ["f-000001.jpg", None]
        assert share.closed == 1


@in_virtual_time
async def test_a_share_that_comes_back_is_watched_anew() -> None:
    first, second = Share(), Share()
    async with watching(Scene(), first) as scene:
        first.show(AGENDA)
        await asyncio.sleep(10)
        scene.eye.watch(second.track)
        second.show(AGENDA)
        await asyncio.sleep(10)

        assert scene.images == ["f-000001.jpg", None, "f-000002.jpg"]
        assert scene.posted[2].change == 1.0
        assert scene.eye.seen_count == 2


@in_virtual_time
async def test_the_same_track_is_not_begun_anew() -> None:
    share = Share()
    async with watching(Scene(), share) as scene:
        for _ in range(3):
            scene.eye.watch(share.track)
        await asyncio.sleep(1)

        assert share.opened == 1


@in_virtual_time
async def test_a_consumer_that_hangs_is_cancelled() -> None:
    """`VideoStream` leaves its consumer hanging when a track ends, and may hang in `aclose`."""
    share = Share(hangs=True)
    async with watching(Scene(), share) as scene:
        share.show(AGENDA)
        await asyncio.sleep(1)
        scene.eye.watch(None)
        await asyncio.sleep(5)

    assert (share.opened, share.closed) == (1, 1)


@in_virtual_time
async def test_a_track_that_ends_by_itself_is_let_go() -> None:
    share = Share()
    async with watching(Scene(), share) as scene:
        share.show(AGENDA)
        await asyncio.sleep(1)
        share.end()
        await asyncio.sleep(60)
        scene.eye.watch(None)

        assert scene.images == ["f-000001.jpg", None]
    assert (share.opened, share.closed) == (1, 1)


@in_virtual_time
async def test_a_stream_that_fails_is_tried_again_ever_more_rarely() -> None:
    share = Share(is_broken=True)
    async with watching(Scene(), share):
        await asyncio.sleep(60)

    assert 8 <= share.opened <= 18


@in_virtual_time
async def test_a_frame_that_cannot_be_studied_does_not_end_the_watch() -> None:
    share = Share()
    async with watching(Scene(), share) as scene:
        torn = rtc.VideoFrame(1280, 720, rtc.VideoBufferType.I420, b"too short")
        share._frames.put_nowait(torn)
        await asyncio.sleep(3)
        share.show(AGENDA)
        await asyncio.sleep(10)

        assert scene.images == ["f-000001.jpg"]
        assert share.opened == 2


@in_virtual_time
async def test_fine_print_is_kept_in_high_resolution() -> None:
    share = Share()
    async with watching(Scene(), share) as scene:
        share.show(AGENDA)
        await asyncio.sleep(10)
        scene.eye.look(Look(is_talking=True, is_fine_print=True))
        await asyncio.sleep(10)

        coarse, fine = (scene.eye.frame(f"f-00000{n}.jpg") for n in (1, 2))
        assert coarse is not None and fine is not None
        assert _size(coarse) == (1024, 576)
        assert _size(fine) == (1280, 720)
        assert len(scene.posted) == 2


@in_virtual_time
async def test_the_rhythm_of_before_holds_for_the_next_share() -> None:
    first, second = Share(), Share()
    async with watching(Scene(), first) as scene:
        scene.eye.watch(second.track)
        second.show(AGENDA)
        await asyncio.sleep(0.5)
        second.show(PRICING)
        await asyncio.sleep(1.5)

        assert len(scene.images) == 3  # the end of the first share among them


@in_virtual_time
async def test_forgetting_deletes_frames_and_names_are_not_used_again() -> None:
    share = Share()
    async with watching(Scene(), share) as scene:
        share.show(AGENDA)
        await asyncio.sleep(10)
        scene.eye.watch(None)
        scene.eye.forget()
        forgotten = scene.eye.frame("f-000001.jpg")
        scene.eye.watch(share.track)
        share.show(AGENDA)
        await asyncio.sleep(10)

        assert forgotten is None
        assert scene.images == ["f-000001.jpg", None, "f-000002.jpg"]


@in_virtual_time
async def test_the_end_forgets_what_is_in_memory() -> None:
    share = Share()
    async with watching(Scene(), share) as scene:
        share.show(AGENDA)
        await asyncio.sleep(10)

    assert scene.eye.frame("f-000001.jpg") is None


# -- words --------------------------------------------------------------------------------------


@in_virtual_time
async def test_words_follow_their_frame() -> None:
    share = Share()
    reader = Words("Agenda Your goals")
    async with watching(Scene(reader), share) as scene:
        share.show(AGENDA)
        await asyncio.sleep(10)

        seen, read = scene.posted
        assert read == ScreenSampled(seen.image, seen.fingerprint, 0.0, "Agenda Your goals")
    assert reader.is_closed


@in_virtual_time
async def test_words_that_could_not_be_read_are_not_reported() -> None:
    share = Share()
    async with watching(Scene(Words(None)), share) as scene:
        share.show(AGENDA)
        await asyncio.sleep(10)

        assert scene.images == ["f-000001.jpg"]


@in_virtual_time
async def test_only_the_newest_frame_is_read_and_not_too_often() -> None:
    share = Share()
    async with watching(Scene(Words("first", "newest")), share) as scene:
        for drawn in (AGENDA, PRICING, AGENDA):
            share.show(drawn)
            await asyncio.sleep(1.6)
        await asyncio.sleep(20)

        read = [(event.image, event.text) for event in scene.posted if event.text]
        assert read == [("f-000001.jpg", "first"), ("f-000003.jpg", "newest")]


def test_words_that_come_after_the_share_was_forgotten_are_not_reported() -> None:
    """The reader works in a thread: revocation cannot wait for it, nor may it speak after."""

    async def run() -> None:
        may_end, has_begun = threading.Event(), threading.Event()

        class Slow(TextReader):
            def read(self, luma: Luma) -> str | None:
                has_begun.set()
                assert may_end.wait(5)
                return "what stood there"

        share, scene = Share(), Scene(Slow("unused"))
        async with watching(scene, share):
            share.show(AGENDA)
            await asyncio.to_thread(has_begun.wait, 5)
            scene.eye.watch(None)
            scene.eye.forget()
            may_end.set()
            await asyncio.sleep(0.1)

            assert scene.images == ["f-000001.jpg", None]

    asyncio.run(run())


def test_a_frame_that_is_being_studied_when_all_is_forgotten_is_not_kept() -> None:
    """Forgetting cannot wait for the thread, and what the thread then returns must go nowhere."""

    class Late(Inline):
        """Ends a piece of work when it is told to."""

        def __init__(self) -> None:
            self.waiting: list[tuple[Future[Any], Any]] = []

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            future: Future[Any] = Future()
            self.waiting.append((future, fn))
            return future

        def work(self) -> None:
            for future, fn in self.waiting:
                if not future.cancelled():
                    future.set_result(fn())
            self.waiting.clear()

    async def run() -> None:
        share, late, posted = Share(), Late(), list[ScreenSampled]()
        clock, stream = LoopClock(), share.stream
        eye = Eye(Sight(clock, posted.append, open_stream=lambda track: stream()), late)
        async with eye.running():
            eye.watch(share.track)
            share.show(AGENDA)
            await eventually(lambda: late.waiting, "the frame is looked at")
            late.work()  # the first glance; the second agrees, and the frame is encoded
            await eventually(lambda: late.waiting, "the frame is encoded")

            eye.forget()
            late.work()
            await asyncio.sleep(0.1)

            assert [event.image for event in posted] == [None]
            assert (eye.frame("f-000001.jpg"), eye.sampled_count, share.opened) == (None, 0, 2)

    asyncio.run(asyncio.wait_for(run(), 10))


def test_frames_are_kept_beside_the_trace_and_erased(tmp_path: Path) -> None:
    async def run() -> None:
        files = FrameFiles.beside(tmp_path, "c-1", "r7")
        share, scene = Share(), Scene(files=files)
        async with watching(scene, share):
            share.show(AGENDA)
            path = tmp_path / "c-1.r7" / "f-000001.jpg"
            await eventually(lambda: path.exists(), "the frame is written")
            scene.eye.watch(None)
            scene.eye.forget()
        await files.aclose()

    asyncio.run(asyncio.wait_for(run(), 10))
    assert list(tmp_path.iterdir()) == []


def _size(jpeg: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(jpeg)).size
