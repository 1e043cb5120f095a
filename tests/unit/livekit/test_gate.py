"""The gate before a paid recogniser: no silence, no lost onset, true times."""

from hypothesis import given
from hypothesis import strategies as st

from coach.adapters.livekit.gate import HANG_MS, PRE_ROLL_MS, Gate
from coach.adapters.livekit.timeline import Timeline

FRAME_MS = 50
SPEECH, SILENCE = 0.9, 0.05


def played(*opinions: float) -> tuple[list[int], Gate[int]]:
    """Push one numbered frame for each opinion, which follows its frame; return what was sent."""
    gate: Gate[int] = Gate()
    sent: list[int] = []
    for number, opinion in enumerate(opinions):
        sent += gate.push(number, FRAME_MS)
        gate.hear(opinion)
    return sent, gate


def test_silence_is_not_sent() -> None:
    sent, gate = played(*[SILENCE] * 100)

    assert sent == []
    assert not gate.is_open


def test_an_onset_comes_with_at_least_the_pre_roll() -> None:
    sent, _ = played(*[SILENCE] * 100, SPEECH, SPEECH)

    first_speech = 100
    assert sent[0] <= first_speech - PRE_ROLL_MS // FRAME_MS + 1
    assert sent == list(range(sent[0], 102))


def test_a_pause_within_speech_is_sent() -> None:
    pause = [SILENCE] * (HANG_MS // FRAME_MS - 2)

    sent, gate = played(SPEECH, *pause, SPEECH, SILENCE)

    assert sent == list(range(1, len(pause) + 3)) or sent == list(range(len(pause) + 3))
    assert gate.is_open


def test_long_silence_closes_the_gate_after_the_recogniser_had_its_time() -> None:
    sent, gate = played(SPEECH, *[SILENCE] * 60)

    assert not gate.is_open
    assert HANG_MS <= len(sent) * FRAME_MS <= HANG_MS + 2 * FRAME_MS


def test_what_was_left_out_is_told_once_and_exactly() -> None:
    gate: Gate[int] = Gate()
    for number in range(100):
        gate.push(number, FRAME_MS)
    gate.hear(SPEECH)

    sent = gate.push(100, FRAME_MS)

    assert gate.take_left_out_ms() == sent[0] * FRAME_MS
    assert gate.take_left_out_ms() == 0


@given(st.lists(st.sampled_from([SPEECH, SILENCE]), max_size=400))
def test_frames_keep_their_order_and_the_times_stay_true(opinions: list[float]) -> None:
    """Every frame that is sent is found again at its own time on the call's clock."""
    gate: Gate[int] = Gate()
    timeline = Timeline()
    found: dict[int, int] = {}
    for number, opinion in enumerate(opinions):
        for frame in gate.push(number, FRAME_MS):
            timeline.skip(gate.take_left_out_ms())
            position = timeline.sent_ms
            timeline.add(FRAME_MS, (frame + 1) * FRAME_MS)
            found[frame] = timeline.call_ms(position)
        gate.hear(opinion)

    assert list(found) == sorted(found)
    assert all(at_ms == frame * FRAME_MS for frame, at_ms in found.items())


@given(st.lists(st.sampled_from([SPEECH, SILENCE]), max_size=400))
def test_no_frame_near_speech_is_withheld(opinions: list[float]) -> None:
    sent, _ = played(*opinions, SILENCE)
    reach = PRE_ROLL_MS // FRAME_MS - 1

    for number, opinion in enumerate(opinions):
        if opinion == SPEECH:
            assert set(range(max(0, number - reach), number + 1)) <= set(sent)


@given(st.integers(0, 300))
def test_the_gate_keeps_a_bounded_amount_while_closed(count: int) -> None:
    _, gate = played(*[SILENCE] * count)

    assert gate._kept_ms < PRE_ROLL_MS + FRAME_MS
