"""A rep who shares a deck in Full HD, in a process of its own, as a browser would capture it."""

import asyncio
import itertools
import os

from livekit import rtc

from bench.actors.lines import Fields, orders, tell
from unit.screen.pictures import FULL_HD, Drawn, deck


async def _share(room: rtc.Room, slide_seconds: float, frame_rate: float) -> None:
    """Show slide after slide, so many frames a second, whether or not anything changed."""
    slides: list[Drawn] = list(deck(FULL_HD))
    video = rtc.VideoSource(*FULL_HD, is_screencast=True)
    track = rtc.LocalVideoTrack.create_video_track("screen", video)
    options = rtc.TrackPublishOptions(
        source=rtc.TrackSource.SOURCE_SCREENSHARE,
        simulcast=False,
        video_encoding=rtc.VideoEncoding(max_bitrate=2_500_000, max_framerate=15),
    )
    await room.local_participant.publish_track(track, options)
    tell("shared")
    for drawn in itertools.cycle(slides):
        pixels = drawn.rgba()
        for _ in range(round(slide_seconds * frame_rate)):
            video.capture_frame(rtc.VideoFrame(*FULL_HD, rtc.VideoBufferType.RGBA, pixels))
            await asyncio.sleep(1 / frame_rate)
        tell("turned")


async def main() -> None:
    """Obey orders until the benchmark is gone."""
    room, sharing = rtc.Room(), None
    tell("ready")
    async for order in orders():
        if order["do"] == "share":
            sharing = await _begin(room, order)
    if sharing is not None:
        sharing.cancel()
    await room.disconnect()


async def _begin(room: rtc.Room, order: Fields) -> asyncio.Task[None]:
    await room.connect(order["url"], order["token"], rtc.RoomOptions(auto_subscribe=False))
    return asyncio.create_task(
        _share(room, order["slide_seconds"], order["frame_rate"]), name="share"
    )


if __name__ == "__main__":
    asyncio.run(main())
    os._exit(0)  # the media library's threads now and then end in a native panic
