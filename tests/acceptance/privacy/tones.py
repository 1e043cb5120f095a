"""Which tone a recogniser's stream hears, however the machine's load tears at the sound."""

from collections.abc import Collection

import numpy as np

from integration.recogniser import HEARD_RATE_HZ, ScriptedRecogniser, Stream
from integration.waiting import eventually

AUDIBLE = 800.0
"""Amplitude from which a tone counts as heard; people publish 8,000."""


def tones_heard(stream: Stream, among: Collection[float]) -> set[float]:
    """Return the tones (Hz) that are in the last half second of a stream."""
    samples = np.frombuffer(bytes(stream._recent), np.int16).astype(np.float64)
    if samples.size == 0:
        return set()
    seconds = np.arange(samples.size) / HEARD_RATE_HZ
    return {
        tone_hz
        for tone_hz in among
        if 2 * abs(np.mean(samples * np.exp(-2j * np.pi * tone_hz * seconds))) > AUDIBLE
    }


async def stream_hearing(
    recogniser: ScriptedRecogniser, tone_hz: float, among: Collection[float]
) -> Stream:
    """Return the newest open stream that hears this tone, and none of the others."""

    def find() -> Stream | None:
        streams = reversed(recogniser.open_streams)
        return next((s for s in streams if tones_heard(s, among) == {tone_hz}), None)

    return await eventually(find, f"a recogniser stream with {tone_hz:.0f} Hz")
