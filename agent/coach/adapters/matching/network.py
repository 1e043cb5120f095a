"""A small neural network over sums of features.

One hidden layer over the sum of a text's feature vectors (a bag of embeddings, as in fastText,
with a rectifier). The sum is what makes it fit for partials: any stretch's sum is the difference
of two running sums, so hundreds of stretches cost one small product.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.integer]

_MOST_STEPS = 127  # that a byte can count
_TINY = np.float32(1e-9)  # a vector of nothing has steps, too


@dataclass(frozen=True, slots=True)
class Learned:
    """What one course of learning brings. Column 0 of what comes out is `nothing`."""

    vectors: Floats
    """Per feature."""
    bias: Floats
    out: Floats
    """Hidden × meanings."""
    out_bias: Floats


@dataclass(frozen=True)
class Network:
    """The mean of what several courses brought, in as little memory as it can be asked from."""

    vectors: npt.NDArray[np.int8]
    """Per feature, in steps of its own size: the vectors of all courses beside each other."""
    steps: Floats
    """Per feature."""
    bias: Floats
    out: Floats
    """Hidden × meanings."""
    out_bias: Floats
    """Courses × meanings."""

    def sum(self, rows: Ints) -> Floats:
        """Return what the vectors of some features add up to."""
        total: Floats = self.sums(rows, np.ones((1, len(rows)), np.float32))[0]
        return total

    def sums(self, rows: Ints, parts: Floats) -> Floats:
        """Return sums of some features' vectors.

        Args:
            rows: the features.
            parts: … × features: how much of each is in each sum.
        """
        found: Floats = (
            parts * self.steps.take(rows) @ self.vectors.take(rows, axis=0).astype(np.float32)
        )
        return found

    def running_sums(self, rows: Ints, begins: Ints, start: Floats) -> Floats:
        """Return what all vectors up to and with each token add up to, added in their order.

        So it is the same to the last bit, however many tokens are added at a time.

        Args:
            rows: the tokens' features.
            begins: where each token's begin, and all end.
            start: the sum before the first token.
        """
        sums = np.zeros((len(begins) - 1, len(start)), np.float32)
        if len(rows) > 0:
            found = self.vectors.take(rows, axis=0) * self.steps.take(rows)[:, None]
            has_features = begins[1:] > begins[:-1]
            sums[has_features] = np.add.reduceat(found, begins[:-1][has_features], axis=0)
        if len(sums) > 0:
            sums[0] += start
        running: Floats = sums.cumsum(axis=0, out=sums)
        return running

    def values(self, sums: Floats) -> Floats:
        """Return how much each meaning is borne out by sums of vectors, which are scaled."""
        hidden = np.maximum(sums + self.bias, 0)
        found: Floats = hidden @ self.out + self._mean_bias
        return found

    @cached_property
    def _mean_bias(self) -> Floats:
        mean: Floats = self.out_bias.mean(axis=0)
        return mean

    def gains(self, rows: Ints, factor: float, column: int) -> Floats:
        """Return what each of some features adds to a meaning's lead over `nothing`."""
        vectors = self.sums(rows, np.eye(len(rows), dtype=np.float32) * np.float32(factor))
        is_awake = vectors.sum(axis=0) + self.bias > 0
        lead = (self.out[:, column] - self.out[:, 0]) * is_awake
        gains: Floats = (vectors @ lead).astype(np.float32)
        return gains

    @classmethod
    def mean(cls, courses: Sequence[Learned]) -> "Network":
        """Return one wide network whose values are the mean of several networks' values."""
        wide = np.concatenate([each.vectors for each in courses], axis=1)
        steps = np.abs(wide).max(axis=1, initial=_TINY) / np.float32(_MOST_STEPS)
        return cls(
            np.rint(wide / steps[:, None]).astype(np.int8),
            steps.astype(np.float32),
            np.concatenate([each.bias for each in courses]),
            (np.concatenate([each.out for each in courses]) / len(courses)).astype(np.float32),
            np.stack([each.out_bias for each in courses]),
        )

    def parts(self, count: int) -> list["Network"]:
        """Return so many networks, each of as many of the courses, in order."""
        parts = zip(
            map(np.ascontiguousarray, np.split(self.vectors, count, axis=1)),
            np.split(self.bias, count),
            np.split(self.out * np.float32(count), count),
            np.split(self.out_bias, count),
            strict=True,
        )
        return [
            Network(vectors, self.steps, bias, out, out_bias)
            for vectors, bias, out, out_bias in parts
        ]
