"""One look at one screen share: takes its frames, and studies the newest when it is due.

Every frame arrives on the event loop and replaces the one before. Comparing and encoding are
done in a thread. A browser sends no frames while nothing changes, so the newest frame is what
stands on the screen however old it is, for as long as the track is neither muted nor gone.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol, TypeVar

from livekit import rtc

from coach.adapters.screen.glances import Glance, Luma
from coach.adapters.screen.pictures import FINE_PRINT_SIDE, SIDE, Frame
from coach.application.ports import Clock
from coach.domain.sampling import Keep, Sampler
from coach.domain.screen import Look

CLOSE_SECONDS = 2.0

T = TypeVar("T")


class Stream(Protocol):
    """A track's frames as they arrive."""

    def __aiter__(self) -> AsyncIterator[rtc.VideoFrameEvent]:
        """Begin."""
        ...

    async def aclose(self) -> None:
        """Take no more."""
        ...


OpenStream = Callable[[rtc.Track], Stream]
"""Makes the stream of a track."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A frame that is worth keeping."""

    jpeg: bytes
    glance: Glance
    change: float
    """Share of the picture that differs from the frame kept before; 1 for the first."""
    luma: Luma


@dataclass(frozen=True, slots=True)
class _Seen:
    glance: Glance
    moved: float | None
    changed: float | None


class Gaze:
    """Watches a track until its task is cancelled or the track ends."""

    def __init__(
        self,
        track: rtc.Track,
        clock: Clock,
        thread: Executor,
        keep: Callable[[Kept], None],
        open_stream: OpenStream,
    ) -> None:
        """Bind to a track.

        Args:
            track: the share's video.
            clock: the call's.
            thread: studies and encodes frames, one at a time.
            keep: is handed what is kept, on the event loop.
            open_stream: makes the track's stream.
        """
        self._track, self._clock, self._thread, self._keep = track, clock, thread, keep
        self._open_stream = open_stream
        self._newest: rtc.VideoFrame | None = None
        self._has_frame = asyncio.Event()
        self._sampler = Sampler(clock.now_ms())
        self._has_other_pace = asyncio.Event()
        self._studied: rtc.VideoFrame | None = None
        self._seen: _Seen | None = None
        self._last_kept: Glance | None = None
        self.seen_count = 0
        """Frames that arrived."""

    def look(self, hint: Look) -> None:
        """Look more or less often from now on."""
        self._sampler.look(hint, self._clock.now_ms())
        self._has_other_pace.set()

    async def run(self) -> None:
        """Watch."""
        stream = self._open_stream(self._track)
        try:
            async with asyncio.TaskGroup() as tasks:
                looking = tasks.create_task(self._look_on(), name="coach.eye.look")
                # A consumer of a stream that ended may hang: who learns of the end cancels it.
                async for event in stream:
                    self._newest = event.frame
                    self.seen_count += 1
                    self._has_frame.set()
                looking.cancel()
        finally:
            await _close(stream)

    async def _look_on(self) -> None:
        await self._has_frame.wait()
        while True:
            await self._until_due()
            frame = self._newest
            assert frame is not None, "one has arrived"
            await self._study(frame)

    async def _until_due(self) -> None:
        while (wait_ms := self._sampler.due_ms - self._clock.now_ms()) > 0:
            self._has_other_pace.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_ms / 1_000):
                    await self._has_other_pace.wait()

    async def _study(self, frame: rtc.VideoFrame) -> None:
        seen, at_ms = await self._glance(frame), self._clock.now_ms()
        keep = self._sampler.glanced(at_ms, moved=seen.moved, changed=seen.changed)
        if keep is Keep.NOTHING:
            return
        side = FINE_PRINT_SIDE if keep is Keep.FINE_PRINT else SIDE
        picture = _picture(frame)
        jpeg = await self._in_thread(lambda: picture.jpeg(side))
        self._last_kept = seen.glance
        change = 1.0 if seen.changed is None else seen.changed
        self._keep(Kept(jpeg, seen.glance, change, picture.luma))

    async def _glance(self, frame: rtc.VideoFrame) -> _Seen:
        """Return what a frame shows; one that stood before has not moved."""
        before, kept = self._seen, self._last_kept
        if before is not None and frame is self._studied:
            changed = None if kept is None else before.glance.difference(kept)
            return _Seen(before.glance, 0.0, changed)
        earlier = None if before is None else before.glance
        seen = await self._in_thread(lambda: _compare(frame, earlier, kept))
        self._seen, self._studied = seen, frame
        return seen

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _compare(frame: rtc.VideoFrame, before: Glance | None, kept: Glance | None) -> _Seen:
    glance = Glance.at(_picture(frame).luma)
    moved = None if before is None else glance.difference(before)
    return _Seen(glance, moved, None if kept is None else glance.difference(kept))


def _picture(frame: rtc.VideoFrame) -> Frame:
    """Return a frame's planes. Decoders give I420 as a rule, and whatever they like else."""
    if frame.type != rtc.VideoBufferType.I420:
        frame = frame.convert(rtc.VideoBufferType.I420)
    return Frame(frame.width, frame.height, frame.data)


def open_stream(track: rtc.Track) -> Stream:
    """Return a track's frames, the newest only, in the decoder's own format."""
    return rtc.VideoStream.from_track(track=track, capacity=1)


async def _close(stream: Stream) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await stream.aclose()
