"""What fake microphones play: a part of the recorded call, or nothing."""

import wave
from pathlib import Path
from typing import Literal

import numpy as np

from demo_call import load_demo_call
from demo_call.audio import RATE_HZ, Samples, read_stereo

Side = Literal["rep", "prospect"]


def write_part(path: Path, side: Side, start_ms: int, end_ms: int) -> Path:
    """Write one side of a part of the recorded call; 48 kHz, mono, as Chromium wants it."""
    audio = read_stereo(load_demo_call().audio_path)
    channel = audio.left if side == "rep" else audio.right
    return _write(path, channel[start_ms * RATE_HZ // 1000 : end_ms * RATE_HZ // 1000])


def write_silence(path: Path) -> Path:
    """Write a second of nothing."""
    return _write(path, np.zeros(RATE_HZ, np.int16))


def _write(path: Path, samples: Samples) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.astype("<i2").tobytes())
    return path
