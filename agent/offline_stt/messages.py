"""The JSON messages sent to a client, in Deepgram's form."""

import json
from dataclasses import dataclass

from offline_stt.timeline import TimedWord

MODEL_NAME = "offline-pocketsphinx-en-us"


@dataclass(frozen=True, slots=True)
class Result:
    """What is known of one utterance, partial or final; times in seconds of the stream."""

    start_s: float
    end_s: float
    words: list[TimedWord]
    is_final: bool
    speech_final: bool = False
    from_finalize: bool = False


def results(request_id: str, result: Result) -> str:
    """Return a Results message."""
    return _text(
        {
            "type": "Results",
            "channel_index": [0, 1],
            "start": result.start_s,
            "duration": round(result.end_s - result.start_s, 3),
            "is_final": result.is_final,
            "speech_final": result.speech_final,
            "from_finalize": result.from_finalize,
            "channel": {"alternatives": [_alternative(result.words)]},
            "metadata": {"request_id": request_id, "model_info": {"name": MODEL_NAME}},
        }
    )


def speech_started(at_s: float) -> str:
    """Return a SpeechStarted message."""
    return _text({"type": "SpeechStarted", "channel": [0], "timestamp": at_s})


def utterance_end(last_word_end_s: float) -> str:
    """Return an UtteranceEnd message."""
    return _text({"type": "UtteranceEnd", "channel": [0, 1], "last_word_end": last_word_end_s})


def metadata(request_id: str, duration_s: float) -> str:
    """Return the Metadata message that closes a stream."""
    return _text(
        {"type": "Metadata", "request_id": request_id, "duration": duration_s, "channels": 1}
    )


def _alternative(words: list[TimedWord]) -> dict[str, object]:
    mean = sum(word.confidence for word in words) / len(words) if words else 0.0
    return {
        "transcript": " ".join(word.text for word in words),
        "confidence": round(mean, 3),
        "words": [_word(word) for word in words],
    }


def _word(word: TimedWord) -> dict[str, object]:
    return {
        "word": word.text,
        "start": word.start_s,
        "end": word.end_s,
        "confidence": word.confidence,
        "punctuated_word": word.text,  # the recogniser knows no punctuation
    }


def _text(message: dict[str, object]) -> str:
    return json.dumps(message, separators=(",", ":"))
