"""A recogniser in a process of its own that answers 140 to 180 ms after a word's last byte came.

It speaks Deepgram's listen protocol and says only words whose audio it has received.
"""

import argparse
import asyncio
import contextlib
import json
import random
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from aiohttp import WSMsgType, web

from bench.actors.hearing import RATE_HZ, Heard, Hearing, ToneHearing, VoiceHearing
from bench.actors.lines import orders, tell

ANSWER_SECONDS = (0.140, 0.180)
FINAL_SECONDS = 0.3
"""Quiet, in seconds of audio, after which words are final."""


class Stream:
    """One connection."""

    def __init__(self, socket: web.WebSocketResponse, hearing: Hearing, number: int) -> None:
        self._socket, self._hearing, self._number = socket, hearing, number
        self._words: list[Heard] = []
        self._is_spoken_for = True  # no words wait for their final
        self._position = 0.0
        self._last_at = 0.0  # when the chunk before came
        self._answers: asyncio.Queue[tuple[float, float, str, str]] = asyncio.Queue()

    async def serve(self) -> None:
        """Hear and answer until the worker closes."""
        answering = asyncio.create_task(self._answer())
        try:
            async for message in self._socket:
                if message.type is WSMsgType.BINARY:
                    self._hear(message.data)
                elif message.type is WSMsgType.TEXT and "CloseStream" in message.data:
                    await self._socket.close()
        finally:
            answering.cancel()

    def _hear(self, audio: bytes) -> None:
        now = time.monotonic()
        begun = self._position
        self._position += len(audio) / (2 * RATE_HZ)
        for heard in self._hearing.push(np.frombuffer(audio, dtype="<i2")):
            self._words.append(heard)
            self._is_spoken_for = False
            # A word that ended with the chunk before is known only now; its last byte came then.
            self._say(heard.word, self._last_at if heard.end <= begun else now, is_final=False)
        self._last_at = now
        is_quiet = self._words and self._position - self._words[-1].end >= FINAL_SECONDS
        if is_quiet and not self._is_spoken_for:
            self._say("", now, is_final=True)
            self._words, self._is_spoken_for = [], True

    def _say(self, word: str, arrived_at: float, *, is_final: bool) -> None:
        due_at = arrived_at + random.uniform(*ANSWER_SECONDS)
        self._answers.put_nowait((due_at, arrived_at, word, _message(self._words, is_final)))

    async def _answer(self) -> None:
        while True:
            due_at, arrived_at, word, message = await self._answers.get()
            await asyncio.sleep(max(0.0, due_at - time.monotonic()))
            sent_at = time.monotonic()
            with contextlib.suppress(ConnectionError):
                await self._socket.send_str(message)
            if word:
                tell("word", word=word, stream=self._number, arrived=arrived_at, sent=sent_at)


def _message(words: list[Heard], is_final: bool) -> str:
    alternative = {
        "transcript": " ".join(heard.word for heard in words),
        "confidence": 0.9,
        "words": [_word(heard) for heard in words],
    }
    return json.dumps(
        {
            "type": "Results",
            "is_final": is_final,
            "speech_final": is_final,
            "start": words[0].start,
            "duration": words[-1].end - words[0].start,
            "channel": {"alternatives": [alternative]},
            "metadata": {"request_id": "bench"},
        }
    )


def _word(heard: Heard) -> dict[str, Any]:
    text = {"word": heard.word, "punctuated_word": heard.word}
    return {**text, "start": heard.start, "end": heard.end, "confidence": 0.9}


class Endpoint:
    """The server: counts its streams."""

    def __init__(self, make_hearing: Callable[[], Hearing]) -> None:
        self._make_hearing = make_hearing
        self.opened_count = 0
        self.open: set[int] = set()

    async def listen(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.opened_count += 1
        number = self.opened_count
        self.open.add(number)
        try:
            await Stream(socket, self._make_hearing(), number).serve()
        finally:
            self.open.discard(number)
        return socket


async def main() -> None:
    """Serve until the benchmark is gone; an order of any kind is answered with the streams."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--hear", choices=("tones", "voice"), required=True)
    hearing = ToneHearing if parser.parse_args().hear == "tones" else VoiceHearing
    endpoint = Endpoint(hearing)
    app = web.Application()
    app.router.add_get("/v1/listen", endpoint.listen)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    tell("ready", url=f"http://127.0.0.1:{port}/v1/listen")
    async for _ in orders():
        tell("streams", open=len(endpoint.open), opened=endpoint.opened_count)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
