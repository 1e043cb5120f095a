"""The embedded recogniser as a process, driven by the unmodified Deepgram plugin and raw sockets.

`data/three_sentences.flac` was made with flite's voice rms; the times below were found by aligning
the text to it with wide beams. What is asserted about words is what the recogniser has always got
right in it; nothing is asserted about speed.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from subprocess import PIPE
from typing import Any

import aiohttp
import av
import numpy as np
import psutil
import pytest
from livekit import rtc
from livekit.agents import stt
from livekit.plugins import deepgram

from offline_stt.stream import ANSWER_LIMIT_SECONDS

CLIP = Path(__file__).parent / "data" / "three_sentences.flac"
RATE_HZ = 16_000
FRAME_SAMPLES = 320
SENTENCES = (
    "that is way over our budget",
    "how much does the enterprise plan cost",
    "we use zendesk for our support tickets",
)
WORD_TIMES_S = {"way": (0.96, 1.15), "budget": (1.78, 2.37), "enterprise": (4.27, 4.99)}
TOLERANCE_S = 0.12
DEADLINE_S = 20.0
POLL_S = 0.02

LISTEN = {"encoding": "linear16", "sample_rate": "16000", "interim_results": "true"}

Samples = np.ndarray[tuple[int], np.dtype[np.int16]]


@dataclass(frozen=True, slots=True)
class Server:
    """A running recogniser."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/listen"

    async def health(self, http: aiohttp.ClientSession) -> dict[str, Any]:
        async with http.get(f"http://127.0.0.1:{self.port}/") as response:
            return dict(await response.json())


