"""The intake of bytes."""

import numpy as np

from offline_stt.audio import Intake


def test_bytes_may_be_split_anywhere() -> None:
    samples = np.arange(-500, 500, dtype="<i2")
    data = samples.tobytes()
    intake = Intake(16_000)

    pieces = [intake.push(data[start : start + 7]) for start in range(0, len(data), 7)]

    np.testing.assert_array_equal(np.concatenate(pieces), samples)


def test_other_rates_keep_their_duration_and_pitch() -> None:
    seconds = np.arange(48_000) / 48_000
    tone = (8_000 * np.sin(2 * np.pi * 440 * seconds)).astype("<i2")
    intake = Intake(48_000)

    pieces = [
        intake.push(tone[start : start + 2_400].tobytes()) for start in range(0, 48_000, 2_400)
    ]
    heard = np.concatenate(pieces)

    assert abs(len(heard) - 16_000) < 50  # the filter keeps a few
    spectrum = np.abs(np.fft.rfft(heard))
    assert abs(np.argmax(spectrum) * 16_000 / len(heard) - 440) < 2
