"""The silence gate on a real track with real speech: what a paid recogniser is sent."""

import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp
import numpy as np
import pytest
from livekit import rtc

from coach.adapters.livekit.audio import FRAME_MS, open_voice_detector
from coach.adapters.livekit.clock import CallClock
from coach.adapters.livekit.ear import Ear, Surroundings
from coach.adapters.livekit.gate import PRE_ROLL_MS
from coach.adapters.livekit.room import RoomAdapter
from coach.adapters.speech.chain import RecogniserChain
from coach.adapters.speech.deepgram import Endpoint, open_recogniser
from coach.cli.ports import free_port
from coach.domain.events import Event, Transcript
from coach.domain.job import Job, Rep
from demo_call import Role, load_demo_call
from demo_call.audio import read_stereo
from integration.livekit_server import LiveKit, running_livekit
from integration.people import SAMPLE_RATE_HZ, joined
from integration.recogniser import HEARD_RATE_HZ, Stream, listen_url, scripted_recogniser
from integration.waiting import eventually, never

# The SDK drops some handles of a client twice when it leaves a room; only tests notice.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FfiHandle")

SILENCE_SECONDS = 2.0
AUDIBLE = 100


@pytest.fixture(scope="module")
def livekit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveKit]:
    folder: Path = tmp_path_factory.mktemp("gate")
    with running_livekit(folder) as livekit:
        yield livekit


def spoken_line() -> bytes:
    """Return two seconds of silence and then a line of the recorded call's prospect."""
    call = load_demo_call()
    line = max(
        (li for li in call.lines if li.speaker is Role.PROSPECT), key=lambda li: len(li.words)
    )
    right = read_stereo(call.audio_path).right
    first, last = line.words[0].start_ms, line.words[-1].end_ms
    speech = right[first * SAMPLE_RATE_HZ // 1_000 : last * SAMPLE_RATE_HZ // 1_000]
    return bytes(2 * int(SAMPLE_RATE_HZ * SILENCE_SECONDS)) + speech.tobytes()


@dataclass(frozen=True, slots=True)
class Scene:
    """A prospect whose microphone is heard by the real ear, through the gate."""

    stream: Stream
    posted: list[Event]
    clock: CallClock

    def transcripts(self) -> list[Transcript]:
        return [event for event in self.posted if isinstance(event, Transcript)]

    async def hear_out(self) -> None:
        """Wait until the gate has closed behind the line."""
        await eventually(
            lambda: time.monotonic() - self.stream.last_audio_at > 1.0, "the gate closes", 30
        )


@contextlib.asynccontextmanager
async def listening(livekit: LiveKit, name: str, sound: bytes) -> AsyncIterator[Scene]:
    """Play a sound in a room of this name, to an ear with a gate and a scripted recogniser."""
    port, clock, posted = free_port(), CallClock(), list[Event]()
    listener = rtc.Room()
    adapter = RoomAdapter(listener, Job("c-1", Rep("rep-1")))
    endpoint = Endpoint(listen_url(port), "none", "nova-3", "en-US")
    async with (
        scripted_recogniser(port) as recogniser,
        joined(livekit, "buyer-1", name) as buyer,
        aiohttp.ClientSession() as http,
    ):
        around = Surroundings(
            open_recogniser=RecogniserChain(
                [endpoint], lambda each: open_recogniser(each, http), lambda served_by: None, "test"
            ),
            clock=clock,
            post=posted.append,
            open_detector=open_voice_detector(),
        )
        async with adapter.running(posted.append, partial(Ear, around)):
            token = livekit.token("listener", name, kind="agent")
            await listener.connect(livekit.url, token, rtc.RoomOptions(auto_subscribe=False))
            adapter.report_present()
            adapter.listen(frozenset({"buyer-1"}))
            microphone = await buyer.publish_sound(sound)
            stream = await eventually(
                lambda: next(iter(recogniser.open_streams), None), "a stream is open"
            )
            yield Scene(stream, posted, clock)
            await microphone.stop()
        await listener.disconnect()


async def test_silence_is_not_sent_speech_is_sent_whole_and_times_stay_true(
    livekit: LiveKit,
) -> None:
    sound = spoken_line()
    speech_seconds = len(sound) / (2 * SAMPLE_RATE_HZ) - SILENCE_SECONDS
    async with listening(livekit, "gate", sound) as scene:
        stream = scene.stream
        await never(lambda: stream.byte_count, "silence is sent", 1.0)

        await eventually(lambda: stream.byte_count, "speech is sent")
        began_ms = scene.clock.now_ms()
        await stream.say_words([("hello", 0.35, 0.45)])
        await eventually(scene.transcripts, "a transcript")
        await scene.hear_out()

        [heard] = scene.transcripts()
        assert abs(heard.start_ms - began_ms) < 300
        assert speech_seconds <= stream.audio_seconds < speech_seconds + 3.0


async def test_of_the_silence_before_a_word_the_oldest_is_dropped_and_the_onset_is_not_lost(
    livekit: LiveKit,
) -> None:
    async with listening(livekit, "pre-roll", spoken_line()) as scene:
        await never(lambda: scene.stream.byte_count, "silence is sent", 1.0)
        await eventually(lambda: scene.stream.audio_seconds >= 1.0, "speech is sent")

    onset_ms = _onset_ms(bytes(scene.stream.beginning))
    assert onset_ms > 0, "the word's beginning was cut off"
    # More than a second of silence waited at the gate.
    assert onset_ms <= PRE_ROLL_MS + FRAME_MS


def _onset_ms(samples: bytes) -> float:
    """Return how much silence comes before the first sound; 0 if the sound is cut."""
    loud = np.abs(np.frombuffer(samples, np.int16).astype(np.int32)) > AUDIBLE
    return float(np.argmax(loud)) * 1_000 / HEARD_RATE_HZ
