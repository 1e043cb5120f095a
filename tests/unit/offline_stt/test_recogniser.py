"""Adapting to a speaker's channel, without models."""

import math

from offline_stt.recogniser import ChannelMean


class FakeMean:
    """pocketsphinx's running mean: what was set counts as 500 frames."""

    def __init__(self) -> None:
        self.mean: list[float] = []
        self.heard: list[float] = []

    def set_cmn(self, text: str) -> None:
        self.mean = [float(value) for value in text.split(",")]
        self.heard = []

    def get_cmn(self, update: bool) -> str:
        total = 500 + len(self.heard)
        return ",".join(f"{(m * 500 + sum(self.heard)) / total:.6g}" for m in self.mean) + ","


def test_after_its_first_second_a_speaker_weighs_as_much_as_the_start_value() -> None:
    decoder = FakeMean()
    mean = ChannelMean(decoder)
    start = decoder.mean

    mean.begin()
    for frames in range(10, 101, 10):
        decoder.heard = [20.0] * 10
        mean.adapt(frames)

    for before, now in zip(start, decoder.mean, strict=True):
        assert math.isclose(now, (before + 20.0) / 2, abs_tol=0.1)


def test_a_few_frames_wait_for_more() -> None:
    decoder = FakeMean()
    mean = ChannelMean(decoder)
    start = decoder.mean
    decoder.heard = [20.0] * 9

    mean.begin()
    mean.adapt(9)

    assert decoder.mean == start
