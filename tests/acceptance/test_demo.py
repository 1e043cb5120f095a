"""`coach demo` as a newcomer runs it: real server, worker, recogniser and people, no key."""

import os
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from demo_call import load_demo_call
from demo_call.audio import RATE_HZ, read_stereo

REPOSITORY = Path(__file__).resolve().parents[2]
COACH = REPOSITORY / ".venv" / "bin" / "coach"
DEMO_SECONDS = 300
SHORT_SECONDS = 150
NO_LEAK = "No track, data, stream, call, transcription or metadata"


def demo(*arguments: str, seconds: int) -> subprocess.CompletedProcess[str]:
    """Run the demo with nothing of this machine's settings."""
    ours = ("COACH_", "LIVEKIT_", "DEEPGRAM_", "OPENAI_")
    environment = {name: v for name, v in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [str(COACH), "demo", *arguments],
        env={**environment, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=seconds,
    )


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
    assert "price_objection" in done.stdout
    assert "p50" in done.stdout


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


@pytest.mark.parametrize("name", ["missing.wav", "text.wav"])
def test_a_recording_that_cannot_be_used_is_named_before_anything_starts(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "text.wav").write_text("this is no sound")

    done = demo("--recording", str(tmp_path / name), seconds=30)

    assert done.returncode == 2
    assert name in done.stdout.replace("\n", "")
    assert "Traceback" not in done.stdout + done.stderr
