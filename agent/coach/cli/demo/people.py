"""The two people of a recorded call: each joins the room and speaks one channel of it."""

import asyncio
import datetime
import logging
import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from livekit import api, rtc

from coach.cli.demo.processes import LiveKit
from coach.cli.demo.screen import ScreenShare
from demo_call.audio import CallAudio

RATE_HZ = 48_000
FRAME_MS = 10
_FRAME = RATE_HZ * FRAME_MS // 1000
_QUEUE_MS = 50  # little is buffered, so that a word is published when the clock says so

Samples = npt.NDArray[np.int16]


def token(server: LiveKit, room: str, identity: str, name: str, *, may_publish_data: bool) -> str:
    """Sign a token with the least rights that a side needs: one room, one identity, one hour."""
    grants = api.VideoGrants(
        room_join=True,
        room=room,
        can_publish=True,
        can_subscribe=True,
        can_publish_data=may_publish_data,
        can_update_own_metadata=False,
    )
    signed = api.AccessToken(server.key, server.secret).with_identity(identity).with_name(name)
    return signed.with_ttl(datetime.timedelta(hours=1)).with_grants(grants).to_jwt()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the room with an open microphone."""

    room: rtc.Room
    source: rtc.AudioSource

    @classmethod
    async def join(cls, server: LiveKit, signed_token: str) -> "Person":
        """Join and open the microphone."""
        person = cls(rtc.Room(), rtc.AudioSource(RATE_HZ, 1, queue_size_ms=_QUEUE_MS))
        await person.room.connect(server.url, signed_token)
        return person

    async def open_microphone(self) -> None:
        """Publish the microphone."""
        track = rtc.LocalAudioTrack.create_audio_track("microphone", self.source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self.room.local_participant.publish_track(track, options)

    async def speak(self, samples: Samples, start_at: float) -> None:
        """Publish samples in real time; the first one at `start_at` (monotonic seconds)."""
        for index in range(0, samples.size, _FRAME):
            due_at = start_at + index / RATE_HZ
            await asyncio.sleep(max(0.0, due_at - time.monotonic()))
            block = samples[index : index + _FRAME]
            if block.size < _FRAME:
                block = np.pad(block, (0, _FRAME - block.size))
            await self.source.capture_frame(rtc.AudioFrame(block.tobytes(), RATE_HZ, 1, _FRAME))

    async def leave(self) -> None:
        """Leave the room."""
        logging.getLogger("livekit").addFilter(_is_news)
        await self.room.disconnect()
        await self.source.aclose()


def _is_news(record: logging.LogRecord) -> bool:
    """The SDK drops some handles of a client twice when it leaves a room, and says so."""
    return "drop unknown FFI handle" not in record.getMessage()


async def play(
    rep: Person, prospect: Person, audio: CallAudio, screen: ScreenShare | None
) -> float:
    """Speak both channels at once, and show the rep's screen beside them.

    Returns:
        When the first sample was due (monotonic seconds).
    """
    start_at = time.monotonic() + 0.2
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(rep.speak(audio.left, start_at), name="demo.rep.speak")
        tasks.create_task(prospect.speak(audio.right, start_at), name="demo.prospect.speak")
        if screen is not None:
            tasks.create_task(screen.play(rep.room, start_at), name="demo.rep.screen")
    return start_at
