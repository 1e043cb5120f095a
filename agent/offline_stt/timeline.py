"""Word times: from a decoder's count of frames in one utterance to seconds of the stream."""

from bisect import bisect_right
from dataclasses import dataclass

from offline_stt.units import FRAME_SAMPLES, SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word as the decoder reports it; `end_frame` is its last frame."""

    text: str
    start_frame: int
    end_frame: int
    confidence: float


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word in seconds since the start of the stream."""

    text: str
    start_s: float
    end_s: float
    confidence: float


class Timeline:
    """Maps what one utterance's decoder was fed back to the stream.

    The decoder sees neither the silence between utterances nor audio that was dropped within one,
    so a position is looked up in the runs of uninterrupted audio that it was fed.
    """

    def __init__(self, start_sample: int) -> None:
        self.start_sample = start_sample
        self._fed = 0
        self._runs_fed = [0]
        self._runs_stream = [start_sample]

    def feed(self, sample: int, count: int) -> None:
        """Note that `count` samples from stream position `sample` went to the decoder."""
        expected = self._runs_stream[-1] + self._fed - self._runs_fed[-1]
        if sample != expected:
            self._runs_fed.append(self._fed)
            self._runs_stream.append(sample)
        self._fed += count

    def place(self, words: list[HeardWord]) -> list[TimedWord]:
        """Return the words with their times in the stream."""
        return [
            TimedWord(
                word.text,
                self._seconds(word.start_frame * FRAME_SAMPLES),
                # The last sample of the word is looked up: a run may end right behind it.
                self._seconds((word.end_frame + 1) * FRAME_SAMPLES - 1, after=1),
                word.confidence,
            )
            for word in words
        ]

    def _seconds(self, fed: int, after: int = 0) -> float:
        run = max(bisect_right(self._runs_fed, fed) - 1, 0)
        sample = self._runs_stream[run] + fed - self._runs_fed[run] + after
        return round(sample / SAMPLE_RATE_HZ, 3)
