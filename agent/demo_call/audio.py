"""Read any recording of a call into two int16 channels at 48 kHz: left the rep, right the prospect.

Decoding is PyAV's. Nothing here plays, splits or recognises speech.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import numpy.typing as npt

RATE_HZ = 48_000
MAX_HOURS = 3

Samples = npt.NDArray[np.int16]


class RecordingError(Exception):
    """A file that cannot be used as a recorded call; its text names file and remedy."""

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        super().__init__(f"{path}: {problem}. {remedy}.")
        self.path = path
        self.problem = problem
        self.remedy = remedy


class CallAudio(NamedTuple):
    """Two channels of equal length at `RATE_HZ`."""

    left: Samples
    right: Samples


def read_stereo(path: Path) -> CallAudio:
    """Decode a stereo recording with the rep on the left channel.

    Raises:
        RecordingError: The file is missing, damaged, empty, too long, not audio or not stereo.
    """
    left, right = _decode(
        path, channels=2, remedy="Put the rep left and the prospect right, or give two mono files"
    )
    return CallAudio(left, right)


def read_pair(left_path: Path, right_path: Path) -> CallAudio:
    """Decode two mono recordings that began together; the shorter is filled up with silence.

    Raises:
        RecordingError: One of them is missing, damaged, empty, too long, not audio or not mono.
    """
    remedy = "Give one speaker per mono file, or the stereo file alone"
    (left,) = _decode(left_path, channels=1, remedy=remedy)
    (right,) = _decode(right_path, channels=1, remedy=remedy)
    length = max(left.size, right.size)
    return CallAudio(_padded(left, length), _padded(right, length))


def _padded(samples: Samples, length: int) -> Samples:
    return np.pad(samples, (0, length - samples.size))


def _decode(path: Path, channels: int, remedy: str) -> Samples:
    """Return one row of samples per channel; `remedy` is the advice for a wrong channel count."""
    if not path.is_file():
        raise RecordingError(path, "no such file", "Check the path")
    try:
        # The prefix and the whitelist keep a file's name or contents from naming an address.
        with av.open(f"file:{path}", options={"protocol_whitelist": "file"}) as container:
            if not container.streams.audio:
                raise RecordingError(path, "holds no audio", "Give a WAV, FLAC, MP3 or Ogg file")
            found = container.streams.audio[0].codec_context.channels
            if found != channels:
                problem = f"has {found} channel{'s' * (found != 1)} instead of {channels}"
                raise RecordingError(path, problem, remedy)
            blocks = list(_blocks(path, container))
    except (av.error.FFmpegError, OSError) as error:
        problem = f"cannot be read as audio ({error.strerror or error})"
        raise RecordingError(path, problem, "Give a WAV, FLAC, MP3 or Ogg file") from error
    if not any(block.size for block in blocks):
        raise RecordingError(path, "holds no sound", "Record the call again")
    return np.concatenate(blocks, axis=1)


def _blocks(path: Path, container: av.container.InputContainer) -> Iterator[Samples]:
    """Yield resampled blocks, counting them, because a header may lie about the length."""
    stream = container.streams.audio[0]
    resampler = av.AudioResampler("s16p", stream.codec_context.layout, RATE_HZ)
    room = MAX_HOURS * 3600 * RATE_HZ
    for frame in chain(container.decode(stream), [None]):  # None flushes the resampler
        for resampled in resampler.resample(frame):
            room -= resampled.samples
            if room < 0:
                raise RecordingError(path, f"is longer than {MAX_HOURS} hours", "Cut it in parts")
            yield resampled.to_ndarray().astype(np.int16, copy=False)
