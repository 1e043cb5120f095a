"""Scores every stretch of a speaker's words: where in a long segment a meaning may stand."""

from dataclasses import dataclass

import numpy as np

from coach.adapters.matching.features import Vocabulary
from coach.adapters.matching.network import Floats, Ints, Network
from coach.domain.words import Normalised

LONGEST = 40  # tokens in which a thought is said
_LENGTHS = np.array([20, LONGEST])
_LEAST = 5  # tokens: what is shorter is an answer, not a thought
_SCALE, _DILUTION = 1.6, 0.35  # more words say more, but not in proportion
_NEVER = np.float32(-30.0)
_TINY = np.float32(1e-12)

SETTLING = 2
"""Words after a stretch that must bear it out."""
_DOUBT = np.float32(0.7)  # by how much these words may weaken a score
_CERTAIN = np.float32(1.5)  # by how much a score must be higher to need no such words


def scale(tokens: Ints) -> Floats:
    """Return what the features of so many tokens are multiplied with."""
    shrunk: Floats = (_SCALE / np.maximum(tokens, 1) ** _DILUTION).astype(np.float32)
    return shrunk


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model makes of a text, by the token with which a stretch ends."""

    first_end: int
    scores: Floats
    """Log odds: ends × moments."""
    starts: Ints
    """First token of the best stretch, likewise."""

    def settled(self, *, is_final: bool) -> Floats:
        """Return the scores that later words can not take back.

        Whatever follows, the same text has the same settled scores.
        """
        scores = self.scores
        held = scores.copy()
        for step in range(1, SETTLING + 1):
            held[:-step] = np.minimum(held[:-step], scores[step:] + _DOUBT)
        if not is_final:
            held[-SETTLING:] = _NEVER
        settled: Floats = np.maximum(held, scores - _CERTAIN)
        return settled


def read(
    network: Network,
    vocabulary: Vocabulary,
    text: Normalised,
    first_end: int = 0,
    *,
    is_exclusive: bool = True,
) -> Reading:
    """Score the stretches that end with token `first_end` or later.

    Args:
        is_exclusive: only the likeliest moment of a stretch has a score.
    """
    rows, begins = vocabulary.rows(text)
    sums = _running_sums(network, rows)[begins]
    ends = np.arange(first_end, len(text.tokens))
    starts = np.maximum(ends[None] + 1 - _LENGTHS[:, None], 0)
    spans = sums[ends + 1][None] - sums[starts]
    sizes = ends[None] + 1 - starts
    values = network.values(spans * scale(sizes)[:, :, None])
    odds = _log_odds(values, is_exclusive)
    odds[sizes < np.minimum(_LEAST, len(text.tokens))] = _NEVER
    best = odds.argmax(axis=0)
    scores: Floats = odds.max(axis=0)
    return Reading(first_end, scores, starts[best, np.arange(len(ends))[:, None]])


def _running_sums(network: Network, rows: Ints) -> Floats:
    """Return what the vectors before each feature add up to, and at last what all do."""
    running = np.zeros((len(rows) + 1, network.vectors.shape[1]), np.float32)
    np.cumsum(network.vectors[rows], axis=0, dtype=np.float32, out=running[1:])
    return running


def _log_odds(values: Floats, is_exclusive: bool) -> Floats:
    """Return the log odds of each moment; the first column is `nothing`, and is left out."""
    highest = values.max(axis=-1, keepdims=True)
    shares = np.exp(values - highest)
    totals = shares.sum(axis=-1, keepdims=True)
    shares = shares[..., 1:]
    odds: Floats
    if not is_exclusive:
        odds = np.log((shares + _TINY) / (totals - shares + _TINY))
        return odds
    most = shares.argmax(axis=-1, keepdims=True)
    top = np.take_along_axis(shares, most, axis=-1)
    odds = np.full(shares.shape, _NEVER, np.float32)
    np.put_along_axis(odds, most, np.log((top + _TINY) / (totals - top + _TINY)), axis=-1)
    return odds
