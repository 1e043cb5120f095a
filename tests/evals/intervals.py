"""How sure a count makes one: 95 % intervals of shares (Wilson) and rates (Poisson, exact)."""

import math
from dataclasses import dataclass

_Z = 1.959964
_HALF_OUTSIDE = 0.025


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    hits: int
    total: int

    @property
    def value(self) -> float | None:
        """Return the share, or None of nothing."""
        return self.hits / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        """Return Wilson's 95 % interval."""
        n = self.total
        if not n:
            return 0.0, 1.0
        p = self.hits / n
        middle = p + _Z * _Z / (2 * n)
        spread = _Z * math.sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n))
        width = 1 + _Z * _Z / n
        return max(0.0, (middle - spread) / width), min(1.0, (middle + spread) / width)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many minutes."""

    count: int
    minutes: float

    @property
    def per_ten_minutes(self) -> float | None:
        """Return the rate, or None in no time."""
        return 10 * self.count / self.minutes if self.minutes else None

    @property
    def interval(self) -> tuple[float, float]:
        """Return the exact 95 % interval per ten minutes; after none, the bound is 3/T."""
        if not self.minutes:
            return 0.0, math.inf
        if not self.count:
            return 0.0, 10 * 3.0 / self.minutes
        low = _solve(lambda mean: 1 - _at_most(self.count - 1, mean), _HALF_OUTSIDE)
        high = _solve(lambda mean: 1 - _at_most(self.count, mean), 1 - _HALF_OUTSIDE)
        return 10 * low / self.minutes, 10 * high / self.minutes


def _at_most(count: int, mean: float) -> float:
    term = total = math.exp(-mean)
    for n in range(1, count + 1):
        term *= mean / n
        total += term
    return total


def _solve(rising, wanted: float) -> float:  # type: ignore[no-untyped-def]
    low, high = 0.0, 1.0
    while rising(high) < wanted:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < wanted else (low, middle)
    return low
