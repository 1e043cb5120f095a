"""The scripted recogniser tells the speakers of a test apart by the pitch at which they hum."""

import numpy as np
import pytest

from integration.recogniser import HEARD_RATE_HZ, TONE_TOLERANCE_HZ, Samples, pitch_of

TONES_HZ = (300.0, 450.0, 620.0, 700.0, 800.0, 1000.0, 1100.0, 1220.0, 1460.0, 1720.0)
FRAME = HEARD_RATE_HZ // 100


def half_a_second(tone_hz: float, torn_every: int | None) -> Samples:
    """Return a tone; of so many frames of ten milliseconds each last one is missing."""
    numbers = np.arange(HEARD_RATE_HZ // 2)
    tone = 8_000 * np.sin(2 * np.pi * tone_hz / HEARD_RATE_HZ * numbers)
    if torn_every is not None:
        tone[numbers // FRAME % torn_every == torn_every - 1] = 0
    samples: Samples = tone.astype(np.int16)
    return samples


@pytest.mark.parametrize("torn_every", [None, 2, 3, 4, 10])
@pytest.mark.parametrize("tone_hz", TONES_HZ)
def test_a_torn_tone_keeps_its_pitch(tone_hz: float, torn_every: int | None) -> None:
    """Pitch was counted over the gaps, too: with every fourth frame lost to a busy machine, one
    call's rep at 620 Hz passed for another call's buyer at 450 Hz, whose words then went astray."""
    pitch = pitch_of(half_a_second(tone_hz, torn_every))

    assert abs(pitch - tone_hz) < TONE_TOLERANCE_HZ / 2


def test_silence_has_no_pitch() -> None:
    assert pitch_of(np.zeros(0, np.int16)) == pitch_of(np.zeros(FRAME, np.int16)) == 0.0
