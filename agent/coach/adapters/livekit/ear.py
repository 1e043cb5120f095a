"""One speaker's microphone: its track, to words, by a room-less `AgentSession` of its own.

The session is given no room, so none of the framework's room-facing features exists for it
(livekit.md 2), and it runs outside the job's context, so the job neither keeps it for the whole
call nor reports on it. Its recogniser is tried once: when to try again is decided here only.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from livekit import rtc
from livekit.agents import stt, vad

from coach.adapters.livekit.audio import TrackAudio
from coach.adapters.livekit.backoff import Backoff
from coach.adapters.livekit.hearing import Hearing
from coach.adapters.livekit.link import Link
from coach.adapters.livekit.session import CONNECT_SECONDS, Listener, open_session
from coach.adapters.livekit.timeline import Timeline
from coach.application.ports import Clock, EventSink
from coach.domain.events import ServiceChanged
from coach.domain.playbook import Speaker

CLOSE_SECONDS = 3.0
SERVICE = "stt"

_log = logging.getLogger(__name__)

OpenDetector = Callable[[], vad.VADStream]
"""Makes a voice detector's stream for one speaker."""


class Recognisers(Protocol):
    """Makes speech-to-text clients; each session has one of its own."""

    def __call__(self) -> stt.STT[Any]:
        """Return a client for one session."""
        ...

    def failed(self, recogniser: stt.STT[Any]) -> bool:
        """Take a loss. Return whether another endpoint may be tried at once."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all ears of a call share."""

    open_recogniser: Recognisers
    clock: Clock
    post: EventSink
    open_detector: OpenDetector | None = None
    """None: silence is sent, too."""
    connect_seconds: float = CONNECT_SECONDS
    """How long a recogniser may take to answer; short where there is another one."""


class Ear:
    """Hears one speaker until its task is cancelled or the track ends."""

    def __init__(
        self, around: Surroundings, identity: str, speaker: Speaker, track: rtc.Track
    ) -> None:
        self._identity, self._speaker, self._track = identity, speaker, track
        self._around = around
        self._backoff = Backoff()
        self._is_up = True
        self._link: Link | None = None  # to the recogniser stream that is open
        self._recogniser: stt.STT[Any] | None = None  # of the newest session
        self._is_deaf = False
        self._is_finishing = False

    @property
    def track(self) -> rtc.Track:
        """The track that is heard."""
        return self._track

    def stop_posting(self) -> None:
        """Let no word through any more: the task is about to be cancelled."""
        self._is_deaf = True
        if self._link is not None:
            self._link.hearing.stop()
        self._report(is_up=True)  # a recogniser that nobody needs is not missed

    def finish(self) -> None:
        """The track is gone: let the recogniser finish what was said, then end.

        The native stream of a track that was unpublished just falls silent, without an end.
        """
        self._is_finishing = True
        if self._link is not None:
            self._link.finishing.set()

    async def run(self) -> None:
        """Hear. A recogniser that is lost is begun anew; audio of the gap is dropped."""
        while await self._listen_safely() and not self._is_finishing:
            self._report(is_up=False)
            delay_seconds = self._backoff.next_seconds()
            await asyncio.sleep(0 if self._may_begin_at_once() else delay_seconds)
        self._report(is_up=True)

    def _may_begin_at_once(self) -> bool:
        """Whether the lost recogniser has a stand-in."""
        lost, self._recogniser = self._recogniser, None
        return lost is not None and self._around.open_recogniser.failed(lost)

    async def _listen_safely(self) -> bool:
        """Listen; a failure that nobody foresaw is one speaker's, and counts as a loss."""
        try:
            return await self._listen_once()
        except Exception as error:
            _log.error("ear failed", extra={"error_type": type(error).__name__})
            return True

    async def _listen_once(self) -> bool:
        """Hear with one recogniser stream. Return whether it was lost before the track ended."""
        around, timeline = self._around, Timeline()
        hearing = Hearing(
            identity=self._identity,
            speaker=self._speaker,
            timeline=timeline,
            clock=around.clock,
            post=around.post,
        )
        if self._is_deaf:
            hearing.stop()
        self._link = link = Link(hearing, on_words=self._on_words, on_steady=self._on_steady)
        detector = around.open_detector() if around.open_detector else None
        audio = TrackAudio(self._track, timeline, around.clock, link, detector)
        try:
            return await self._converse(link, audio)
        finally:
            self._link = None
            hearing.close()
            await audio.aclose()

    async def _converse(self, link: Link, audio: TrackAudio) -> bool:
        self._recogniser = recogniser = self._around.open_recogniser()
        recogniser.on("metrics_collected", link.on_metrics)
        session = open_session(recogniser, self._around.connect_seconds)
        session.input.audio = audio
        try:
            await session.start(Listener(link), record=False)
            async with asyncio.TaskGroup() as tasks:
                watch = tasks.create_task(audio.watch(), name="coach.ear.gate")
                is_lost = await link.until_over(audio.end)
                watch.cancel()
            return is_lost
        finally:
            link.close()
            await _to_the_end(_close(session.aclose, recogniser.aclose))

    def _on_words(self) -> None:
        self._backoff.reset()
        self._report(is_up=True)

    def _on_steady(self) -> None:
        self._backoff.reset()
        self._report(is_up=True)

    def _report(self, *, is_up: bool) -> None:
        if is_up == self._is_up or (self._is_deaf and not is_up):
            return
        self._is_up = is_up
        level = logging.INFO if is_up else logging.WARNING
        _log.log(level, "recogniser changed", extra={"side": self._speaker, "up": is_up})
        self._around.post(ServiceChanged(SERVICE, is_up=is_up, identity=self._identity))


async def _close(*closings: Callable[[], Awaitable[None]]) -> None:
    for close in closings:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await close()


async def _to_the_end(closing: Coroutine[Any, Any, None]) -> None:
    """Await to its end what must not stop halfway, and only then be cancelled.

    An ear whose speaker has left is closing when the rep revokes: cancelled there, it would
    leave its connection to the recogniser open for the rest of the call.
    """
    task = asyncio.create_task(closing, name="coach.ear.close")
    was_cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            was_cancelled = True
    if was_cancelled:
        raise asyncio.CancelledError
