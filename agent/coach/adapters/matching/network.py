"""A small neural network over sums of features.

One hidden layer over the sum of a text's feature vectors (a bag of embeddings, as in fastText,
with a rectifier). The sum is what makes it fit for partials: any stretch's sum is the difference
of two running sums, so hundreds of stretches cost one small product.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Network:
    """What was learned. Column 0 of what comes out is `nothing`."""

    vectors: npt.NDArray[np.float16]
    """Per feature."""
    bias: Floats
    out: Floats
    """Hidden × meanings."""
    out_bias: Floats
    """Networks that it is the mean of × meanings."""

    def values(self, sums: Floats) -> Floats:
        """Return how much each meaning is borne out by sums of vectors, which are scaled."""
        hidden = np.maximum(sums + self.bias, 0)
        found: Floats = hidden @ self.out + self.out_bias.mean(axis=0)
        return found

    def gains(self, rows: Ints, factor: float, column: int) -> Floats:
        """Return what each of some features adds to a meaning's lead over `nothing`."""
        vectors = self.vectors[rows].astype(np.float32) * np.float32(factor)
        is_awake = vectors.sum(axis=0) + self.bias > 0
        lead = (self.out[:, column] - self.out[:, 0]) * is_awake
        gains: Floats = (vectors @ lead).astype(np.float32)
        return gains

    @classmethod
    def mean(cls, networks: Sequence["Network"]) -> "Network":
        """Return one wide network whose values are the mean of several networks' values."""
        return cls(
            np.concatenate([each.vectors for each in networks], axis=1),
            np.concatenate([each.bias for each in networks]),
            (np.concatenate([each.out for each in networks]) / len(networks)).astype(np.float32),
            np.concatenate([each.out_bias for each in networks]),
        )

    def parts(self) -> list["Network"]:
        """Return the networks that it is the mean of."""
        count = len(self.out_bias)
        parts = zip(
            np.split(self.vectors, count, axis=1),
            np.split(self.bias, count),
            np.split(self.out * np.float32(count), count),
            np.split(self.out_bias, count),
            strict=True,
        )
        return [Network(*part) for part in parts]
