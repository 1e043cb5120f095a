"""A rep in a process of their own who takes nudges and, when told to, shares a deck meanwhile."""

import asyncio
import itertools
import json
import os
import time

from livekit import rtc

from bench.actors.lines import Fields, orders, tell
from unit.screen.pictures import FULL_HD, Drawn, deck

FRAMES_PER_SECOND = 5.0


class Presenter:
    """The rep's participant."""

    def __init__(self) -> None:
        self._room = rtc.Room()
        self._sharing: asyncio.Task[None] | None = None

    async def join(self, order: Fields) -> None:
        """Join, answer nudges, and share if the order says so."""
        slides: list[Drawn] = list(deck(FULL_HD)) if order["shares"] else []
        await self._room.connect(
            order["url"], order["token"], rtc.RoomOptions(auto_subscribe=False)
        )
        me = self._room.local_participant
        me.register_rpc_method("coach_nudge", self._shown)
        me.register_rpc_method("coach_hello", lambda _: '{"v":1,"ready":true}')
        me.register_rpc_method("coach_status", lambda _: "ok")
        if slides:
            self._sharing = await self._share(slides, order["slide_seconds"])

    async def leave(self) -> None:
        """Hang up."""
        if self._sharing is not None:
            self._sharing.cancel()
        await self._room.disconnect()

    def _shown(self, call: rtc.RpcInvocationData) -> str:
        tell("nudge", at=time.monotonic(), moment=json.loads(call.payload)["moment"])
        return "shown"

    async def _share(self, slides: list[Drawn], slide_seconds: float) -> asyncio.Task[None]:
        video = rtc.VideoSource(*FULL_HD, is_screencast=True)
        track = rtc.LocalVideoTrack.create_video_track("screen", video)
        options = rtc.TrackPublishOptions(
            source=rtc.TrackSource.SOURCE_SCREENSHARE,
            simulcast=False,
            video_encoding=rtc.VideoEncoding(max_bitrate=2_500_000, max_framerate=15),
        )
        await self._room.local_participant.publish_track(track, options)
        return asyncio.create_task(_show(video, slides, slide_seconds), name="share")


async def _show(video: rtc.VideoSource, slides: list[Drawn], slide_seconds: float) -> None:
    for drawn in itertools.cycle(slides):
        pixels = drawn.rgba()
        for _ in range(round(slide_seconds * FRAMES_PER_SECOND)):
            video.capture_frame(rtc.VideoFrame(*FULL_HD, rtc.VideoBufferType.RGBA, pixels))
            await asyncio.sleep(1 / FRAMES_PER_SECOND)


async def main() -> None:
    """Obey orders until the benchmark is gone."""
    presenter = Presenter()
    tell("ready")
    async for order in orders():
        if order["do"] == "join":
            await presenter.join(order)
            tell("joined")
    await presenter.leave()


if __name__ == "__main__":
    asyncio.run(main())
    os._exit(0)  # the media library's threads now and then end in a native panic
