"""Intake of linear16 bytes at the rate of a connection."""

import numpy as np
from numpy.typing import NDArray

from offline_stt.units import SAMPLE_BYTES, SAMPLE_RATE_HZ

_LINEAR16 = np.dtype("<i2")  # linear16 is little-endian on every machine

Samples = NDArray[np.int16]


class Intake:
    """Turn the byte stream of one connection into 16 kHz samples."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._half_sample = b""
        self._resampler = None if sample_rate_hz == SAMPLE_RATE_HZ else _Resampler(sample_rate_hz)

    def push(self, data: bytes) -> Samples:
        """Return the samples that `data` completes; half a sample waits for the next call."""
        data = self._half_sample + data
        whole_bytes = len(data) // SAMPLE_BYTES * SAMPLE_BYTES
        self._half_sample = data[whole_bytes:]
        samples = np.frombuffer(data[:whole_bytes], dtype=_LINEAR16)
        return self._resampler.push(samples) if self._resampler and whole_bytes else samples


class _Resampler:
    """Stream resampler from any rate to 16 kHz."""

    def __init__(self, sample_rate_hz: int) -> None:
        import av  # only other rates need it: the plugin sends 16 kHz unless told otherwise

        self._frame_type = av.AudioFrame
        self._rate_hz = sample_rate_hz
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE_HZ)

    def push(self, samples: Samples) -> Samples:
        frame = self._frame_type.from_ndarray(
            np.ascontiguousarray(samples[np.newaxis, :]), format="s16", layout="mono"
        )
        frame.sample_rate = self._rate_hz
        pieces = [out.to_ndarray()[0] for out in self._resampler.resample(frame)]
        return np.concatenate(pieces) if pieces else np.empty(0, dtype=np.int16)
