"""What the scripted recogniser makes of audio: words, once their last byte is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bench.sounds import Samples, word_of

RATE_HZ = 16_000
LOUD = 1_200
END_SAMPLES = 12 * RATE_HZ // 1_000
"""So much quiet ends a word: longer than half a wave of the lowest tone."""
SHORTEST_WORD = RATE_HZ // 10
VOICED = 400
VOICED_WORD_SECONDS = 0.32
_TALK = ("we", "have", "some", "people", "on", "the", "road", "and", "they", "call", "every", "day")


@dataclass(frozen=True, slots=True)
class Heard:
    """A word and its place in the stream, in seconds of audio."""

    word: str
    start: float
    end: float


class Hearing(Protocol):
    """Audio in, words out."""

    def push(self, samples: Samples) -> Iterator[Heard]:
        """Take in audio and yield the words that it completes."""
        ...


class ToneHearing:
    """Understands `bench.sounds`: the pitch is the word, quiet is its end."""

    def __init__(self) -> None:
        self._kept = np.empty(0, dtype=np.int16)
        self._kept_from = 0

    def push(self, samples: Samples) -> Iterator[Heard]:
        """Take in audio and yield the words that it completes."""
        self._kept = np.concatenate((self._kept, samples))
        loud = np.flatnonzero(np.abs(self._kept.astype(np.int32)) > LOUD)
        if not loud.size:
            self._drop(self._kept.size)
            return
        for burst in np.split(loud, np.flatnonzero(np.diff(loud) > END_SAMPLES) + 1):
            first, last = int(burst[0]), int(burst[-1])
            if self._kept.size - last <= END_SAMPLES:
                self._drop(first)  # it may go on
                return
            if last - first >= SHORTEST_WORD:
                yield self._heard(first, last)
        self._drop(int(loud[-1]) + 1)

    def _heard(self, first: int, last: int) -> Heard:
        middle = self._kept[first:last]
        rises = np.flatnonzero((middle[:-1] < 0) & (middle[1:] >= 0))
        pitch_hz = (rises.size - 1) * RATE_HZ / max(1, int(rises[-1] - rises[0]))
        start, end = self._kept_from + first, self._kept_from + last + 1
        return Heard(word_of(pitch_hz), start / RATE_HZ, end / RATE_HZ)

    def _drop(self, count: int) -> None:
        self._kept = self._kept[count:]
        self._kept_from += count


class VoiceHearing:
    """Takes real speech for a word every so often, whatever is said."""

    def __init__(self) -> None:
        self._position = 0
        self._voiced = 0
        self._count = 0

    def push(self, samples: Samples) -> Iterator[Heard]:
        """Take in audio and yield the words that it completes."""
        self._position += samples.size
        if samples.size and np.abs(samples.astype(np.int32)).max() > VOICED:
            self._voiced += samples.size
        if self._voiced < VOICED_WORD_SECONDS * RATE_HZ:
            return
        self._voiced = 0
        self._count += 1
        end = self._position / RATE_HZ
        yield Heard(_TALK[self._count % len(_TALK)], end - VOICED_WORD_SECONDS, end)
