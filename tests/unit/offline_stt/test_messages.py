"""Messages, as the unmodified Deepgram plugin reads them."""

import json

from livekit.plugins.deepgram.stt import live_transcription_to_speech_data

from offline_stt import messages
from offline_stt.timeline import TimedWord

WORDS = [TimedWord("our", 1.0, 1.25, 0.5), TimedWord("budget", 1.25, 1.75, 1.0)]


def test_the_plugin_reads_words_and_times_of_a_result() -> None:
    result = messages.Result(0.8, 2.1, WORDS, is_final=True, speech_final=True)

    message = json.loads(messages.results("r-1", result))
    (speech,) = live_transcription_to_speech_data(
        "en-US", message, is_final=True, start_time_offset=10.0
    )

    assert speech.text == "our budget"
    assert (speech.start_time, speech.end_time, speech.confidence) == (11.0, 11.75, 0.75)
    assert speech.words is not None
    assert [(str(word), word.start_time, word.end_time) for word in speech.words] == [
        ("our", 11.0, 11.25),
        ("budget", 11.25, 11.75),
    ]


def test_a_result_has_the_keys_that_the_plugin_requires() -> None:
    result = messages.Result(0.8, 2.1, [], is_final=True, speech_final=True, from_finalize=True)

    message = json.loads(messages.results("r-1", result))

    assert message["type"] == "Results"
    assert message["metadata"]["request_id"] == "r-1"
    assert (message["is_final"], message["speech_final"]) == (True, True)
    assert message["from_finalize"] is True
    assert (message["start"], message["duration"]) == (0.8, 1.3)
    assert message["channel"]["alternatives"] == [
        {"transcript": "", "confidence": 0.0, "words": []}
    ]


def test_the_other_messages_carry_their_times() -> None:
    assert json.loads(messages.speech_started(1.5))["timestamp"] == 1.5
    assert json.loads(messages.utterance_end(2.5))["last_word_end"] == 2.5
    assert json.loads(messages.metadata("r-1", 9.0))["duration"] == 9.0
