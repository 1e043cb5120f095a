"""One speaker's microphone: its track, to words, by a room-less `AgentSession` of its own.

The session is given no room, so none of the framework's room-facing features exists for it
(livekit.md 2), and it runs outside the job's context, so the job neither keeps it for the whole
call nor reports on it. Its recogniser is tried once: when to try again is decided here only.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from dataclasses import dataclass
from typing import Any

from livekit import rtc
from livekit.agents import (
    Agent,
    AgentSession,
    APIConnectOptions,
    APIError,
    ModelSettings,
    StopResponse,
    llm,
    stt,
)
from livekit.agents.metrics import STTMetrics
from livekit.agents.voice import io
from livekit.agents.voice.agent_session import SessionConnectOptions

from coach.adapters.livekit.backoff import Backoff
from coach.adapters.livekit.hearing import Hearing
from coach.adapters.livekit.timeline import Timeline
from coach.application.ports import Clock, EventSink
from coach.domain.events import ServiceChanged
from coach.domain.playbook import Speaker

SAMPLE_RATE_HZ = 16_000
FRAME_MS = 50
"""The Deepgram plugin sends chunks of 50 ms; smaller frames would only cost, larger ones delay."""
FRAMES_KEPT = 20
"""Audio that waits for the recogniser: one second, the oldest is dropped."""
CONNECT_SECONDS = 5.0
STEADY_SECONDS = 1.0
"""A connection that has lasted this long, or brought words, counts as back."""
LAST_WORDS_SECONDS = 1.5
"""How long the recogniser may take over the last words of a track that ended."""
CLOSE_SECONDS = 3.0
_TAIL = b"\0" * (2 * SAMPLE_RATE_HZ * FRAME_MS // 1_000)
_TAIL_FRAMES = 20  # a second of silence after the last audio lets the recogniser finish

_log = logging.getLogger(__name__)

OpenRecogniser = Callable[[], stt.STT[Any]]
"""Makes a speech-to-text client; each session has one of its own."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all ears of a call share."""

    open_recogniser: OpenRecogniser
    clock: Clock
    post: EventSink


class Ear:
    """Hears one speaker until its task is cancelled or the track ends."""

    def __init__(
        self, *, identity: str, speaker: Speaker, track: rtc.Track, around: Surroundings
    ) -> None:
        self._identity, self._speaker, self._track = identity, speaker, track
        self._around = around
        self._backoff = Backoff()
        self._is_up = True
        self._link: _Link | None = None  # to the recogniser stream that is open
        self._is_deaf = False
        self._is_finishing = False

    @property
    def track(self) -> rtc.Track:
        """The track that is heard."""
        return self._track

    def stop_posting(self) -> None:
        """Let nothing through any more: the task is about to be cancelled."""
        self._is_deaf = True
        if self._link is not None:
            self._link.hearing.stop()

    def finish(self) -> None:
        """The track is gone: let the recogniser finish what was said, then end.

        The native stream of a track that was unpublished just falls silent, without an end.
        """
        self._is_finishing = True
        if self._link is not None:
            self._link.finishing.set()

    async def run(self) -> None:
        """Hear. A recogniser that is lost is begun anew; audio of the gap is dropped."""
        while await self._listen_once() and not self._is_finishing:
            self._report(is_up=False)
            await asyncio.sleep(self._backoff.next_seconds())

    async def _listen_once(self) -> bool:
        """Hear with one recogniser stream. Return whether it was lost before the track ended."""
        timeline = Timeline()
        hearing = Hearing(
            identity=self._identity,
            speaker=self._speaker,
            timeline=timeline,
            clock=self._around.clock,
            post=self._around.post,
        )
        if self._is_deaf:
            hearing.stop()
        self._link = link = _Link(hearing, on_words=self._on_words, on_steady=self._on_steady)
        audio = _TrackInput(_open_audio(self._track), timeline, self._around.clock, link)
        try:
            return await self._converse(link, audio)
        finally:
            self._link = None
            await audio.aclose()

    async def _converse(self, link: "_Link", audio: "_TrackInput") -> bool:
        recogniser = self._around.open_recogniser()
        recogniser.on("metrics_collected", link.on_metrics)
        session = _open_session(recogniser)
        session.input.audio = audio
        try:
            await session.start(_Listener(link), record=False)
            return await link.until_over(audio)
        finally:
            link.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await session.aclose()
                    await recogniser.aclose()

    def _on_words(self) -> None:
        self._backoff.reset()
        self._report(is_up=True)

    def _on_steady(self) -> None:
        self._report(is_up=True)

    def _report(self, *, is_up: bool) -> None:
        if is_up != self._is_up and not self._is_deaf:
            self._is_up = is_up
            level = logging.INFO if is_up else logging.WARNING
            _log.log(level, "recogniser changed", extra={"side": self._speaker, "up": is_up})
            self._around.post(ServiceChanged("stt", is_up=is_up, identity=self._identity))


