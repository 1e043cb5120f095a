"""What a benchmark reports: measures with their samples, goals and verdicts. No I/O."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self


class Of(StrEnum):
    """Which number of a distribution a goal is about."""

    P50 = "p50"
    P95 = "p95"
    P99 = "p99"
    MAX = "max"
    MIN = "min"
    VALUE = ""
    """The only number there is."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A limit from the issue. It is written here once and never loosened."""

    of: Of
    limit: float
    is_floor: bool = False

    def is_met_by(self, measure: "Measure") -> bool:
        """Return whether the measure keeps to the limit; one without samples does not."""
        value = measure.number(self.of)
        return value >= self.limit if self.is_floor else value <= self.limit

    def __str__(self) -> str:
        return f"{self.of} {'≥' if self.is_floor else '≤'} {self.limit:,g}".strip()


@dataclass(frozen=True, slots=True)
class Measure:
    """One row: samples in one unit. A row without goals is a control or explains another."""

    what: str
    unit: str
    samples: tuple[float, ...]
    goals: tuple[Goal, ...] = ()
    size: int | None = None
    """Sample size behind a single number; None: the number of samples."""

    @classmethod
    def one(
        cls,
        what: str,
        unit: str,
        value: float,
        *goals: Goal,
        size: int | None = None,
    ) -> Self:
        """Return a row with a single number."""
        return cls(what, unit, (value,), goals, size)

    @property
    def count(self) -> int:
        """The sample size."""
        return len(self.samples) if self.size is None else self.size

    @property
    def is_single(self) -> bool:
        """Whether it is one number and no distribution."""
        return len(self.samples) == 1

    def number(self, of: Of) -> float:
        """Return a number of the distribution; not a number without samples."""
        if not self.samples:
            return math.nan
        match of:
            case Of.MAX:
                return max(self.samples)
            case Of.MIN:
                return min(self.samples)
            case Of.VALUE:
                return self.samples[0]
        return percentile(self.samples, float(of.value[1:]))

    @property
    def is_met(self) -> bool | None:
        """Whether all goals are met; None without goals."""
        return all(goal.is_met_by(self) for goal in self.goals) if self.goals else None

    def fields(self) -> dict[str, Any]:
        """Return it for the JSON file, samples included."""
        numbers = {} if self.is_single else {of.value: self.number(of) for of in _SHOWN}
        return {
            "what": self.what,
            "unit": self.unit,
            "count": self.count,
            "goals": [str(goal) for goal in self.goals],
            "verdict": verdict(self.is_met),
            **({"value": self.samples[0]} if self.is_single else numbers),
            "samples": [round(sample, 6) for sample in self.samples],
        }


_SHOWN = (Of.P50, Of.P95, Of.P99, Of.MAX)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the issue's table: its measures, and what a reader should know about them."""

    name: str
    title: str
    measures: tuple[Measure, ...]
    notes: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def is_met(self) -> bool:
        """Whether every goal is met."""
        return all(measure.is_met is not False for measure in self.measures)

    def fields(self) -> dict[str, Any]:
        """Return it for the JSON file."""
        return {
            "name": self.name,
            "title": self.title,
            "verdict": verdict(self.is_met),
            "seconds": round(self.seconds, 1),
            "measures": [measure.fields() for measure in self.measures],
            "notes": list(self.notes),
        }


def verdict(is_met: bool | None) -> str:
    """Return how a verdict is written."""
    return "" if is_met is None else "met" if is_met else "MISSED"


def percentile(samples: Iterable[float], percent: float) -> float:
    """Return a percentile, interpolated between neighbours."""
    ordered = sorted(samples)
    place = (len(ordered) - 1) * percent / 100
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def histogram(samples: Sequence[float], cells: int) -> str:
    """Draw how the samples lie between the smallest and the 99th percentile, in block letters."""
    if len(samples) < 2:
        return ""
    low, high = min(samples), percentile(samples, 99)
    width = (high - low) / cells or 1.0
    counts = [0] * cells
    for sample in samples:
        counts[min(cells - 1, int((sample - low) / width))] += 1
    most = max(counts)
    return "".join("▁▂▃▄▅▆▇█"[round(7 * count / most)] if count else " " for count in counts)
