"""People in a room of a test: they join, publish a tone or a sound, and leave."""

import asyncio
import contextlib
import math
from array import array
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from livekit import rtc

from integration.livekit_server import LiveKit

SAMPLE_RATE_HZ = 48_000
FRAME_SECONDS = 0.02
REP_HZ, PROSPECT_HZ, OTHER_HZ = 300.0, 700.0, 1100.0


@dataclass(slots=True)
class Person:
    """Somebody in the room, who can publish a tone as a microphone."""

    room: rtc.Room
    identity: str
    _microphones: list["Microphone"] = field(default_factory=list)

    @property
    def microphone(self) -> "Microphone":
        """The first that was published."""
        return self._microphones[0]

    async def publish_sound(self, samples: bytes) -> "Microphone":
        """Publish 16-bit samples at 48 kHz as a microphone, from now on, and silence after them."""
        return await self._publish(
            lambda audio: _play(audio, samples), rtc.TrackSource.SOURCE_MICROPHONE
        )

    async def publish_microphone(
        self, tone_hz: float, source: rtc.TrackSource.ValueType = rtc.TrackSource.SOURCE_MICROPHONE
    ) -> "Microphone":
        """Publish a tone, whose pitch tells the recogniser's streams apart."""
        return await self._publish(lambda audio: _hum(audio, tone_hz), source)

    async def _publish(
        self,
        feed: Callable[[rtc.AudioSource], Coroutine[Any, Any, None]],
        source: rtc.TrackSource.ValueType,
    ) -> "Microphone":
        audio = rtc.AudioSource(SAMPLE_RATE_HZ, 1, queue_size_ms=100)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", audio)
        options = rtc.TrackPublishOptions(source=source)
        publication = await self.room.local_participant.publish_track(track, options)
        task = asyncio.create_task(feed(audio))
        microphone = Microphone(self.room.local_participant, track, publication, audio, task)
        self._microphones.append(microphone)
        return microphone

    async def leave(self) -> None:
        """Hang up."""
        for microphone in self._microphones:
            await microphone.stop()
        await self.room.disconnect()


@dataclass(slots=True)
class Microphone:
    """A published tone."""

    participant: rtc.LocalParticipant
    track: rtc.LocalAudioTrack
    publication: rtc.LocalTrackPublication
    audio: rtc.AudioSource
    task: asyncio.Task[None]

    async def stop(self) -> None:
        """Capture nothing any more."""
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task

    async def unpublish(self) -> None:
        """Take the track away."""
        await self.stop()
        await self.participant.unpublish_track(self.publication.sid)


@contextlib.asynccontextmanager
async def joined(
    livekit: LiveKit, identity: str, room: str, token: str | None = None
) -> AsyncIterator[Person]:
    """Join a room as a person until the block ends."""
    client = rtc.Room()
    await client.connect(livekit.url, token or livekit.token(identity, room))
    person = Person(client, identity)
    try:
        yield person
    finally:
        await person.leave()


async def _hum(audio: rtc.AudioSource, tone_hz: float) -> None:
    samples = int(SAMPLE_RATE_HZ * FRAME_SECONDS)
    at = 0
    while True:
        phase = 2 * math.pi * tone_hz / SAMPLE_RATE_HZ
        wave = array("h", (int(8_000 * math.sin(phase * (at + n))) for n in range(samples)))
        at += samples
        await audio.capture_frame(rtc.AudioFrame(wave.tobytes(), SAMPLE_RATE_HZ, 1, samples))


async def _play(audio: rtc.AudioSource, samples: bytes) -> None:
    count = int(SAMPLE_RATE_HZ * FRAME_SECONDS)
    silence = b"\0" * (2 * count)
    for start in range(0, len(samples), 2 * count):
        frame = samples[start : start + 2 * count].ljust(2 * count, b"\0")
        await audio.capture_frame(rtc.AudioFrame(frame, SAMPLE_RATE_HZ, 1, count))
    while True:
        await audio.capture_frame(rtc.AudioFrame(silence, SAMPLE_RATE_HZ, 1, count))
