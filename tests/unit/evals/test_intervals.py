"""How sure a count makes one, against tables."""

import math

import pytest

from evals.intervals import Rate, Share


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_a_share_has_wilsons_interval(hits: int, total: int, low: float, high: float) -> None:
    assert Share(hits, total).interval == pytest.approx((low, high), abs=1e-4)


def test_a_share_of_nothing_is_unknown() -> None:
    assert Share(0, 0).value is None
    assert Share(0, 0).interval == (0.0, 1.0)


@pytest.mark.parametrize(
    ("count", "low", "high"), [(1, 0.0253, 5.5716), (3, 0.6187, 8.7673), (10, 4.7954, 18.3904)]
)
def test_a_rate_has_the_exact_poisson_interval(count: int, low: float, high: float) -> None:
    assert Rate(count, 10.0).interval == pytest.approx((low, high), abs=1e-3)


def test_no_event_bounds_the_rate_at_three_over_the_time() -> None:
    assert Rate(0, 300.0).interval == pytest.approx((0.0, 0.1))
    assert Rate(0, 0.0).interval == (0.0, math.inf)
    assert Rate(0, 0.0).per_ten_minutes is None
