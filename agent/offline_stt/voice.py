"""Voice activity: silero's model, as the LiveKit plugin ships it, one detector per stream."""

import numpy as np
from livekit.plugins.silero import onnx_model

from offline_stt.audio import Samples
from offline_stt.gate import VoiceModel
from offline_stt.units import SAMPLE_RATE_HZ

_FULL_SCALE = np.float32(32768.0)


class VoiceDetectors:
    """Makes detectors that share one loaded model; a detector keeps the state of its stream."""

    def __init__(self) -> None:
        self._session = onnx_model.new_inference_session(force_cpu=True)

    def new(self) -> VoiceModel:
        """Return a function from a window of 512 samples to the probability of voice."""
        model = onnx_model.OnnxModel(onnx_session=self._session, sample_rate=SAMPLE_RATE_HZ)

        def probability(window: Samples) -> float:
            return float(model(window.astype(np.float32) / _FULL_SCALE))

        return probability
