"""The prospect who means no good: joins, listens to everything, and may try what it likes.

It knows what an invited customer knows. Nothing of the playbook is handed to it.
"""

import asyncio
import json
import math
import time
from array import array
from collections.abc import Awaitable, Coroutine
from dataclasses import asdict, dataclass, field
from typing import Any

from livekit import rtc

from acceptance.privacy.recorder import Layer, Recorder
from integration.waiting import eventually

WROTE = "xqattackerwrote"
"""Stands in everything that the attacker sends, so that its words are found in logs."""
AGENT_METHODS = ("coach_feedback", "coach_control", "coach_ask")
PANEL_METHODS = ("coach_nudge", "coach_hello", "coach_status")
MISSING_METHOD = "coach_missing"
METHODS_OF_ANYBODY = (*AGENT_METHODS, *PANEL_METHODS, MISSING_METHOD, "lk.agent.session", "chat")
"""What the attacker registers itself, should somebody call it."""
UNKNOWN_AGENT = "call-assistant-unknown"
AGENT_SECONDS = 15.0
TRY_SECONDS = 5.0
VOICE_HZ = 440.0
SAMPLE_RATE_HZ = 48_000
FRAME_SAMPLES = 960
FRAMES_PER_SECOND = 2.0
SOURCES = {
    "microphone": rtc.TrackSource.SOURCE_MICROPHONE,
    "second microphone": rtc.TrackSource.SOURCE_MICROPHONE,
    "screen share": rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO,
}


@dataclass(frozen=True, slots=True)
class Situation:
    """What the attacker knows: an invitation to a call, and who its rep is."""

    url: str
    token: str
    rep: str
    rep_name: str
    records: str

    def to_json(self) -> str:
        """Return the process's argument."""
        return json.dumps(asdict(self))


@dataclass(slots=True)
class Attacker:
    """A participant with the widest rights that a careless host gives."""

    situation: Situation
    recorder: Recorder
    url: str
    room: rtc.Room = field(default_factory=rtc.Room)
    unread_count: int = 0
    """Streams that began and have not ended."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _shown: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def me(self) -> rtc.LocalParticipant:
        """The local participant."""
        return self.room.local_participant

    @property
    def agent(self) -> str:
        """Identity of the agent in the room, or what it might be."""
        agent = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        seen = [p.identity for p in self.room.remote_participants.values() if p.kind == agent]
        return seen[0] if seen else UNKNOWN_AGENT

    async def join(self) -> dict[str, Any]:
        """Join, listen to whatever may come, and open the microphone."""
        self.room = rtc.Room()
        handlers = _AnyTopic(self._on_stream)
        self.room._text_stream_handlers = handlers
        self.room._byte_stream_handlers = handlers
        self.room.on("track_published", _hear_but_do_not_look)
        options = rtc.RoomOptions(auto_subscribe=False)
        await self.room.connect(self.url, self.situation.token, options)
        for participant in self.room.remote_participants.values():
            for publication in participant.track_publications.values():
                _hear_but_do_not_look(publication, participant)
        for method in METHODS_OF_ANYBODY:
            self.me.register_rpc_method(method, lambda call: "ok")
        await self.publish_tone(VOICE_HZ, "microphone")
        return {}

    async def leave(self) -> dict[str, Any]:
        """Hang up."""
        for task in self._shown:
            task.cancel()
        await self.room.disconnect()
        return {}

    async def await_agent(self) -> dict[str, Any]:
        """Wait until the agent is seen; the server tells of it some seconds late."""
        await eventually(lambda: self.agent != UNKNOWN_AGENT, "the agent is seen", AGENT_SECONDS)
        return {"agent": self.agent}

    async def stay(self) -> dict[str, Any]:
        """Do nothing: what was recorded so far can be read after any deed."""
        return {}

    async def attempt(self, deed: Awaitable[Any]) -> str:
        """Do something that may fail or hang; return how it went."""
        began_at = time.monotonic()
        try:
            async with asyncio.timeout(TRY_SECONDS):
                await deed
        except Exception as error:  # an attack that fails is no failure of the test
            return f"{type(error).__name__} after {time.monotonic() - began_at:.1f} s"
        return "done"

    async def publish_tone(self, tone_hz: float, name: str) -> None:
        """Publish a tone as a microphone or as the sound of a shared screen."""
        audio = rtc.AudioSource(SAMPLE_RATE_HZ, 1, queue_size_ms=100)
        track = rtc.LocalAudioTrack.create_audio_track(name, audio)
        options = rtc.TrackPublishOptions(source=SOURCES[name])
        await self.me.publish_track(track, options)

        async def hum() -> None:
            at = 0
            while True:
                wave = tone(tone_hz, SAMPLE_RATE_HZ, at, FRAME_SAMPLES)
                at += FRAME_SAMPLES
                frame = rtc.AudioFrame(wave, SAMPLE_RATE_HZ, 1, FRAME_SAMPLES)
                await audio.capture_frame(frame)

        self._keep_up(hum(), f"privacy.{name}")

    def show(self, screen: rtc.VideoSource, frame: rtc.VideoFrame) -> None:
        """Show a picture on a shared screen from now on."""

        async def repeat() -> None:
            while True:
                screen.capture_frame(frame)
                await asyncio.sleep(1 / FRAMES_PER_SECOND)

        self._keep_up(repeat(), "privacy.screen")

    def _keep_up(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._shown.add(task)
        task.add_done_callback(self._shown.discard)

    def _on_stream(self, reader: Any, _: str) -> None:
        self.unread_count += 1
        task = asyncio.create_task(self._read(reader), name="privacy.stream")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, reader: Any) -> None:
        self.recorder.keep(Layer.STREAM, repr(reader.info).encode())
        try:
            async for piece in reader:
                data = piece if isinstance(piece, bytes) else piece.encode()
                self.recorder.keep(Layer.STREAM, data)
        finally:
            self.unread_count -= 1


def _hear_but_do_not_look(
    publication: rtc.RemoteTrackPublication, _: rtc.RemoteParticipant
) -> None:
    """Subscribe to sound alone: whoever subscribes to the rep's screen or camera is the coach."""
    if publication.kind == rtc.TrackKind.KIND_AUDIO:
        publication.set_subscribed(True)


class _AnyTopic(dict[str, Any]):
    """Handlers of data streams by topic: the same one, whatever the topic."""

    def __init__(self, handler: Any) -> None:
        super().__init__()
        self._handler = handler

    def get(self, topic: str, default: Any = None) -> Any:
        return self._handler


def tone(tone_hz: float, rate_hz: int, at: int, count: int) -> bytes:
    """Return samples of a tone, from the sample number `at`."""
    step = 2 * math.pi * tone_hz / rate_hz
    return array("h", (int(8_000 * math.sin(step * (at + n))) for n in range(count))).tobytes()