class _Link:
    """How the parts of one recogniser stream tell each other where it stands."""

    def __init__(
        self, hearing: Hearing, *, on_words: Callable[[], None], on_steady: Callable[[], None]
    ) -> None:
        self.hearing = hearing
        self.connected = asyncio.Event()
        self.finishing = asyncio.Event()  # the track is gone
        self.ended = asyncio.Event()  # the recogniser has been sent all there was
        self._lost = asyncio.Event()
        self._silent = asyncio.Event()  # no words wait for their final
        self._silent.set()
        self._on_words, self._on_steady = on_words, on_steady
        self._steady_timer: asyncio.TimerHandle | None = None

    def on_metrics(self, metrics: STTMetrics) -> None:
        """Take the plugin's word that it is connected: it reports how long that took."""
        if metrics.acquire_time and not self.connected.is_set():
            self.connected.set()
            loop = asyncio.get_running_loop()
            self._steady_timer = loop.call_later(STEADY_SECONDS, self._on_steady)

    def take(self, event: stt.SpeechEvent) -> None:
        """Hand an event on at once."""
        if self.hearing.take(event):
            self._on_words()
        if self.hearing.is_behind:
            self.lose()
        if self.hearing.is_open:
            self._silent.clear()
        else:
            self._silent.set()

    def lose(self) -> None:
        """The recogniser is gone."""
        self._lost.set()
        self.close()

    def close(self) -> None:
        """Stop the timer."""
        if self._steady_timer is not None:
            self._steady_timer.cancel()

    async def until_over(self, audio: "_TrackInput") -> bool:
        """Wait until the recogniser is lost (True) or the track's last words came (False)."""
        async with asyncio.TaskGroup() as tasks:
            lost = tasks.create_task(self._lost.wait())
            finished = tasks.create_task(self._finish(audio))
            await asyncio.wait({lost, finished}, return_when=asyncio.FIRST_COMPLETED)
            lost.cancel()
            finished.cancel()
        return self._lost.is_set()

    async def _finish(self, audio: "_TrackInput") -> None:
        await self.finishing.wait()
        await audio.aclose()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                await self.ended.wait()
                await self._silent.wait()


class _TrackInput(io.AudioInput):
    """A track's audio for one session, from when its recogniser is connected.

    Until then the track's own queue keeps the newest second, so that the first words of somebody
    who has just come or unmuted are not lost, and nothing is ever recognised late.
    """

    def __init__(
        self, audio: rtc.AudioStream, timeline: Timeline, clock: Clock, link: _Link
    ) -> None:
        super().__init__(label="track")
        self._audio, self._timeline, self._clock, self._link = audio, timeline, clock, link
        self._tail_count = 0

    async def __anext__(self) -> rtc.AudioFrame:
        await self._link.connected.wait()
        if self._tail_count == 0:
            with contextlib.suppress(StopAsyncIteration):
                return self._note((await self._audio.__anext__()).frame)
            self._link.finishing.set()
        if self._tail_count == _TAIL_FRAMES:
            self._link.ended.set()
            raise StopAsyncIteration
        self._tail_count += 1
        return self._note(rtc.AudioFrame(_TAIL, SAMPLE_RATE_HZ, 1, len(_TAIL) // 2))

    async def aclose(self) -> None:
        """End the track's audio; a reader that waits gets the silence that follows it."""
        await self._audio.aclose()

    def _note(self, frame: rtc.AudioFrame) -> rtc.AudioFrame:
        length_ms = frame.samples_per_channel * 1_000 / frame.sample_rate
        self._timeline.add(length_ms, self._clock.now_ms())
        return frame


class _Listener(Agent):
    """Passes the recogniser's events on as they come, and answers nothing."""

    def __init__(self, link: _Link) -> None:
        super().__init__(instructions="")
        self._link = link

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncGenerator[stt.SpeechEvent, None]:
        # Swallowing the error keeps the framework from trying again on a schedule of its own.
        try:
            with contextlib.suppress(APIError):
                async for event in Agent.default.stt_node(self, audio, model_settings):
                    self._link.take(event)
                    yield event
        finally:
            self._link.lose()

    async def on_user_turn_completed(
        self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage
    ) -> None:
        self._link.hearing.turn()
        raise StopResponse


class _ForgetfulSession(AgentSession[None]):
    """An `AgentSession` whose memory does not grow with the call.

    `AgentSession.emit` keeps each event, interim transcripts included, for a report at the end.
    Nobody reads that report here, so events go straight to the emitter below it.
    """

    def emit(self, event: Any, arg: Any) -> None:
        super(AgentSession, self).emit(event, arg)


def _open_session(recogniser: stt.STT[Any]) -> AgentSession[None]:
    return _ForgetfulSession(
        stt=recogniser,
        vad=None,
        turn_handling={
            "turn_detection": "stt",
            "endpointing": {"mode": "fixed", "min_delay": 0.0, "max_delay": 0.0},
            "interruption": {"enabled": False, "mode": "vad"},
            "preemptive_generation": {"enabled": False},
        },
        user_away_timeout=None,
        aec_warmup_duration=None,
        session_close_transcript_timeout=0.0,
        conn_options=SessionConnectOptions(
            stt_conn_options=APIConnectOptions(max_retry=0, timeout=CONNECT_SECONDS),
            max_unrecoverable_errors=1_000_000,  # `_Link.lose` ends a session, not the framework
        ),
    )


def _open_audio(track: rtc.Track) -> rtc.AudioStream:
    return rtc.AudioStream.from_track(
        track=track,
        sample_rate=SAMPLE_RATE_HZ,
        num_channels=1,
        frame_size_ms=FRAME_MS,
        capacity=FRAMES_KEPT,
    )
