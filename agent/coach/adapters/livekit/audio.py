"""A track's audio, as one recogniser's session takes it: from its connection on, times noted."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable

from livekit import rtc
from livekit.agents import inference, vad
from livekit.agents.voice import io

from coach.adapters.livekit.gate import Gate
from coach.adapters.livekit.link import Link
from coach.adapters.livekit.timeline import Timeline
from coach.application.ports import Clock

SAMPLE_RATE_HZ = 16_000
FRAME_MS = 50
"""The Deepgram plugin sends chunks of 50 ms; smaller frames would only cost, larger ones delay."""
FRAMES_KEPT = 20
"""Audio that waits for the recogniser: one second, the oldest is dropped."""
CLOSE_SECONDS = 1.0
_TAIL = b"\0" * (2 * SAMPLE_RATE_HZ * FRAME_MS // 1_000)
_TAIL_FRAMES = 20  # a second of silence after the last audio lets the recogniser finish

Timed = tuple[rtc.AudioFrame, int]
"""A frame, and the call's clock when it came."""


class TrackAudio(io.AudioInput):
    """The session's audio input.

    Until the recogniser is connected the track's own queue keeps the newest second, so that the
    first words of somebody who has just come or unmuted are not lost, and nothing is ever
    recognised late. With a detector, silence is not sent.
    """

    def __init__(
        self,
        track: rtc.Track,
        timeline: Timeline,
        clock: Clock,
        link: Link,
        detector: vad.VADStream | None = None,
    ) -> None:
        super().__init__(label="track")
        self._audio = rtc.AudioStream.from_track(
            track=track,
            sample_rate=SAMPLE_RATE_HZ,
            num_channels=1,
            frame_size_ms=FRAME_MS,
            capacity=FRAMES_KEPT,
        )
        self._timeline, self._clock, self._link = timeline, clock, link
        self._detector = detector
        self._gate: Gate[Timed] = Gate()
        self._ready: deque[Timed] = deque()  # let through, not yet taken; a pre-roll at most
        self._tail_count = 0

    async def __anext__(self) -> rtc.AudioFrame:
        """Return the next frame to send; at the end of the track, a second of silence."""
        await self._link.connected.wait()
        while not self._ready and self._tail_count == 0:
            try:
                event = await self._audio.__anext__()
            except StopAsyncIteration:
                self._link.finishing.set()
                break
            self._take(event.frame)
        if self._ready:
            frame, at_ms = self._ready.popleft()
            self._timeline.add(_length_ms(frame), at_ms)
            return frame
        return self._silence()

    async def watch(self) -> None:
        """Follow the detector's opinion. Returns at once without one."""
        if self._detector is None:
            return
        async for event in self._detector:
            if event.type is vad.VADEventType.INFERENCE_DONE:
                self._gate.hear(event.probability)

    async def end(self) -> None:
        """End the track's audio; a reader that waits gets the silence that follows it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._audio.aclose()

    async def aclose(self) -> None:
        """Free everything. Safe to call twice."""
        await self.end()
        if self._detector is not None:
            await self._detector.aclose()

    def _take(self, frame: rtc.AudioFrame) -> None:
        timed = (frame, self._clock.now_ms())
        if self._detector is None:
            self._ready.append(timed)
            return
        self._detector.push_frame(frame)
        if through := self._gate.push(timed, _length_ms(frame)):
            self._timeline.skip(self._gate.take_left_out_ms())
            self._ready.extend(through)

    def _silence(self) -> rtc.AudioFrame:
        if self._tail_count == _TAIL_FRAMES:
            self._link.ended.set()
            raise StopAsyncIteration
        self._tail_count += 1
        frame = rtc.AudioFrame(_TAIL, SAMPLE_RATE_HZ, 1, len(_TAIL) // 2)
        self._timeline.add(_length_ms(frame), self._clock.now_ms())
        return frame


def open_voice_detector() -> Callable[[], vad.VADStream]:
    """Load the framework's light detector; the result opens a stream of it for one speaker."""
    detector = inference.VAD(
        model="silero",
        min_silence_duration=0.25,
        max_buffered_speech=1.0,  # only its opinion is wanted, not its copy of the speech
    )
    return detector.stream


def _length_ms(frame: rtc.AudioFrame) -> int:
    return frame.samples_per_channel * 1_000 // frame.sample_rate
