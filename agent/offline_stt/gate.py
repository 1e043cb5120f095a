"""Voice gate of one stream: decides which audio is an utterance, from a probability per window.

Pure: the voice model is passed in, positions are samples since the start of the stream.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from offline_stt.audio import Samples
from offline_stt.units import SAMPLE_RATE_HZ, SLICE_SAMPLES

WINDOW_SAMPLES = 512  # what the voice model judges at once: 32 ms
PRE_ROLL_SAMPLES = 8 * WINDOW_SAMPLES  # the first consonant is often quieter than the threshold
START_WINDOWS = 2
START_PROBABILITY = 0.5
STAY_PROBABILITY = 0.35  # lower than the start: a quiet syllable must not end an utterance

# A monologue is cut at its next short pause, or anywhere when there is none, because the cost of
# closing an utterance grows with its length.
LONG_UTTERANCE_SAMPLES = 10 * SAMPLE_RATE_HZ
LONG_UTTERANCE_PAUSE_SAMPLES = 3 * WINDOW_SAMPLES
LONGEST_UTTERANCE_SAMPLES = 20 * SAMPLE_RATE_HZ

VoiceModel = Callable[[Samples], float]


@dataclass(frozen=True, slots=True)
class Begin:
    """An utterance begins."""

    sample: int


@dataclass(frozen=True, slots=True)
class Audio:
    """Audio of the open utterance."""

    sample: int  # position of the first one
    samples: Samples


@dataclass(frozen=True, slots=True)
class End:
    """The open utterance is complete.

    Attributes:
        speech_final: False where a monologue was merely cut.
        from_finalize: The client asked for it.
    """

    sample: int
    speech_final: bool = True
    from_finalize: bool = False


GateEvent = Begin | Audio | End


class Gate:
    """Cuts a stream into utterances.

    An utterance opens after two windows with voice, reaching back by the pre-roll but never into
    the one before; it closes after `pause_samples` without voice. While it is open, audio passes at
    once: it does not wait until its window is full.
    """

    def __init__(self, voice: VoiceModel, pause_samples: int) -> None:
        self._voice = voice
        self._pause_samples = pause_samples
        self._kept: Samples = np.empty(0, dtype=np.int16)
        self._kept_from = 0
        self._judged = 0  # windows up to here have been judged
        self._passed = 0  # audio up to here was passed on, or belongs to a closed utterance
        self._speaking_since: int | None = None
        self._voiced_windows = 0
        self._silent_samples = 0

    @property
    def received(self) -> int:
        """Samples taken in since the start of the stream."""
        return self._kept_from + len(self._kept)

    @property
    def speaking(self) -> bool:
        """Whether an utterance is open."""
        return self._speaking_since is not None

    def push(self, samples: Samples) -> list[GateEvent]:
        """Take in the next samples and return what follows from them, in order."""
        self._kept = np.concatenate((self._kept, samples))
        events: list[GateEvent] = []
        while self.received - self._judged >= WINDOW_SAMPLES:
            events += self._judge_window()
        if self.speaking:
            events += self._pass_until(self.received)
        self._forget()
        return events

    def finalize(self, *, requested: bool = True) -> list[GateEvent]:
        """Close the open utterance, if there is one, with all audio so far."""
        if not self.speaking:
            return []
        return self._close(End(self.received, from_finalize=requested))

    def _judge_window(self) -> list[GateEvent]:
        start = self._judged - self._kept_from
        probability = self._voice(self._kept[start : start + WINDOW_SAMPLES])
        self._judged += WINDOW_SAMPLES
        if self.speaking:
            return self._while_speaking(probability >= STAY_PROBABILITY)
        return self._while_silent(probability >= START_PROBABILITY)

    def _while_silent(self, voiced: bool) -> list[GateEvent]:
        self._voiced_windows = self._voiced_windows + 1 if voiced else 0
        if self._voiced_windows < START_WINDOWS:
            return []
        onset = self._judged - START_WINDOWS * WINDOW_SAMPLES
        return self._open(max(self._passed, onset - PRE_ROLL_SAMPLES, 0))

    def _while_speaking(self, voiced: bool) -> list[GateEvent]:
        self._silent_samples = 0 if voiced else self._silent_samples + WINDOW_SAMPLES
        if self._silent_samples >= self._pause_samples:
            return self._close(End(self._judged))
        if self._is_overlong():
            return self._close(End(self._judged, speech_final=False)) + self._open(self._judged)
        return []

    def _is_overlong(self) -> bool:
        assert self._speaking_since is not None
        length = self._judged - self._speaking_since
        in_pause = self._silent_samples >= LONG_UTTERANCE_PAUSE_SAMPLES
        return length >= LONGEST_UTTERANCE_SAMPLES or (
            length >= LONG_UTTERANCE_SAMPLES and in_pause
        )

    def _open(self, sample: int) -> list[GateEvent]:
        self._speaking_since = self._passed = sample
        self._silent_samples = 0
        return [Begin(sample)]

    def _close(self, end: End) -> list[GateEvent]:
        events: list[GateEvent] = [*self._pass_until(end.sample), end]
        self._speaking_since = None
        self._voiced_windows = 0
        return events

    def _pass_until(self, end: int) -> Iterator[Audio]:
        for start in range(self._passed, end, SLICE_SAMPLES):
            stop = min(start + SLICE_SAMPLES, end)
            yield Audio(start, self._kept[start - self._kept_from : stop - self._kept_from])
        self._passed = max(self._passed, end)

    def _forget(self) -> None:
        needed_from = self._judged
        if not self.speaking:  # an utterance that opens next may reach back
            needed_from -= PRE_ROLL_SAMPLES + START_WINDOWS * WINDOW_SAMPLES
        drop = max(0, needed_from - self._kept_from)
        self._kept = self._kept[drop:]
        self._kept_from += drop
