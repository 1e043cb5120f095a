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
_BLOCK = 16  # ends that are added up together
_SHORT = 64  # tokens of a text that is judged at one go

SETTLING = 2
"""Words after a stretch that must bear it out."""
_DOUBT = np.float32(0.7)  # by how much these words may weaken a score
_CERTAIN = np.float32(0.5)  # by how much a score must be higher to need no such words


def scale(tokens: Ints) -> Floats:
    """Return what the features of so many tokens are multiplied with. Rounded, as below."""
    shrunk: Floats = np.round(_SCALE / np.maximum(tokens, 1) ** _DILUTION, 4).astype(np.float32)
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


class Scan:
    """A text as a network reads it. A short one is read once, whatever is asked of it."""

    def __init__(
        self, network: Network, vocabulary: Vocabulary, text: Normalised, before: Normalised
    ) -> None:
        """Take a text and what the other side had just said, which may be nothing.

        The latter counts in a reading of the stretches with which the text begins: they answer it.
        """
        self._network, self.count = network, len(text.tokens)
        self._rows, self._begins = vocabulary.rows(text)
        self._before_count = len(before.tokens)
        self._before = network.sum(vocabulary.rows_before(before))
        self._read: tuple[Floats, Ints] | None = None

    def reading(self, first_end: int = 0, *, is_final: bool = True) -> Reading:
        """Score the stretches that end with token `first_end` or later.

        Only the likeliest moment of a stretch has a score. A stretch that is shorter than a
        thought has none, unless it is all that was said.
        """
        odds, starts = self._stretches(first_end, self.count)
        sizes = np.arange(first_end, self.count) + 1 - starts
        least = min(_LEAST, self.count) if is_final else _LEAST
        odds = np.where((sizes < least)[:, :, None], _NEVER, odds)
        odds = np.where(odds < odds.max(axis=-1, keepdims=True), _NEVER, odds)
        best = odds.argmax(axis=0)
        columns = np.arange(odds.shape[1])[:, None]
        return Reading(first_end, odds.max(axis=0), starts[best, columns])

    def highest(self, first_end: int, last_end: int) -> Floats:
        """Return the highest log odds of each moment in stretches that end there.

        By their own words: what the other side had said says little against an authored phrase.
        Of shorter stretches than a thought only those count with which the text begins: it may
        have been no longer when it was heard first.
        """
        end = min(last_end + 1, self.count)
        if self._before_count:
            odds, starts = self._judge(first_end, end, is_alone=True)
        else:
            odds, starts = self._stretches(first_end, end)
        is_part = (np.arange(first_end, end) + 1 - starts < _LEAST) & (starts > 0)
        highest: Floats = np.where(is_part[:, :, None], _NEVER, odds).max(axis=(0, 1))
        return highest

    def _stretches(self, first: int, end: int) -> tuple[Floats, Ints]:
        """Return the log odds of the stretches that end there, and where they start."""
        if self.count > _SHORT:
            return self._judge(first, end)
        if self._read is None:
            self._read = self._judge(0, self.count)
        odds, starts = self._read
        return odds[:, first:end], starts[:, first:end]

    def _judge(self, first: int, end: int, *, is_alone: bool = False) -> tuple[Floats, Ints]:
        ends = np.arange(first, end)
        starts = np.maximum(ends[None] + 1 - _LENGTHS[:, None], 0)
        sizes = ends[None] + 1 - starts
        blocks = range(0, len(ends), _BLOCK)
        sums = [self._sums(starts[:, at : at + _BLOCK], ends[at : at + _BLOCK]) for at in blocks]
        every = sums[0] if len(sums) == 1 else np.concatenate(sums, axis=1)
        if self._before_count and not is_alone:
            is_answer = starts == 0
            every += is_answer[:, :, None] * self._before
            sizes = sizes + is_answer * self._before_count
        every *= scale(sizes)[:, :, None]
        return _log_odds(self._network.values(every)), starts

    def _sums(self, starts: Ints, ends: Ints) -> Floats:
        """Return what the vectors of stretches add up to: lengths × ends × hidden."""
        begins = self._begins
        first, end = begins[starts.min()], begins[ends[-1] + 1]
        places = np.arange(first, end)
        is_within = (places >= begins[starts][..., None]) & (
            places < begins[ends + 1][None, :, None]
        )
        return self._network.sums(self._rows[first:end], is_within.astype(np.float32))


def _log_odds(values: Floats) -> Floats:
    """Return the log odds of each moment; the first column is `nothing`, and is left out.

    Rounded: processors differ in the last bits.
    """
    highest = values.max(axis=-1, keepdims=True)
    shares = np.exp(values - highest)
    totals = shares.sum(axis=-1, keepdims=True)
    shares = shares[..., 1:]
    rounded: Floats = np.round(np.log((shares + _TINY) / (totals - shares + _TINY)), 3)
    return rounded
