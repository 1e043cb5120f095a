"""Multinomial logistic regression over sparse features, in numpy alone. Deterministic."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.integer]
Loss = Callable[[Floats], tuple[float, Floats]]
"""Returns a point's loss and its slope."""

_BLOCK = 16_384  # features gathered at a time: what fits into the processor's cache
_MEMORY = 4  # steps that the solver remembers
_STILL = 3e-4  # share of the loss by which a step must better it


@dataclass(frozen=True, slots=True)
class Sums:
    """Adds up rows of a table in groups: half of a sparse matrix product."""

    rows: Ints
    begins: Ints
    """Where each group begins among the rows; no group is empty."""
    groups: Ints
    """The number of each group."""
    count: int
    """How many groups there are, the empty ones included."""

    @classmethod
    def of(cls, rows: Ints, groups: Ints, count: int) -> "Sums":
        """Group rows that stand in the order of their groups."""
        sizes = np.bincount(groups, minlength=count)
        used = np.flatnonzero(sizes)
        begins = np.concatenate([[0], np.cumsum(sizes)])[:-1]
        return cls(rows, begins[used], used, count)

    def add(self, table: Floats) -> Floats:
        """Return for each group the sum of its rows of the table."""
        total = np.zeros((self.count, table.shape[1]), np.float32)
        per_block = max(1, _BLOCK // max(1, len(self.rows) // max(1, len(self.begins))))
        for first in range(0, len(self.begins), per_block):
            last = min(first + per_block, len(self.begins))
            start = self.begins[first]
            end = self.begins[last] if last < len(self.begins) else len(self.rows)
            gathered = table[self.rows[start:end]]
            sums = np.add.reduceat(gathered, self.begins[first:last] - start, axis=0)
            total[self.groups[first:last]] = sums
        return total


@dataclass(frozen=True, slots=True)
class Targets:
    """What texts mean."""

    meanings: Ints
    scale: Floats
    """Per text, what its features are multiplied with."""
    weights: Floats
    """Per text, how much it counts."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """What is taught: features of texts, and what each text means."""

    by_text: Sums
    by_feature: Sums
    targets: Targets

    @classmethod
    def of(cls, features: Ints, texts: Ints, width: int, targets: Targets) -> "Lessons":
        """Index features, which stand in the order of their texts, both ways."""
        order = np.argsort(features, kind="stable")
        return cls(
            Sums.of(features.astype(np.int32), texts, len(targets.scale)),
            Sums.of(texts[order].astype(np.int32), features[order], width),
            targets,
        )

    def scores(self, table: Floats, bias: Floats) -> Floats:
        """Return what a linear model makes of each text."""
        return self.by_text.add(table) * self.targets.scale[:, None] + bias


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear model: weights by feature and meaning, and a bias by meaning."""

    table: Floats
    bias: Floats


def fit(lessons: Lessons, meanings: int, *, penalty: float, most_steps: int) -> Linear:
    """Return the model of least penalised loss (L-BFGS from zero)."""
    width = lessons.by_feature.count
    # Features that occur often are steeper: steps are measured by that.
    often = np.zeros(width, np.float32)
    sizes = np.diff(np.append(lessons.by_feature.begins, len(lessons.by_feature.rows)))
    often[lessons.by_feature.groups] = sizes
    mean = float(np.mean(np.square(lessons.targets.scale)))
    steep = penalty + 0.15 * mean * often
    slack = np.append(
        np.repeat(1 / steep, meanings), np.repeat(8 / len(lessons.targets.scale), meanings)
    )
    solver = _Solver(slack.astype(np.float32))

    def loss(point: Floats) -> tuple[float, Floats]:
        return _loss(point, lessons, meanings, penalty)

    point = solver.least(loss, np.zeros(len(slack), np.float32), most_steps)
    return Linear(point[:-meanings].reshape(width, meanings), point[-meanings:])


def _loss(point: Floats, lessons: Lessons, meanings: int, penalty: float) -> tuple[float, Floats]:
    targets = lessons.targets
    table = point[:-meanings].reshape(-1, meanings)
    scores = lessons.scores(table, point[-meanings:])
    scores -= scores.max(axis=1, keepdims=True)
    shares = np.exp(scores)
    totals = shares.sum(axis=1, keepdims=True)
    rows = np.arange(len(scores))
    missed = np.log(totals[:, 0]) - scores[rows, targets.meanings]
    value = _product(targets.weights, missed) + 0.5 * penalty * _product(table, table)
    shares /= totals
    shares[rows, targets.meanings] -= 1
    shares *= targets.weights[:, None]
    slope = lessons.by_feature.add(shares * targets.scale[:, None]) + np.float32(penalty) * table
    return value, np.append(slope.ravel(), shares.sum(axis=0))


def _product(one: Floats, other: Floats) -> float:
    """Return the scalar product. BLAS would share it out to threads, in no fixed order."""
    return float(np.sum(one * other, dtype=np.float64))


class _Solver:
    """Limited-memory BFGS with a diagonal first guess of the curvature."""

    def __init__(self, slack: Floats) -> None:
        self._slack = slack
        self._moves: deque[tuple[Floats, Floats, float]] = deque(maxlen=_MEMORY)

    def least(self, loss: Loss, point: Floats, most_steps: int) -> Floats:
        """Return the point of least loss that is found in so many steps."""
        value, slope = loss(point)
        for _ in range(most_steps):
            step = self._direction(slope)
            fall = _product(slope, step)
            length = 1.0
            for _ in range(6):
                following = point - np.float32(length) * step
                next_value, next_slope = loss(following)
                if next_value <= value - 1e-4 * length * fall:
                    break
                length *= 0.4
            else:
                return point
            self._remember(following - point, next_slope - slope)
            is_still = value - next_value < _STILL * value
            point, value, slope = following, next_value, next_slope
            if is_still:
                break
        return point

    def _direction(self, slope: Floats) -> Floats:
        step = slope.copy()
        shares = []
        for move, change, curve in reversed(self._moves):
            share = _product(move, step) / curve
            shares.append(share)
            step -= np.float32(share) * change
        step *= self._slack
        if self._moves:
            _, change, curve = self._moves[-1]
            step *= np.float32(curve / max(1e-12, _product(change, self._slack * change)))
        for (move, change, curve), share in zip(self._moves, reversed(shares), strict=True):
            step += move * np.float32(share - _product(change, step) / curve)
        return step

    def _remember(self, move: Floats, change: Floats) -> None:
        curve = _product(move, change)
        if curve > 0:
            self._moves.append((move, change, curve))
