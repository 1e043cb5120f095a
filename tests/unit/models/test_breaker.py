"""When an endpoint may be asked."""

import pytest

from coach.adapters.models.breaker import LONGEST_PAUSE_SECONDS, MOST_FAILURES, Breaker


def fail(breaker: Breaker, now: float, count: int = 1) -> None:
    for _ in range(count):
        breaker.begin().failed(now)


def opened(at: float = 0.0) -> Breaker:
    breaker = Breaker()
    fail(breaker, at, MOST_FAILURES)
    return breaker


def test_four_failures_are_not_enough() -> None:
    breaker = Breaker()

    fail(breaker, 1.0, 4)

    assert breaker.refusal(1.0) is None
    assert breaker.is_closed


def test_five_failures_in_a_row_close_the_endpoint_for_thirty_seconds() -> None:
    breaker = opened(at=1.0)

    refusals = [breaker.refusal(now) for now in (1.0, 30.9, 31.0)]

    assert refusals == ["breaker", "breaker", None]
    assert not breaker.is_closed


def test_a_success_between_failures_begins_the_count_anew() -> None:
    breaker = Breaker()
    fail(breaker, 0.0, 4)

    breaker.begin().succeeded(0.0)
    fail(breaker, 0.0, 4)

    assert breaker.is_closed


def test_only_one_trial_is_under_way() -> None:
    breaker = opened()

    breaker.begin()

    assert breaker.refusal(40.0) == "breaker"


def test_a_trial_that_succeeds_closes_the_breaker() -> None:
    breaker = opened()

    breaker.begin().succeeded(40.0)

    assert breaker.is_closed
    assert breaker.refusal(40.0) is None
    fail(breaker, 41.0, 4)
    assert breaker.is_closed, "the count began anew"


def test_a_trial_that_fails_opens_it_for_thirty_seconds_more() -> None:
    breaker = opened()

    breaker.begin().failed(40.0)

    assert [breaker.refusal(now) for now in (40.0, 69.9, 70.0)] == ["breaker", "breaker", None]


def test_a_trial_that_was_overtaken_leaves_room_for_another() -> None:
    breaker = opened()

    breaker.begin().abandoned(40.0)

    assert breaker.refusal(40.0) is None
    assert not breaker.is_closed


def test_what_began_before_it_opened_decides_nothing() -> None:
    breaker = Breaker()
    early, late = breaker.begin(), breaker.begin()
    fail(breaker, 0.0, MOST_FAILURES)

    early.succeeded(1.0)
    late.failed(20.0)

    assert not breaker.is_closed
    assert breaker.refusal(30.0) is None


def test_an_abandoned_question_counts_neither_way() -> None:
    breaker = Breaker()
    fail(breaker, 0.0, 4)

    breaker.begin().abandoned(0.0)
    fail(breaker, 0.0)

    assert not breaker.is_closed


def test_only_the_first_end_counts() -> None:
    breaker = opened()
    trial = breaker.begin()

    trial.failed(40.0)
    trial.succeeded(40.0)

    assert breaker.refusal(41.0) == "breaker"


@pytest.mark.parametrize(
    ("asked", "kept"), [(3.0, 3.0), (0.0, 0.0), (-5.0, 0.0), (1e9, LONGEST_PAUSE_SECONDS)]
)
def test_a_pause_is_kept(asked: float, kept: float) -> None:
    breaker = Breaker()

    breaker.pause(100.0, asked)

    assert breaker.refusal(100.0 + kept) is None
    assert kept == 0.0 or breaker.refusal(100.0 + kept - 0.1) == "busy"


def test_a_shorter_pause_does_not_shorten_one_that_runs() -> None:
    breaker = Breaker()

    breaker.pause(0.0, 10.0)
    breaker.pause(1.0, 1.0)

    assert breaker.refusal(5.0) == "busy"
