"""How the parts of one recogniser stream tell each other where it stands."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from livekit.agents import stt
from livekit.agents.metrics import STTMetrics

from coach.adapters.livekit.hearing import Hearing

STEADY_SECONDS = 1.0
"""A connection that has lasted this long, or brought words, counts as back."""
LAST_WORDS_SECONDS = 1.5
"""How long the recogniser may take over the last words of a track that ended."""


class Link:
    """Lives as long as one recogniser stream: connected, steady, finishing, over."""

    def __init__(
        self, hearing: Hearing, *, on_words: Callable[[], None], on_steady: Callable[[], None]
    ) -> None:
        """Begin unconnected.

        Args:
            hearing: takes the recogniser's events.
            on_words: called for each event with words.
            on_steady: called once the connection has lasted a while.
        """
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

    async def until_over(self, end_audio: Callable[[], Awaitable[None]]) -> bool:
        """Wait until the recogniser is lost (True) or the track's last words came (False).

        Args:
            end_audio: makes the track's audio end, once the track is gone.
        """
        async with asyncio.TaskGroup() as tasks:
            lost = tasks.create_task(self._lost.wait())
            finished = tasks.create_task(self._finish(end_audio))
            await asyncio.wait({lost, finished}, return_when=asyncio.FIRST_COMPLETED)
            lost.cancel()
            finished.cancel()
        return self._lost.is_set()

    async def _finish(self, end_audio: Callable[[], Awaitable[None]]) -> None:
        await self.finishing.wait()
        await end_audio()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                await self.ended.wait()
                await self._silent.wait()
