"""The voice gate, with probabilities instead of a voice model."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from offline_stt.audio import Samples
from offline_stt.gate import (
    LONGEST_UTTERANCE_SAMPLES,
    PRE_ROLL_SAMPLES,
    WINDOW_SAMPLES,
    Audio,
    Begin,
    End,
    Gate,
    GateEvent,
)

PAUSE_SAMPLES = 10 * WINDOW_SAMPLES


def numbered(windows: int) -> Samples:
    """Audio in which no two windows are alike."""
    return np.arange(windows * WINDOW_SAMPLES, dtype=np.int64).astype(np.int16)


def gate_for(probabilities: list[float]) -> Gate:
    remaining = iter(probabilities)
    return Gate(lambda _: next(remaining), PAUSE_SAMPLES)


def run(probabilities: list[float], chunk: int = 800) -> list[GateEvent]:
    audio = numbered(len(probabilities))
    gate = gate_for(probabilities)
    events: list[GateEvent] = []
    for start in range(0, len(audio), chunk):
        events += gate.push(audio[start : start + chunk])
    return events


def test_an_utterance_reaches_back_by_the_pre_roll_and_ends_after_the_pause() -> None:
    events = run([0.0] * 20 + [0.9] * 10 + [0.0] * 20)

    assert events[0] == Begin(20 * WINDOW_SAMPLES - PRE_ROLL_SAMPLES)
    assert events[-1] == End(40 * WINDOW_SAMPLES)


def test_one_window_with_voice_is_a_click_and_opens_nothing() -> None:
    assert run([0.0, 0.9, 0.0, 0.9, 0.0]) == []


def test_a_quiet_syllable_does_not_end_an_utterance() -> None:
    assert not any(isinstance(event, End) for event in run([0.9] * 3 + [0.4] * 20))


def test_the_pre_roll_never_reaches_into_the_utterance_before() -> None:
    events = run([0.9] * 4 + [0.0] * 11 + [0.9] * 4)

    begins = [event.sample for event in events if isinstance(event, Begin)]
    assert begins == [0, 14 * WINDOW_SAMPLES]


def test_audio_of_an_open_utterance_does_not_wait_for_its_window() -> None:
    gate = gate_for([0.9] * 3)
    gate.push(numbered(2))

    (event,) = gate.push(np.ones(100, dtype=np.int16))

    assert isinstance(event, Audio)
    assert (event.sample, len(event.samples)) == (2 * WINDOW_SAMPLES, 100)


def test_a_monologue_is_cut_without_claiming_that_speech_ended() -> None:
    events = run([0.9] * (LONGEST_UTTERANCE_SAMPLES // WINDOW_SAMPLES + 10))

    (cut,) = [event for event in events if isinstance(event, End)]
    (_, second) = [event for event in events if isinstance(event, Begin)]
    assert not cut.speech_final
    assert second.sample == cut.sample


def test_finalize_passes_all_audio_and_says_so() -> None:
    gate = gate_for([0.9] * 4)
    gate.push(numbered(2))
    gate.push(np.ones(100, dtype=np.int16))

    events = gate.finalize()

    assert events == [End(2 * WINDOW_SAMPLES + 100, from_finalize=True)]
    assert gate.finalize() == []


@given(
    probabilities=st.lists(st.sampled_from([0.0, 0.2, 0.4, 0.9, 1.0]), max_size=120),
    chunk=st.integers(1, 3000),
)
def test_utterances_hold_the_stream_itself_without_gaps(
    probabilities: list[float], chunk: int
) -> None:
    audio = numbered(len(probabilities))

    position: int | None = None
    closed_until = 0
    for event in run(probabilities, chunk):
        match event:
            case Begin(sample):
                assert position is None and sample >= closed_until
                position = sample
            case Audio(sample, samples):
                assert sample == position
                np.testing.assert_array_equal(samples, audio[sample : sample + len(samples)])
                position = sample + len(samples)
            case End(sample):
                assert sample == position
                position, closed_until = None, sample


@given(st.lists(st.sampled_from([0.0, 0.4, 0.9]), max_size=120), st.integers(1, 3000))
def test_where_utterances_begin_and_end_does_not_depend_on_the_packets(
    probabilities: list[float], chunk: int
) -> None:
    def borders(events: list[GateEvent]) -> list[GateEvent]:
        return [event for event in events if not isinstance(event, Audio)]

    assert borders(run(probabilities, chunk)) == borders(run(probabilities, WINDOW_SAMPLES))
