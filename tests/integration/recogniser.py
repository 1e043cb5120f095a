"""A scripted recogniser: Deepgram's listen protocol, saying what a test tells it to say."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import numpy as np
from aiohttp import WSMsgType, web

from integration.waiting import WAIT_SECONDS, eventually

HEARD_RATE_HZ = 16_000
TONE_TOLERANCE_HZ = 40.0
STEADY_READINGS = 3
QUIET = 500
BEGINNING_BYTES = 2 * HEARD_RATE_HZ * 2
FED_SECONDS = 0.3
READING_BYTES = 2 * HEARD_RATE_HZ // 10  # a tenth of a second of new audio

Samples = np.ndarray[tuple[int], np.dtype[np.int16]]
Words = Sequence[tuple[str, float, float]]
"""Words with start and end, in seconds of the stream's audio."""


class Stream:
    """One connection of the listen protocol: what it heard, and what it is told to say."""

    def __init__(self, socket: web.WebSocketResponse, query: Mapping[str, str]) -> None:
        self._socket = socket
        self.query = dict(query)
        self.messages: list[str] = []
        self.opened_at = time.monotonic()
        self.byte_count = 0
        self.last_audio_at = 0.0
        self.beginning = bytearray()
        """The first two seconds that it heard."""
        self._recent = bytearray()
        self._alive = asyncio.Event()
        self._alive.set()

    @property
    def is_open(self) -> bool:
        """Whether the worker still holds it."""
        return not self._socket.closed

    @property
    def is_fed(self) -> bool:
        """Whether audio comes now: one that is being closed is open for its last words still."""
        return self.is_open and time.monotonic() - self.last_audio_at < FED_SECONDS

    @property
    def audio_seconds(self) -> float:
        """Length of the audio received."""
        return self.byte_count / (2 * HEARD_RATE_HZ)

    @property
    def pitch_hz(self) -> float:
        """Pitch of the last half second, 0 for silence."""
        return pitch_of(np.frombuffer(bytes(self._recent), np.int16))

    async def say(
        self, text: str, *, is_final: bool = False, ends_turn: bool | None = None
    ) -> float:
        """Return words that end with the audio received so far; return the moment of sending."""
        spoken = text.split()
        end = self.audio_seconds
        start = max(0.0, end - 0.25 * len(spoken))
        step = (end - start) / max(1, len(spoken))
        words = [(w, start + n * step, start + (n + 1) * step) for n, w in enumerate(spoken)]
        return await self.say_words(words, is_final=is_final, ends_turn=ends_turn)

    async def say_words(
        self, words: Words, *, is_final: bool = False, ends_turn: bool | None = None
    ) -> float:
        """Return these words as an interim or final result."""
        alternative = {
            "transcript": " ".join(word for word, _, _ in words),
            "confidence": 0.9,
            "words": [_word(*word) for word in words],
        }
        message = {
            "type": "Results",
            "is_final": is_final,
            "speech_final": is_final if ends_turn is None else ends_turn,
            "start": words[0][1] if words else 0.0,
            "duration": 1.0,
            "channel": {"alternatives": [alternative]},
            "metadata": {"request_id": "scripted"},
        }
        sent_at = time.monotonic()
        await self._socket.send_str(json.dumps(message))
        return sent_at

    def freeze(self) -> None:
        """Read nothing more, so that no ping is answered either; the connection stays."""
        self._alive.clear()

    def thaw(self) -> None:
        """Go on reading."""
        self._alive.set()

    async def close(self, code: int = 1011) -> None:
        """Drop the connection."""
        await self._socket.close(code=code)

    def _hear(self, audio: bytes) -> None:
        self.byte_count += len(audio)
        self.last_audio_at = time.monotonic()
        self.beginning += audio[: max(0, BEGINNING_BYTES - len(self.beginning))]
        self._recent += audio
        del self._recent[: max(0, len(self._recent) - HEARD_RATE_HZ)]

    async def serve(self) -> None:
        """Receive until the worker closes."""
        async for message in self._socket:
            await self._alive.wait()
            if message.type is WSMsgType.BINARY:
                self._hear(message.data)
            elif message.type is WSMsgType.TEXT:
                self.messages.append(message.data)
                if "CloseStream" in message.data:
                    await self._socket.close()


def pitch_of(samples: Samples) -> float:
    """Return the pitch of a tone in Hz, 0 for silence; gaps in it do not lower the pitch."""
    if not samples.size or samples.max() < QUIET:
        return 0.0
    [rises] = np.nonzero((samples[:-1] < 0) & (samples[1:] >= 0))
    periods = np.diff(rises)
    if not periods.size:
        return 0.0
    whole = periods[np.abs(periods - np.median(periods)) <= 1]
    return float(HEARD_RATE_HZ / whole.mean()) if whole.size else 0.0


def _word(text: str, start: float, end: float) -> dict[str, Any]:
    return {"word": text, "punctuated_word": text, "start": start, "end": end, "confidence": 0.9}


class ScriptedRecogniser:
    """A listen endpoint that says what a test tells it to, when it is told."""

    def __init__(self) -> None:
        self.streams: list[Stream] = []
        self.refuses = False
        self.answers_after_seconds = 0.0

    @property
    def open_streams(self) -> list[Stream]:
        """The streams that the worker holds now."""
        return [stream for stream in self.streams if stream.is_open]

    async def stream_of(self, tone_hz: float, seconds: float = WAIT_SECONDS) -> Stream:
        """Return the newest open stream that hears this tone, steadily.

        A busy machine tears audio, and torn audio has another pitch for a moment: so a stream
        must match in several readings, between which new audio came.
        """
        matches: dict[int, list[int]] = {}  # stream → byte counts at readings that matched

        def find() -> Stream | None:
            for number, stream in reversed(list(enumerate(self.streams))):
                counts = matches.setdefault(number, [])
                if not stream.is_open or abs(stream.pitch_hz - tone_hz) >= TONE_TOLERANCE_HZ:
                    counts.clear()
                elif not counts or stream.byte_count - counts[-1] >= READING_BYTES:
                    counts.append(stream.byte_count)
                if len(counts) >= STEADY_READINGS:
                    return stream
            return None

        return await eventually(find, f"a recogniser stream with {tone_hz:.0f} Hz", seconds)

    async def listen(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection."""
        if self.refuses:
            return web.Response(status=503)
        await asyncio.sleep(self.answers_after_seconds)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        stream = Stream(socket, request.query)
        self.streams.append(stream)
        await stream.serve()
        return socket


@contextlib.asynccontextmanager
async def scripted_recogniser(port: int) -> AsyncIterator[ScriptedRecogniser]:
    """Serve the listen protocol on a loopback port until the block ends."""
    recogniser = ScriptedRecogniser()
    app = web.Application()
    app.router.add_get("/v1/listen", recogniser.listen)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
        yield recogniser
    finally:
        for stream in recogniser.open_streams:
            await stream.close(1001)
        await runner.cleanup()


def listen_url(port: int) -> str:
    """Return the address for COACH_STT_BASE_URL."""
    return f"http://127.0.0.1:{port}/v1/listen"
