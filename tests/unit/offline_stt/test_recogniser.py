"""Turning segments into words and adapting to a channel, without models."""

import math
from dataclasses import dataclass

from offline_stt.recogniser import PARTIAL_CONFIDENCE, ChannelMean, Recogniser
from offline_stt.timeline import HeardWord


@dataclass(frozen=True, slots=True)
class Segment:
    word: str
    start_frame: int
    end_frame: int
    prob: float = 1.0


class FakeDecoder:
    """The calls of pocketsphinx.Decoder: a running mean, and segments as they are set."""

    segments: list[Segment] | None = None

    def __init__(self) -> None:
        self.mean: list[float] = []
        self.heard: list[float] = []

    def set_cmn(self, text: str) -> None:
        self.mean = [float(value) for value in text.split(",")]
        self.heard = []

    def get_cmn(self, update: bool) -> str:
        total = 500 + len(self.heard)
        return ",".join(f"{(m * 500 + sum(self.heard)) / total:.6g}" for m in self.mean) + ","

    def start_utt(self) -> None: ...

    def process_raw(self, pcm: bytes) -> None: ...

    def end_utt(self) -> None: ...

    def seg(self) -> list[Segment] | None:
        return self.segments


def test_silence_is_no_word_and_a_name_is_several() -> None:
    decoder = FakeDecoder()
    recogniser = Recogniser(decoder)

    recogniser.begin()
    decoder.segments = [Segment("<s>", 0, 9), Segment("the(2)", 10, 19), Segment("a_bcd", 20, 59)]
    words = recogniser.hear(b"")

    assert words == [
        HeardWord("the", 10, 19, PARTIAL_CONFIDENCE),
        HeardWord("a", 20, 29, PARTIAL_CONFIDENCE),
        HeardWord("bcd", 30, 59, PARTIAL_CONFIDENCE),
    ]


def test_a_final_without_a_path_to_its_end_keeps_the_last_partial() -> None:
    """Two of three sentences cut off within a word came back empty, their partials complete."""
    decoder = FakeDecoder()
    recogniser = Recogniser(decoder)

    recogniser.begin()
    decoder.segments = [Segment("budget", 10, 19)]
    partial = recogniser.hear(b"")
    decoder.segments = None

    assert recogniser.finish() == partial


def test_after_its_first_second_a_speaker_weighs_as_much_as_the_start_value() -> None:
    decoder = FakeDecoder()
    mean = ChannelMean(decoder)
    start = decoder.mean

    mean.begin()
    for frames in range(10, 101, 10):
        decoder.heard = [20.0] * 10
        mean.adapt(frames)

    for before, now in zip(start, decoder.mean, strict=True):
        assert math.isclose(now, (before + 20.0) / 2, abs_tol=0.1)


def test_a_few_frames_wait_for_more() -> None:
    decoder = FakeDecoder()
    mean = ChannelMean(decoder)
    start = decoder.mean
    decoder.heard = [20.0] * 9

    mean.begin()
    mean.adapt(9)

    assert decoder.mean == start
