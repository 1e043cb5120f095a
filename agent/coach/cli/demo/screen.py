"""The rep's screen share in a demo: the slides of the recording, each at its time."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence

from livekit import rtc

from coach.cli.demo.slides import HEIGHT, SLIDES, WIDTH
from demo_call import Showing

_FRAMES_PER_SECOND = 5.0


class ScreenShare:
    """Draws the slides beforehand, so that showing one costs the voices nothing."""

    def __init__(self, showings: Sequence[Showing]) -> None:
        self._showings = showings
        drawn = {each.slide: SLIDES[each.slide]() for each in showings}
        self._pixels = {name: slide.convert("RGBA").tobytes() for name, slide in drawn.items()}

    def slide_at(self, ms: float) -> str | None:
        """Return which slide is shown at a time of the recording; None: nothing is shared."""
        for showing in self._showings:
            if showing.start_ms <= ms < showing.end_ms:
                return showing.slide
        return None

    async def play(self, room: rtc.Room, start_at: float) -> None:
        """Share each slide at its time; the recording begins at `start_at` (monotonic seconds)."""
        if not self._showings:
            return
        first, last = self._showings[0], self._showings[-1]
        await _until(start_at + first.start_ms / 1000)
        async with _published(room) as source:
            while time.monotonic() < start_at + last.end_ms / 1000:
                slide = self.slide_at((time.monotonic() - start_at) * 1000)
                if slide is not None:
                    pixels, kind = self._pixels[slide], rtc.VideoBufferType.RGBA
                    source.capture_frame(rtc.VideoFrame(WIDTH, HEIGHT, kind, pixels))
                await asyncio.sleep(1 / _FRAMES_PER_SECOND)


@contextlib.asynccontextmanager
async def _published(room: rtc.Room) -> AsyncIterator[rtc.VideoSource]:
    """Share a screen until the block ends."""
    source = rtc.VideoSource(WIDTH, HEIGHT, is_screencast=True)
    track = rtc.LocalVideoTrack.create_video_track("screen", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_SCREENSHARE, simulcast=False)
    publication = await room.local_participant.publish_track(track, options)
    try:
        yield source
        await room.local_participant.unpublish_track(publication.sid)
    finally:
        await source.aclose()


async def _until(at: float) -> None:
    await asyncio.sleep(max(0.0, at - time.monotonic()))