@contextmanager
def serving(*arguments: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "offline_stt", "--exit-with-parent", *arguments]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE) as process:
        try:
            assert process.stdout is not None
            yield Server(process, json.loads(process.stdout.readline())["port"])
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests that do not stop it."""
    names = tmp_path_factory.mktemp("names") / "names.txt"
    names.write_text("zendesk\n")
    with serving("--workers", "2", "--words", str(names)) as server:
        yield server


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def clip() -> Samples:
    with av.open(str(CLIP)) as container:
        frames = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
    return np.concatenate(frames).astype(np.int16)


async def hear(url: str, http: aiohttp.ClientSession) -> list[stt.SpeechEvent]:
    """Play the clip to the plugin at real-time pace; return its events up to the last sentence."""
    plugin = deepgram.STT(base_url=url, api_key="none", endpointing_ms=300, http_session=http)
    events: list[stt.SpeechEvent] = []
    async with plugin.stream() as stream:
        playing = asyncio.create_task(play(stream))
        async for event in stream:
            events.append(event)
            # Left before the stream ends: the plugin takes another 5 s to notice that it has.
            finals = texts(events, stt.SpeechEventType.FINAL_TRANSCRIPT)
            if event.type is stt.SpeechEventType.END_OF_SPEECH and "support" in finals[-1]:
                break
        await playing
    return events


async def play(stream: stt.RecognizeStream) -> None:
    samples, loop = clip(), asyncio.get_running_loop()
    begin = loop.time()
    for start in range(0, len(samples), FRAME_SAMPLES):
        data = samples[start : start + FRAME_SAMPLES]
        await asyncio.sleep(max(0.0, begin + (start + len(data)) / RATE_HZ - loop.time()))
        stream.push_frame(rtc.AudioFrame(data.tobytes(), RATE_HZ, 1, len(data)))
    stream.end_input()


def texts(events: list[stt.SpeechEvent], kind: stt.SpeechEventType) -> list[str]:
    return [event.alternatives[0].text for event in events if event.type is kind]


def kinds(events: list[stt.SpeechEvent]) -> list[stt.SpeechEventType]:
    wanted = (
        stt.SpeechEventType.START_OF_SPEECH,
        stt.SpeechEventType.FINAL_TRANSCRIPT,
        stt.SpeechEventType.END_OF_SPEECH,
    )
    return [event.type for event in events if event.type in wanted]


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what other processes do."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(POLL_S)


async def decoder_pids(server: Server, http: aiohttp.ClientSession, count: int) -> list[int]:
    deadline = time.monotonic() + DEADLINE_S
    while True:
        pids: list[int] = (await server.health(http))["decoder_pids"]
        if len(pids) == count:
            return pids
        assert time.monotonic() < deadline
        await asyncio.sleep(POLL_S)


async def test_the_plugin_hears_words_names_times_and_pauses(
    server: Server, http: aiohttp.ClientSession
) -> None:
    events = await hear(server.url, http)

    finals = [event for event in events if event.type is stt.SpeechEventType.FINAL_TRANSCRIPT]
    assert [event.alternatives[0].text for event in finals] == list(SENTENCES)
    assert kinds(events) == 3 * [
        stt.SpeechEventType.START_OF_SPEECH,
        stt.SpeechEventType.FINAL_TRANSCRIPT,
        stt.SpeechEventType.END_OF_SPEECH,
    ]
    words = {str(word): word for event in finals for word in event.alternatives[0].words or []}
    for text, (start_s, end_s) in WORD_TIMES_S.items():
        assert words[text].start_time == pytest.approx(start_s, abs=TOLERANCE_S)
        assert words[text].end_time == pytest.approx(end_s, abs=TOLERANCE_S)
    assert len({word.confidence for word in words.values()}) > 1  # measured, not made up
    partials = texts(events, stt.SpeechEventType.INTERIM_TRANSCRIPT)
    assert len(partials) >= 30  # of 7 s of speech
    assert "how much does the enterprise" in partials


async def test_a_killed_decoder_ends_only_its_own_stream(
    server: Server, http: aiohttp.ClientSession
) -> None:
    served = (await server.health(http))["served"]
    async with asyncio.TaskGroup() as tasks:
        spared = tasks.create_task(hear(server.url, http))
        (spared_pid,) = await decoder_pids(server, http, count=1)
        struck = tasks.create_task(hear(server.url, http))
        pids = await decoder_pids(server, http, count=2)
        await asyncio.sleep(1.5)  # into the first sentence
        (struck_pid,) = set(pids) - {spared_pid}
        psutil.Process(struck_pid).kill()

    health = await server.health(http)
    assert texts(spared.result(), stt.SpeechEventType.FINAL_TRANSCRIPT) == list(SENTENCES)
    assert texts(struck.result(), stt.SpeechEventType.FINAL_TRANSCRIPT)[-1] == SENTENCES[-1]
    assert health["served"] == served + 3  # the plugin came back


async def test_a_frozen_decoder_ends_its_stream(
    server: Server, http: aiohttp.ClientSession
) -> None:
    await decoder_pids(server, http, count=0)
    async with http.ws_connect(server.url, params=LISTEN) as socket:
        (pid,) = await decoder_pids(server, http, count=1)
        psutil.Process(pid).suspend()
        try:
            await socket.send_bytes(clip()[: 2 * RATE_HZ].tobytes())
            message = await socket.receive(timeout=ANSWER_LIMIT_SECONDS + 5.0)
        finally:
            psutil.Process(pid).resume()

    assert message.type is aiohttp.WSMsgType.CLOSE
    assert message.data == aiohttp.WSCloseCode.INTERNAL_ERROR


async def test_a_raw_client_gets_finals_on_request_and_a_clean_close(
    server: Server, http: aiohttp.ClientSession
) -> None:
    sentence = np.repeat(clip()[: int(2.4 * RATE_HZ)], 3)  # 48 kHz, crudely
    query = LISTEN | {"sample_rate": "48000", "vad_events": "true", "utterance_end_ms": "500"}
    async with http.ws_connect(server.url, params=query) as socket:
        await socket.send_bytes(sentence.tobytes()[:-1])  # half a sample is waited for
        await socket.send_json({"type": "Finalize"})
        silence = np.zeros(48_000, dtype=np.int16)
        await socket.send_bytes(silence.tobytes())
        first = [json.loads(await socket.receive_str()) for _ in range(2)]
        while not first[-1].get("is_final"):
            first.append(json.loads(await socket.receive_str()))
        await socket.send_bytes(silence.tobytes())
        await socket.send_json({"type": "KeepAlive"})
        await socket.send_json({"type": "CloseStream"})
        last = [json.loads(message.data) async for message in socket]
        close_code = socket.close_code

    assert first[0]["type"] == "SpeechStarted"
    assert first[-1]["from_finalize"] and first[-1]["speech_final"]
    assert first[-1]["channel"]["alternatives"][0]["transcript"].endswith("over our budget")
    assert [message["type"] for message in last] == ["UtteranceEnd", "Metadata"]
    assert last[-1]["duration"] == pytest.approx(4.4, abs=0.01)
    assert close_code == aiohttp.WSCloseCode.OK


async def test_partials_are_less_than_a_tenth_of_a_second_of_speech_apart(
    server: Server, http: aiohttp.ClientSession
) -> None:
    sentence = clip()[: int(2.4 * RATE_HZ)]
    ends_s: list[float] = []
    async with http.ws_connect(server.url, params=LISTEN) as socket:
        for start in range(0, len(sentence), FRAME_SAMPLES):
            await socket.send_bytes(sentence[start : start + FRAME_SAMPLES].tobytes())
        await socket.send_json({"type": "Finalize"})
        while not (message := await socket.receive_json())["is_final"]:
            ends_s.append(message["start"] + message["duration"])

    apart_s = [later - earlier for earlier, later in pairwise(ends_s)]
    assert len(apart_s) >= 15
    assert max(apart_s) < 0.09  # of audio; what decoding takes comes on top


async def test_an_utterance_whose_audio_stops_is_completed(
    server: Server, http: aiohttp.ClientSession
) -> None:
    async with http.ws_connect(server.url, params=LISTEN) as socket:
        await socket.send_bytes(clip()[: 2 * RATE_HZ].tobytes())
        message = await socket.receive_json()
        while not message["is_final"]:
            message = await socket.receive_json()

    assert message["speech_final"] and not message["from_finalize"]
    assert "over our" in message["channel"]["alternatives"][0]["transcript"]


async def test_what_cannot_be_served_is_refused_and_the_others_go_on(
    server: Server, http: aiohttp.ClientSession
) -> None:
    await decoder_pids(server, http, count=0)
    for change in ({"encoding": "mp3"}, {"sample_rate": "x"}, {"channels": "2"}):
        async with http.get(server.url, params=LISTEN | change) as response:
            assert response.status == 400
            assert next(iter(change)) in await response.text()
    async with http.get(server.url, params=LISTEN) as response:
        assert response.status == 426
    async with (
        http.ws_connect(server.url, params=LISTEN) as good,
        http.ws_connect(server.url, params=LISTEN) as bad,
    ):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(server.url, params=LISTEN)
        await bad.send_str("{no json")
        await bad.receive()
        await good.send_json({"type": "SomethingNew"})
        await good.send_json({"type": "CloseStream"})

        assert refused.value.status == 503
        assert bad.close_code == aiohttp.WSCloseCode.POLICY_VIOLATION
        assert (await good.receive_json())["type"] == "Metadata"


async def test_a_decoder_host_that_died_is_replaced(
    server: Server, http: aiohttp.ClientSession
) -> None:
    await decoder_pids(server, http, count=0)
    (host,) = psutil.Process(server.process.pid).children()
    host.kill()
    await until(lambda: gone(host))

    async with http.ws_connect(server.url, params=LISTEN) as socket:
        await socket.send_json({"type": "CloseStream"})

        assert (await socket.receive_json())["type"] == "Metadata"


async def test_it_stops_on_request_and_starts_again_on_its_port(
    http: aiohttp.ClientSession,
) -> None:
    with serving() as first:
        async with http.ws_connect(first.url, params=LISTEN) as socket:
            family = psutil.Process(first.process.pid).children(recursive=True)
            first.process.terminate()
            assert (await socket.receive()).data == aiohttp.WSCloseCode.GOING_AWAY
    assert first.process.returncode == 0
    await until(lambda: all(map(gone, family)))

    with serving("--port", str(first.port)) as second:
        assert second.port == first.port
        async with http.ws_connect(second.url, params=LISTEN):
            family = psutil.Process(second.process.pid).children(recursive=True)
            second.process.kill()
    await until(lambda: all(map(gone, family)))


async def test_it_ends_when_its_parent_lets_go_of_its_input() -> None:
    with serving() as server:
        assert server.process.stdin is not None
        server.process.stdin.close()

        await until(lambda: server.process.poll() == 0)


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
