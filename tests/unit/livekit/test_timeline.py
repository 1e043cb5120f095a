"""Positions in a recogniser's audio, on the call's clock."""

from hypothesis import given
from hypothesis import strategies as st

from coach.adapters.livekit.timeline import PIECES_KEPT, Timeline


def fed(*arrivals_ms: float, length_ms: float = 50) -> Timeline:
    timeline = Timeline()
    for at_ms in arrivals_ms:
        timeline.add(length_ms, at_ms)
    return timeline


def test_audio_begins_where_its_first_frame_began() -> None:
    timeline = fed(1_050, 1_100, 1_150)

    assert timeline.call_ms(0) == 1_000
    assert timeline.call_ms(120) == 1_120


def test_a_frame_that_came_late_does_not_move_the_words() -> None:
    timeline = fed(1_090, 1_100, 1_190, 1_200)

    assert timeline.call_ms(0) == 1_000
    assert timeline.call_ms(200) == 1_200


def test_audio_that_was_left_out_moves_what_follows_it() -> None:
    timeline = fed(1_050, 1_100, 3_150, 3_200)

    assert timeline.call_ms(50) == 1_050
    assert timeline.call_ms(100) == 3_100
    assert timeline.call_ms(150) == 3_150


def test_a_busy_spell_after_which_all_frames_come_at_once_is_no_gap() -> None:
    late = [2_000] * 19  # a second's frames, all read when the loop was free again
    timeline = fed(1_050, *late, 2_050)

    assert timeline.call_ms(0) == 1_000
    assert timeline.call_ms(1_000) == 2_000


def test_a_backlog_that_is_read_at_once_ends_now() -> None:
    timeline = fed(*[5_000] * 20)

    assert timeline.call_ms(1_000) == 5_000
    assert timeline.call_ms(0) == 4_000


def test_only_so_many_gaps_are_remembered() -> None:
    timeline = fed(*(1_000 * n for n in range(1, 3 * PIECES_KEPT)))

    assert len(timeline._starts_ms) == PIECES_KEPT


def test_without_audio_a_position_is_a_time() -> None:
    assert Timeline().call_ms(250) == 250


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 3_000)), min_size=1, max_size=60))
def test_words_never_run_backwards_and_are_never_in_the_future(
    delays: list[tuple[int, int]],
) -> None:
    """Whatever is left out or late, order holds and no word lies after its own arrival."""
    timeline, now_ms, heard_ms = Timeline(), 0.0, 0.0
    for late_ms, gap_ms in delays:
        heard_ms += gap_ms if gap_ms > 500 else 0
        heard_ms += 50
        now_ms = max(now_ms, heard_ms + late_ms)
        timeline.add(50, now_ms)

    times = [timeline.call_ms(ms) for ms in range(0, int(timeline.sent_ms) + 1, 25)]
    assert times == sorted(times)
    assert times[-1] <= now_ms + 1
