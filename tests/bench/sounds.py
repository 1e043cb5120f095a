"""Speech that a program can understand: each word is a tone of its own, 48 kHz, one channel."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

RATE_HZ = 48_000
FRAME_MS = 10
FRAME = RATE_HZ * FRAME_MS // 1_000
WORD_MS, TRIGGER_MS = 180, 220
GAP_MS = 70
FADE_MS = 2
LOUDNESS = 9_000
LOWEST_HZ, STEP_HZ = 300.0, 110.0

Samples = npt.NDArray[np.int16]

CARRIERS = ("so", "we", "are")
"""Words that mean nothing to the playbook."""
TRIGGERS = (
    *("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel"),
    *("india", "juliet", "kilo", "lima", "mike", "november", "oscar", "papa"),
)
WORDS = (*CARRIERS, *TRIGGERS)


def pitch_of(word: str) -> float:
    """Return the tone of a word, in hertz."""
    return LOWEST_HZ + STEP_HZ * WORDS.index(word)


def word_of(pitch_hz: float) -> str:
    """Return the word whose tone is nearest."""
    index = round((pitch_hz - LOWEST_HZ) / STEP_HZ)
    return WORDS[min(len(WORDS) - 1, max(0, index))]


@dataclass(frozen=True, slots=True)
class Mark:
    """A trigger word in a sound."""

    word: str
    end: int
    """Number of samples up to and with its last one."""


@dataclass(slots=True)
class Sound:
    """Something to say, and where its triggers end."""

    _parts: list[Samples] = field(default_factory=list)
    _length: int = 0
    marks: list[Mark] = field(default_factory=list)

    def silence(self, milliseconds: float) -> None:
        """Add silence, in whole frames."""
        frames = max(1, round(milliseconds / FRAME_MS))
        self._add(np.zeros(frames * FRAME, dtype=np.int16))

    def word(self, word: str) -> None:
        """Add a word and a gap."""
        length = TRIGGER_MS if word in TRIGGERS else WORD_MS
        self._add(_tone(pitch_of(word), length))
        if word in TRIGGERS:
            self.marks.append(Mark(word, self._length))
        self.silence(GAP_MS)

    def clip(self, samples: Samples) -> None:
        """Add recorded speech, in whole frames."""
        self._add(np.pad(samples, (0, -samples.size % FRAME)))

    @property
    def length(self) -> int:
        """Samples so far."""
        return self._length

    @property
    def seconds(self) -> float:
        """Length so far."""
        return self._length / RATE_HZ

    def samples(self) -> Samples:
        """Return all of it."""
        return np.concatenate(self._parts)

    def _add(self, samples: Samples) -> None:
        self._parts.append(samples)
        self._length += samples.size


def sentences(
    triggers: Sequence[str], pause_ms: tuple[int, int], *, seed: int = 1, lead: int = 4
) -> Sound:
    """Return one sentence for each trigger, which is its last word; pauses vary.

    Args:
        triggers: words, in order.
        pause_ms: shortest and longest pause after a sentence.
        seed: for the pauses.
        lead: sentences before them that hold no trigger, while the connection settles.
    """
    chance, sound = random.Random(seed), Sound()
    sound.silence(300)
    for _ in range(lead):
        for word in CARRIERS:
            sound.word(word)
        sound.silence(700)
    for trigger in triggers:
        sound.word(chance.choice(CARRIERS))
        sound.word(chance.choice(CARRIERS))
        sound.word(trigger)
        sound.silence(chance.randint(*pause_ms))
    return sound


def _tone(pitch_hz: float, milliseconds: int) -> Samples:
    times = np.arange(milliseconds * RATE_HZ // 1_000) / RATE_HZ
    wave = LOUDNESS * np.sin(2 * np.pi * pitch_hz * times)
    fade = FADE_MS * RATE_HZ // 1_000
    wave[:fade] *= np.linspace(0, 1, fade)
    wave[-fade:] *= np.linspace(1, 0, fade)
    return wave.astype(np.int16)
