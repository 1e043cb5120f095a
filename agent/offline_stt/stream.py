"""One listening connection: audio in, results out, until the client or its decoder ends.

Two tasks stand between the client and its decoder process. `_feed` hands the gate's events on, at
most `IN_FLIGHT_SLICES` unanswered; what the decoder cannot take in real time waits in the backlog,
which drops the oldest. `_answer` turns the decoder's answers into messages. A client that does not
read stops `_answer`, and through it the decoder, so nothing grows; the heartbeat ends it.
"""

import asyncio
import json
import logging
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from aiohttp import WSCloseCode, WSMsgType, web

from offline_stt import messages
from offline_stt.audio import Intake
from offline_stt.backlog import Backlog
from offline_stt.decoders import Decoder, DecoderError
from offline_stt.gate import Audio, Begin, End, Gate, GateEvent
from offline_stt.query import ListenOptions
from offline_stt.timeline import TimedWord, Timeline
from offline_stt.units import SAMPLE_RATE_HZ, SLICE_SAMPLES
from offline_stt.wire import Kind

IN_FLIGHT_SLICES = 6  # 0.3 s of the plugin's audio
ANSWER_LIMIT_SECONDS = 5.0  # a slice takes 5 to 40 ms; the words would be too old by then
IDLE_LIMIT_SECONDS = 15.0  # neither audio nor KeepAlive; the plugin sends one every 5 s
LAST_WORDS_LIMIT_SECONDS = 5.0
STALL_SECONDS = 1.0  # a microphone that is muted within a word sends no silence after it

_log = logging.getLogger(__name__)


class ProtocolError(Exception):
    """The client sent what this protocol has no meaning for."""


@dataclass(slots=True)
class _Utterance:
    """An utterance that is on its way through the decoder."""

    timeline: Timeline
    slice_ends: deque[int] = field(default_factory=deque)  # of those not yet answered
    end: End | None = None
    sent_at_sample: int = 0
    sent_text: tuple[str, ...] = ()


