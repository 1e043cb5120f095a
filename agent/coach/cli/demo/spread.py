"""How far a handful of times lies apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles


@dataclass(frozen=True, slots=True)
class Spread:
    """p50, p95 and p99 of `count` times in milliseconds, interpolated; of one time only p50."""

    count: int
    p50: float
    p95: float | None
    p99: float | None


def spread_of(times: Sequence[float]) -> Spread:
    """Return the spread of one or more times."""
    if len(times) == 1:
        return Spread(1, times[0], None, None)
    cuts = quantiles(times, n=100, method="inclusive")
    return Spread(len(times), cuts[49], cuts[94], cuts[98])
