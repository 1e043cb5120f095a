"""`coach demo` as a newcomer runs it: real server, worker, recogniser and people, no key."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from coach.cli.demo.command import PROSPECT, REP
from coach.cli.demo.people import Person, token
from coach.cli.demo.processes import livekit
from coach.cli.demo.screen import ScreenShare
from coach.cli.demo.witness import Witness
from demo_call import Showing, load_demo_call
from demo_call.audio import RATE_HZ, read_stereo
from integration import model_server
from integration.model_server import advice

REPOSITORY = Path(__file__).resolve().parents[2]
COACH = REPOSITORY / ".venv" / "bin" / "coach"
DEMO_SECONDS = 300
SHORT_SECONDS = 150
NO_LEAK = "No track, data, stream, call, transcription or metadata"


ADVICE = "They run on paper: ask what a bad morning costs"
HEARD = "the telephone rings"
PACE = {"first_token_ms": 180, "tokens_per_second": 60}


def demo(
    *arguments: str, seconds: int, settings: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the demo with these settings, and with nothing of this machine's."""
    ours = ("COACH_", "LIVEKIT_", "DEEPGRAM_", "OPENAI_")
    environment = {name: v for name, v in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [str(COACH), "demo", *arguments],
        env={**environment, "COLUMNS": "100", **(settings or {})},
        capture_output=True,
        text=True,
        timeout=seconds,
    )


@contextlib.contextmanager
def scripted_model(folder: Path) -> Iterator[dict[str, str]]:
    """Run a model that has one hint to give, and yield the settings that name it."""
    evidence = {"utterance": None, "words": HEARD}
    hint = advice("competitor_mention", ADVICE, evidence=evidence, detail="Let them count it.")
    rule = {"match": rf"{HEARD}[^\n]*$", "text": hint, **PACE}  # only while it is the newest line
    script, port_file = folder / "script.json", folder / "port"
    script.write_text(json.dumps({"rules": [rule], "default": PACE}), encoding="utf-8")
    command = [sys.executable, str(model_server.__file__)]
    command += ["--port-file", str(port_file), "--script", str(script)]
    with subprocess.Popen(command) as process:
        try:
            deadline = time.monotonic() + 20
            while not port_file.exists():
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.05)
            url = f"http://127.0.0.1:{port_file.read_text()}/v1"
            yield {"COACH_LLM_BASE_URL": url, "COACH_LLM_MODEL": "scripted"}
        finally:
            process.terminate()


def write_wav(path: Path, samples: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> Path:
    """Write 16 kHz mono, to be read as somebody's own recording."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples[::3].tobytes())
    return path


@pytest.mark.timeout(DEMO_SECONDS + 30)
def test_every_hint_beside_the_recording_is_acknowledged_and_the_prospect_gets_nothing() -> None:
    done = demo(seconds=DEMO_SECONDS)

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert NO_LEAK in done.stdout
    assert "received the voice and the screen" in done.stdout
    for shown in ("price_objection", "integrations", "screen_stale", "discount_over_authority"):
        assert shown in done.stdout
    for path in ("trigger", "passage", "screen"):
        assert path in done.stdout
    assert "p99" in done.stdout
    assert "The advisor's answers" not in done.stdout


@pytest.mark.timeout(DEMO_SECONDS + 30)
def test_with_a_model_the_advisor_joins_in_and_what_gave_way_to_it_is_said(tmp_path: Path) -> None:
    with scripted_model(tmp_path) as settings:
        done = demo(seconds=DEMO_SECONDS, settings=settings)

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert NO_LEAK in done.stdout
    told = done.stdout[done.stdout.index("What the rep saw") :]
    assert f"“{HEARD}”" in told
    assert "first token" in told and "last" in told
    assert "The advisor's answers" in told
    assert "gave way to a hint of the advisor" in told


@pytest.mark.timeout(SHORT_SECONDS + 30)
def test_two_mono_files_of_the_users_own_go_the_same_way(tmp_path: Path) -> None:
    call = load_demo_call()
    audio = read_stereo(call.audio_path)
    [line] = [
        x
        for x in call.lines
        if x.mark and x.mark.moment == "price_objection" and x.mark.trigger == "over our budget"
    ]
    part = slice((line.start_ms - 2_000) * RATE_HZ // 1000, (line.end_ms + 2_000) * RATE_HZ // 1000)
    rep = write_wav(tmp_path / "rep.wav", audio.left[part])
    prospect = write_wav(tmp_path / "prospect.wav", audio.right[part])

    done = demo("--recording", str(rep), "--recording", str(prospect), seconds=SHORT_SECONDS)

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert "over our budget" in done.stdout
    assert NO_LEAK in done.stdout


@pytest.mark.parametrize("is_leaky", [False, True])
async def test_the_witness_lets_the_reps_screen_pass_and_catches_what_an_agent_sends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_leaky: bool
) -> None:
    monkeypatch.delenv("LIVEKIT_URL", raising=False)
    share = ScreenShare([Showing("price", 0, 1_500, None)])
    with livekit(tmp_path) as server:
        people = [
            await Person.join(
                server, token(server, "witnessed", identity, identity, may_publish_data=True)
            )
            for identity in (REP, PROSPECT, "agent-1")
        ]
        rep, prospect, agent = people
        witness = Witness(prospect.room, frozenset({REP, PROSPECT}))
        with witness.watching():
            await share.play(rep.room, time.monotonic())
            if is_leaky:
                await agent.room.local_participant.publish_data("a hint", topic="hint")
                await agent.open_microphone()
            await asyncio.sleep(1.0)
            for person in people:
                await person.leave()

    assert witness.rep_media == "the screen"
    wrong = {"data_packet_received", "track_published", "track_subscribed"}
    assert wrong <= set(witness.leaks) if is_leaky else witness.leaks == []


@pytest.mark.parametrize("name", ["missing.wav", "text.wav"])
def test_a_recording_that_cannot_be_used_is_named_before_anything_starts(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "text.wav").write_text("this is no sound")

    done = demo("--recording", str(tmp_path / name), seconds=30)

    assert done.returncode == 2
    assert name in done.stdout.replace("\n", "")
    assert "Traceback" not in done.stdout + done.stderr
