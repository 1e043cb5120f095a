"""Screens of a test: somebody shares drawn slides, and learns who subscribes to them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Self

from livekit import rtc

from integration.livekit_server import LiveKit
from integration.people import Person
from unit.screen.pictures import Drawn

FRAMES_PER_SECOND = 5.0


@contextlib.asynccontextmanager
async def joined_blind(livekit: LiveKit, identity: str, room: str) -> AsyncIterator[Person]:
    """Join as somebody who subscribes to nothing: who subscribes to a screen is the coach."""
    client = rtc.Room()
    options = rtc.RoomOptions(auto_subscribe=False)
    await client.connect(livekit.url, livekit.token(identity, room), options)
    person = Person(client, identity)
    try:
        yield person
    finally:
        await person.leave()


@dataclass(slots=True)
class SharedScreen:
    """A published video track whose picture a test changes."""

    person: Person
    source: rtc.VideoSource
    track: rtc.LocalVideoTrack
    publication: rtc.LocalTrackPublication
    picture: bytes
    size: tuple[int, int]
    subscribed: list[str]
    """Sids of the person's tracks that somebody subscribed to, as the server told it."""
    _task: asyncio.Task[None] | None = field(default=None)

    @classmethod
    async def publish(
        cls,
        person: Person,
        drawn: Drawn,
        source: rtc.TrackSource.ValueType = rtc.TrackSource.SOURCE_SCREENSHARE,
    ) -> Self:
        """Share a slide from now on, five frames a second."""
        subscribed: list[str] = []
        person.room.on("local_track_subscribed", lambda track: subscribed.append(track.sid))
        video = rtc.VideoSource(*drawn.picture.size, is_screencast=True)
        track = rtc.LocalVideoTrack.create_video_track("screen", video)
        options = rtc.TrackPublishOptions(source=source, simulcast=False)
        publication = await person.room.local_participant.publish_track(track, options)
        size = drawn.picture.size
        screen = cls(person, video, track, publication, drawn.rgba(), size, subscribed)
        screen._task = asyncio.create_task(screen._feed())
        return screen

    @property
    def is_subscribed(self) -> bool:
        """Whether somebody has ever subscribed to it."""
        return self.publication.sid in self.subscribed or self.track.sid in self.subscribed

    def show(self, drawn: Drawn) -> None:
        """Show another slide of the same size."""
        assert drawn.picture.size == self.size
        self.picture = drawn.rgba()

    async def unpublish(self) -> None:
        """Stop sharing."""
        await self.stop()
        await self.person.room.local_participant.unpublish_track(self.publication.sid)

    async def stop(self) -> None:
        """Capture nothing any more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            await self.source.aclose()
            self._task = None

    async def _feed(self) -> None:
        while True:
            frame = rtc.VideoFrame(*self.size, rtc.VideoBufferType.RGBA, self.picture)
            self.source.capture_frame(frame)
            await asyncio.sleep(1 / FRAMES_PER_SECOND)
