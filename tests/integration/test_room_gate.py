"""The silence gate on a real track with real speech: what a paid recogniser is sent."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from livekit import rtc

from coach.adapters.livekit.audio import open_voice_detector
from coach.adapters.livekit.clock import CallClock
from coach.adapters.livekit.ear import Ear, Surroundings
from coach.adapters.livekit.room import RoomAdapter
from coach.adapters.speech.deepgram import Endpoint, open_recogniser
from coach.domain.events import Event, Transcript
from coach.domain.job import Job, Rep
from demo_call import Role, load_demo_call
from demo_call.audio import read_stereo
from integration.livekit_server import LiveKit, running_livekit
from integration.people import SAMPLE_RATE_HZ, joined
from integration.processes import free_port
from integration.recogniser import listen_url, scripted_recogniser
from integration.waiting import eventually, never

# The SDK drops some handles of a client twice when it leaves a room; only tests notice.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FfiHandle")

SILENCE_SECONDS = 2.0


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


async def test_silence_is_not_sent_speech_is_sent_whole_and_times_stay_true(
    livekit: LiveKit,
) -> None:
    sound, port, clock = spoken_line(), free_port(), CallClock()
    speech_seconds = len(sound) / (2 * SAMPLE_RATE_HZ) - SILENCE_SECONDS
    posted: list[Event] = []
    listener = rtc.Room()
    adapter = RoomAdapter(listener, Job("c-1", Rep("rep-1")))
    endpoint = Endpoint(listen_url(port), "none", "nova-3", "en-US")
    async with (
        scripted_recogniser(port) as recogniser,
        joined(livekit, "buyer-1", "gate") as buyer,
        aiohttp.ClientSession() as http,
    ):
        around = Surroundings(
            open_recogniser=lambda: open_recogniser(endpoint, http),
            clock=clock,
            post=posted.append,
            open_detector=open_voice_detector(),
        )
        async with adapter.running(posted.append, partial(Ear, around)):
            token = livekit.token("listener", "gate", kind="agent")
            await listener.connect(livekit.url, token, rtc.RoomOptions(auto_subscribe=False))
            adapter.report_present()
            adapter.listen(frozenset({"buyer-1"}))
            microphone = await buyer.publish_sound(sound)
            stream = await eventually(
                lambda: next(iter(recogniser.open_streams), None), "a stream is open"
            )
            await never(lambda: stream.byte_count, "silence is sent", 1.0)

            await eventually(lambda: stream.byte_count, "speech is sent")
            began_ms = clock.now_ms()
            await stream.say_words([("hello", 0.35, 0.45)])
            await eventually(lambda: _transcripts(posted), "a transcript")
            await eventually(
                lambda: time.monotonic() - stream.last_audio_at > 1.0, "the gate closes", 30
            )

            [heard] = _transcripts(posted)
            assert abs(heard.start_ms - began_ms) < 300
            assert speech_seconds <= stream.audio_seconds < speech_seconds + 3.0
            await microphone.stop()
        await listener.disconnect()


def _transcripts(posted: list[Event]) -> list[Transcript]:
    return [event for event in posted if isinstance(event, Transcript)]
