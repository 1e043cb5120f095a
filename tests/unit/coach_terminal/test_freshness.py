"""The age rule: clocks that disagree, stand still, and are set."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach_terminal.freshness import RUNS_REMEMBERED, Freshness, OwnTime


def test_undelayed_messages_have_no_age_however_the_clocks_differ() -> None:
    freshness = Freshness().with_message("r1", 5_000, arrived_at=900.0)
    freshness = freshness.with_message("r1", 6_000, arrived_at=901.0)

    assert freshness.age_seconds("r1", 6_000, now=901.0) == 0.0


def test_age_is_what_exceeds_the_smallest_difference() -> None:
    freshness = Freshness().with_message("r1", 5_000, arrived_at=100.0)
    freshness = freshness.with_message("r1", 7_000, arrived_at=110.0)

    assert freshness.age_seconds("r1", 7_000, now=110.0) == pytest.approx(8.0)


def test_faster_message_later_shows_that_the_first_was_delayed() -> None:
    freshness = Freshness().with_message("r1", 5_000, arrived_at=103.0)
    freshness = freshness.with_message("r1", 6_000, arrived_at=101.0)

    assert freshness.age_seconds("r1", 5_000, now=103.0) == pytest.approx(3.0)


def test_runs_are_reckoned_apart() -> None:
    freshness = Freshness().with_message("r1", 500_000, arrived_at=100.0)

    assert freshness.with_message("r2", 0, arrived_at=100.0).age_seconds("r2", 0, 100.0) == 0.0
    assert freshness.age_seconds("unheard", 0, now=100.0) == 0.0


def test_only_the_latest_runs_are_remembered() -> None:
    freshness = Freshness()
    for number in range(50):
        freshness = freshness.with_message(f"r{number}", 0, arrived_at=float(number))

    assert len(freshness.smallest) == RUNS_REMEMBERED
    assert "r49" in freshness.smallest


def test_sleep_counts_although_the_monotonic_clock_stood_still() -> None:
    own_time = OwnTime(monotonic_seconds=10.0, wall_seconds=1000.0)

    assert own_time.elapsed(10.5, 1060.5) == pytest.approx(60.5)


def test_time_passes_although_the_wall_clock_stands_still() -> None:
    own_time = OwnTime(monotonic_seconds=10.0, wall_seconds=1000.0)

    assert own_time.elapsed(18.0, 1000.0) == pytest.approx(8.0)


def test_sleep_after_the_wall_clock_was_set_back_counts_too() -> None:
    """A laptop's clock is set back an hour, then the laptop sleeps for a minute."""
    own_time = OwnTime(monotonic_seconds=0.0, wall_seconds=10_000.0)
    own_time.elapsed(100.0, 10_100.0 - 3_600)

    assert own_time.elapsed(100.0, 10_160.0 - 3_600) == pytest.approx(160.0)


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(-1e4, 1e4)), max_size=30))
def test_own_time_never_goes_back_and_is_never_slower_than_a_clock(
    steps: list[tuple[float, float]],
) -> None:
    monotonic, wall, before = 0.0, 0.0, 0.0
    own_time = OwnTime(monotonic, wall)
    for monotonic_step, wall_step in steps:
        monotonic, wall = monotonic + monotonic_step, wall + wall_step

        elapsed = own_time.elapsed(monotonic, wall)

        assert elapsed >= before
        assert elapsed >= monotonic - 1e-6
        before = elapsed
