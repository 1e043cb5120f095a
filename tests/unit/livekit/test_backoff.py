"""When to try a recogniser again."""

import pytest

from coach.adapters.livekit.backoff import JITTER_RATIO, Backoff


def test_delays_grow_to_five_seconds_and_stay_there() -> None:
    backoff = Backoff(rand=lambda: 0.5)

    delays = [backoff.next_seconds() for _ in range(6)]

    assert delays == [0.5, 1.0, 2.0, 5.0, 5.0, 5.0]


def test_success_begins_anew() -> None:
    backoff = Backoff(rand=lambda: 0.5)
    backoff.next_seconds()
    backoff.next_seconds()

    backoff.reset()

    assert backoff.next_seconds() == 0.5


@pytest.mark.parametrize(("rand", "ratio"), [(0.0, 1 - JITTER_RATIO), (1.0, 1 + JITTER_RATIO)])
def test_jitter_is_bounded(rand: float, ratio: float) -> None:
    assert Backoff(rand=lambda: rand).next_seconds() == pytest.approx(0.5 * ratio)
