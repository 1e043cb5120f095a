"""People in rooms, in a process of their own: they speak recorded sounds and take nudges."""

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
from livekit import rtc

from bench.actors.lines import Fields, orders, tell
from bench.sounds import FRAME, RATE_HZ, Samples
from coach_terminal.client import RepClient
from coach_terminal.events import Event, NudgeReceived

EXACT_FRAMES, LOOSE_FRAMES = 1, 10
LOOSE_QUEUE_MS = 400


class Person:
    """One participant."""

    def __init__(self, fields: Fields) -> None:
        self.identity: str = fields["identity"]
        self._fields = fields
        self._room = rtc.Room()
        self._is_exact: bool = fields.get("is_exact", False)
        self._track: rtc.LocalAudioTrack | None = None
        self._source: rtc.AudioSource | None = None
        self._client: RepClient | None = None
        self._playing: asyncio.Task[None] | None = None
        self._works = asyncio.Event()
        self._works.set()

    async def join(self) -> None:
        """Join, register what a rep's client registers, and publish the microphone."""
        await self._room.connect(self._fields["url"], self._fields["token"])
        match self._fields.get("panel"):
            case "bare":
                self._register()
            case "client":
                self._client = RepClient(self._room, on_event=self._on_event)
                await self._client.attach()
        if self._fields.get("sound"):
            await self._publish()

    async def _publish(self) -> None:
        # Without a queue a frame goes out at once, as from a sound card.
        self._source = rtc.AudioSource(RATE_HZ, 1, 0 if self._is_exact else LOOSE_QUEUE_MS)
        self._track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
        await self._room.local_participant.publish_track(self._track, options)

    def play(self) -> None:
        """Begin to speak."""
        self._playing = asyncio.create_task(self._play(), name=f"speak {self.identity}")

    def mute(self) -> None:
        """Mute the microphone and stop feeding it."""
        if self._track is not None:
            self._track.mute()
        if self._playing is not None:
            self._playing.cancel()

    def hang(self, *, is_hanging: bool) -> None:
        """Let handlers answer only after a long time, or at once again."""
        if is_hanging:
            self._works.clear()
        else:
            self._works.set()

    async def leave(self) -> None:
        """Hang up."""
        if self._playing is not None:
            self._playing.cancel()
        if self._client is not None:
            await self._client.aclose()
        await self._room.disconnect()

    async def _play(self) -> None:
        assert self._source is not None
        sound: Samples = np.fromfile(Path(self._fields["sound"]), dtype=np.int16)
        ends: list[int] = list(self._fields.get("marks", ()))
        block = FRAME * (EXACT_FRAMES if self._is_exact else LOOSE_FRAMES)
        start_at, position = time.monotonic(), self._fields.get("offset", 0)
        frames = 0
        while True:
            piece = sound[position : position + block]
            if piece.size < block:
                if not self._fields.get("is_looped"):
                    break
                position = 0
                continue
            frames += 1
            # A sound card hands a frame over when its last sample has been taken.
            due_at = start_at + frames * block / RATE_HZ
            await asyncio.sleep(max(0.0, due_at - time.monotonic()))
            at = time.monotonic()
            await self._source.capture_frame(rtc.AudioFrame(piece.tobytes(), RATE_HZ, 1, block))
            position += block
            while ends and ends[0] <= position:
                ends.pop(0)
                tell("mark", identity=self.identity, at=at)
        tell("played", identity=self.identity)

    # -- the rep's client -----------------------------------------------------------------------

    def _register(self) -> None:
        """Answer as the smallest client does: what comes is shown."""
        participant = self._room.local_participant
        participant.register_rpc_method("coach_nudge", self._on_nudge)
        participant.register_rpc_method("coach_hello", self._replying('{"v":1,"ready":true}'))
        participant.register_rpc_method("coach_status", self._replying("ok"))

    def _replying(self, reply: str) -> Callable[[rtc.RpcInvocationData], Awaitable[str]]:
        async def handle(call: rtc.RpcInvocationData) -> str:
            tell("told", identity=self.identity)
            await self._works.wait()
            return reply

        return handle

    async def _on_nudge(self, call: rtc.RpcInvocationData) -> str:
        at, nudge = time.monotonic(), json.loads(call.payload)
        self._tell_nudge(at, nudge["moment"], nudge["expires_in_ms"], "shown")
        await self._works.wait()
        return "shown"

    def _on_event(self, event: Event) -> None:
        if isinstance(event, NudgeReceived):
            nudge, answer = event.nudge, event.answer.value
            self._tell_nudge(event.received_at, nudge.moment, nudge.expires_in_ms, answer)
        else:
            tell("told", identity=self.identity)

    def _tell_nudge(self, at: float, moment: str | None, life_ms: int, reply: str) -> None:
        life = life_ms / 1_000
        tell("nudge", identity=self.identity, at=at, moment=moment, life=life, reply=reply)


async def main() -> None:
    """Obey orders until the benchmark is gone."""
    people: dict[str, Person] = {}
    tell("ready")
    async for order in orders():
        match order["do"]:
            case "join":
                person = Person(order["person"])
                await person.join()
                people[person.identity] = person
                tell("joined", identity=person.identity)
            case "play":
                people[order["identity"]].play()
            case "mute":
                people[order["identity"]].mute()
                tell("muted", identity=order["identity"])
            case "hang":
                people[order["identity"]].hang(is_hanging=order["is_hanging"])
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(2):
            await asyncio.gather(*(person.leave() for person in people.values()))


if __name__ == "__main__":
    asyncio.run(main())
    os._exit(0)  # the media library's threads now and then end in a native panic
