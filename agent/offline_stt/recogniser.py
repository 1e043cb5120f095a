"""Speech to words: pocketsphinx, set up for early partials, adapting to its speaker at once."""

from collections.abc import Iterable
from typing import Any

import pocketsphinx

from offline_stt.timeline import HeardWord
from offline_stt.units import FRAME_SAMPLES, SAMPLE_BYTES
from offline_stt.vocabulary import Addition, add_names, plain_word
from offline_stt.words import Entry

# pl_window looks that many frames ahead, so it delays every word by as much. fwdflat is a second
# pass at the end of an utterance: 80 ms for two seconds, for 1.5 % fewer word errors in finals.
_SETTINGS = {
    "pl_window": 0,
    "fwdflat": False,
    "maxhmmpf": 3000,
    "maxwpf": 5,
    "loglevel": "FATAL",
}
PARTIAL_CONFIDENCE = 0.5  # unknown before the end: pocketsphinx has no lattice yet

_WINDOW_SAMPLES = 410  # a frame is computed from so many


def load_decoder() -> Any:
    """Load the models that come with pocketsphinx; takes about 0.3 s and 100 MB."""
    return pocketsphinx.Decoder(**_SETTINGS)


class Recogniser:
    """Recognises the utterances of one speaker, one after the other."""

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder
        self._channel = ChannelMean(decoder)
        self._heard_bytes = 0
        self._partial: list[HeardWord] = []

    def expect(self, entries: Iterable[Entry]) -> list[Addition]:
        """Make names recognisable; only between utterances."""
        return add_names(self._decoder, entries)

    def begin(self) -> None:
        """Begin an utterance."""
        self._heard_bytes = 0
        self._partial = []
        self._channel.begin()
        self._decoder.start_utt()

    def hear(self, pcm: bytes) -> list[HeardWord]:
        """Take in linear16 audio and return all words of the utterance so far."""
        self._decoder.process_raw(pcm)
        self._heard_bytes += len(pcm)
        samples = self._heard_bytes // SAMPLE_BYTES
        self._channel.adapt(max(0, (samples - _WINDOW_SAMPLES) // FRAME_SAMPLES + 1))
        self._partial = self._words(PARTIAL_CONFIDENCE)
        return self._partial

    def finish(self) -> list[HeardWord]:
        """End the utterance and return its words, with confidences."""
        self._decoder.end_utt()
        # Audio that ends within a word may leave a lattice without an end: then the partial holds.
        return self._words() or self._partial

    def _words(self, confidence: float | None = None) -> list[HeardWord]:
        return [
            word
            for segment in self._decoder.seg() or ()
            if segment.word[0] not in "<["  # silence and noises
            for word in _split(
                HeardWord(
                    plain_word(segment.word),
                    segment.start_frame,
                    segment.end_frame,
                    round(min(segment.prob, 1.0), 3) if confidence is None else confidence,
                )
            )
        ]


def _split(name: HeardWord) -> list[HeardWord]:
    """Return the words of a name; the times between them are in proportion to their letters."""
    parts = name.text.split()
    letters, frames = sum(map(len, parts)), name.end_frame + 1 - name.start_frame
    words, before = [], 0
    for part in parts:
        start = name.start_frame + frames * before // letters
        before += len(part)
        end = name.start_frame + frames * before // letters - 1
        words.append(HeardWord(part, start, end, name.confidence))
    return words


class ChannelMean:
    """Adapts the cepstral mean to a speaker and channel within the first words.

    pocketsphinx updates it between utterances only and gives its start value the weight of 5 s:
    measured on 60 utterances, each as the first of a stream, 20.6 % of the words were wrong,
    against 11.7 % with this.
    """

    _START = (51.9, 2.5, 7.7, 23.3, 1.2, 0.5, 5.1, -5.2, -3.3, -3.6, 6.0, 2.6, 2.0)
    _START_FRAMES = 100
    _MOST_FRAMES = 800  # then older speech fades
    _EVERY_FRAMES = 10
    _OWN_WEIGHT_FRAMES = 500  # pocketsphinx's own weight of a mean that was set

    def __init__(self, decoder: Any) -> None:
        self._decoder = decoder
        self._mean = list(self._START)
        self._weight_frames = float(self._START_FRAMES)
        self._seen_frames = 0
        self._set()

    def begin(self) -> None:
        """Begin an utterance; frames count from here."""
        self._seen_frames = 0

    def adapt(self, frames: int) -> None:
        """Take in the utterance's frames up to the count `frames`, if they are worth it."""
        new = frames - self._seen_frames
        if new < self._EVERY_FRAMES:
            return
        self._seen_frames = frames
        own = self._OWN_WEIGHT_FRAMES
        mixed = [float(value) for value in self._decoder.get_cmn(True).split(",") if value]
        total = self._weight_frames + new
        self._mean = [
            (mean * self._weight_frames + with_new * (own + new) - mean * own) / total
            for mean, with_new in zip(self._mean, mixed, strict=True)
        ]
        self._weight_frames = min(total, self._MOST_FRAMES)
        self._set()

    def _set(self) -> None:
        self._decoder.set_cmn(",".join(f"{value:.6g}" for value in self._mean))