class ListenStream:
    """Serves one connection."""

    def __init__(
        self,
        request_id: str,
        socket: web.WebSocketResponse,
        decoder: Decoder,
        options: ListenOptions,
        gate: Gate,
    ) -> None:
        self.request_id = request_id
        self._socket = socket
        self._decoder = decoder
        self._options = options
        self._gate = gate
        self._intake = Intake(options.sample_rate_hz)
        self._backlog = Backlog()
        self._in_flight = asyncio.Semaphore(IN_FLIGHT_SLICES)
        self._utterances: deque[_Utterance] = deque()
        self._unfinished = 0
        self._finished = asyncio.Event()
        self._finished.set()
        self._gap_after_s: float | None = None
        self._stall: asyncio.TimerHandle | None = None

    @property
    def dropped_samples(self) -> int:
        """Audio that was dropped because its decoder was behind."""
        return self._backlog.dropped_samples

    async def serve(self) -> None:
        """Serve until the client closes; then, or when it cannot go on, the socket is closed."""
        try:
            async with asyncio.TaskGroup() as tasks:
                feed = tasks.create_task(self._feed(), name="offline_stt.feed")
                answer = tasks.create_task(self._answer(), name="offline_stt.answer")
                try:
                    await self._listen()
                finally:
                    self._expect_audio(None)
                    feed.cancel()
                    answer.cancel()
        except* DecoderError:
            _log.warning("decoder ended", extra={"request_id": self.request_id})
            await self._close(WSCloseCode.INTERNAL_ERROR, "decoder ended; connect again")
        except* ProtocolError as errors:
            await self._close(WSCloseCode.POLICY_VIOLATION, str(errors.exceptions[0]))
        except* TimeoutError:
            await self._close(WSCloseCode.INTERNAL_ERROR, "neither audio nor KeepAlive in time")
        except* ConnectionError:
            pass  # the client is gone, and with it whoever could be told

    async def _close(self, code: WSCloseCode, reason: str) -> None:
        with suppress(ConnectionError):
            await self._socket.close(code=code, message=reason.encode())

    async def _listen(self) -> None:
        """Take in the client's messages until it is done or gone."""
        while True:
            message = await self._socket.receive(timeout=IDLE_LIMIT_SECONDS)
            if message.type is WSMsgType.BINARY:
                await self._hear(message.data)
            elif message.type is not WSMsgType.TEXT:
                return  # closed, by either side, or broken
            elif not await self._obey(message.data):
                return

    async def _hear(self, data: bytes) -> None:
        self._expect_audio(STALL_SECONDS)
        for event in self._gate.push(self._intake.push(data)):
            self._pass_on(event)
            if isinstance(event, Begin) and self._options.vad_events:
                await self._socket.send_str(messages.speech_started(_seconds(event.sample)))
        await self._send_utterance_end()

    async def _obey(self, text: str) -> bool:
        """Carry out a control message; False: it was the last one."""
        match _parse_control(text):
            case "Finalize":
                self._finalize(requested=True)
            case "CloseStream":
                self._finalize(requested=True)
                await self._say_last_words()
                return False
        return True  # KeepAlive, or a message that Deepgram may add

    def _finalize(self, *, requested: bool) -> None:
        for event in self._gate.finalize(requested=requested):
            self._pass_on(event)

    def _expect_audio(self, within_seconds: float | None) -> None:
        """End the open utterance if no audio comes in time; None: no longer."""
        if self._stall is not None:
            self._stall.cancel()
        if within_seconds is not None:
            end = partial(self._finalize, requested=False)
            self._stall = asyncio.get_running_loop().call_later(within_seconds, end)

    def _pass_on(self, event: GateEvent) -> None:
        if isinstance(event, Begin):
            self._unfinished += 1
            self._finished.clear()
        self._backlog.put(event)

    async def _say_last_words(self) -> None:
        """Wait for the finals that are due, then close as Deepgram does."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_LIMIT_SECONDS):
                await self._finished.wait()
        received_s = _seconds(self._gate.received)
        await self._socket.send_str(messages.metadata(self.request_id, received_s))
        await self._socket.close()

    async def _feed(self) -> None:
        """Hand events to the decoder."""
        while True:
            match await self._backlog.get():
                case Begin(sample):
                    self._utterances.append(_Utterance(Timeline(sample)))
                    await self._decoder.send(Kind.BEGIN)
                case Audio(sample, samples):
                    self._utterances[-1].timeline.feed(sample, len(samples))
                    self._utterances[-1].slice_ends.append(sample + len(samples))
                    await self._wait_for_decoder()
                    await self._decoder.send(Kind.AUDIO, samples.tobytes())
                case End() as end:
                    self._utterances[-1].end = end
                    await self._decoder.send(Kind.END)

    async def _wait_for_decoder(self) -> None:
        """Wait until it may be sent another slice; one that answers nothing has ended for us."""
        try:
            async with asyncio.timeout(ANSWER_LIMIT_SECONDS):
                await self._in_flight.acquire()
        except TimeoutError:
            raise DecoderError("a decoder does not answer") from None

    async def _answer(self) -> None:
        """Turn the decoder's answers into messages; they come in the order of what was sent."""
        while True:
            kind, heard = await self._decoder.receive()
            utterance = self._utterances[0]
            words = utterance.timeline.place(heard)
            if kind is Kind.FINAL:
                self._utterances.popleft()
                await self._send_final(utterance, words)
            else:
                self._in_flight.release()
                await self._send_partial(utterance, words)

    async def _send_partial(self, utterance: _Utterance, words: list[TimedWord]) -> None:
        """Send what changed at once, and the same words again after a slice.

        A client is to hear at least every 100 ms while somebody speaks. At 100 ms of audio it
        would be late as often as not: decoding takes 5 to 40 ms, never the same.
        """
        text = tuple(word.text for word in words)
        at = utterance.slice_ends.popleft()
        due = at - utterance.sent_at_sample >= SLICE_SAMPLES
        if (
            not words
            or not self._options.interim_results
            or (text == utterance.sent_text and not due)
        ):
            return
        utterance.sent_text, utterance.sent_at_sample = text, at
        self._gap_after_s = None
        start_s = _seconds(utterance.timeline.start_sample)
        result = messages.Result(start_s, _seconds(at), words, is_final=False)
        await self._socket.send_str(messages.results(self.request_id, result))

    async def _send_final(self, utterance: _Utterance, words: list[TimedWord]) -> None:
        """Send the utterance's last result, also without words: its pause is news as well."""
        assert utterance.end is not None
        result = messages.Result(
            _seconds(utterance.timeline.start_sample),
            _seconds(utterance.end.sample),
            words,
            is_final=True,
            speech_final=utterance.end.speech_final,
            from_finalize=utterance.end.from_finalize,
        )
        await self._socket.send_str(messages.results(self.request_id, result))
        if words:
            self._gap_after_s = words[-1].end_s
        self._unfinished -= 1
        if not self._unfinished:
            self._finished.set()

    async def _send_utterance_end(self) -> None:
        gap_ms = self._options.utterance_end_ms
        if gap_ms is None or self._gap_after_s is None:
            return
        if (_seconds(self._gate.received) - self._gap_after_s) * 1_000 >= gap_ms:
            last_word_end_s, self._gap_after_s = self._gap_after_s, None
            await self._socket.send_str(messages.utterance_end(last_word_end_s))


def _parse_control(text: str) -> str:
    try:
        kind = json.loads(text)["type"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ProtocolError("a text message must be a JSON object with a type") from None
    return str(kind)


def _seconds(sample: int) -> float:
    return round(sample / SAMPLE_RATE_HZ, 3)
