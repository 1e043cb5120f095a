"""Scores every stretch of a speaker's words: where in a long segment a meaning may stand."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coach.adapters.matching.features import MOST_BEFORE, Vocabulary
from coach.adapters.matching.network import Floats, Ints, Network
from coach.domain.words import NOTHING, Normalised

LONGEST = 40  # tokens in which a thought is said
_LENGTHS = np.array([20, LONGEST])
_LEAST = 5  # tokens: what is shorter is an answer, not a thought
_SCALE, _DILUTION = 1.6, 0.35  # more words say more, but not in proportion
_NEVER = np.float32(-30.0)
_TINY = np.float32(1e-12)
_BLOCK = 8  # ends that are judged together …
_PLACES = np.arange(_BLOCK)
_AT_ONCE = 32  # … and blocks, of a text that is new

SETTLING = 2
"""Words after a stretch that must bear it out."""
_DOUBT = np.float32(0.7)  # by how much these words may weaken a score
_CERTAIN = np.float32(0.5)  # by how much a score must be higher to need no such words


def scale(tokens: Ints) -> Floats:
    """Return what the features of so many tokens are multiplied with. Rounded, as below."""
    shrunk: Floats = np.round(_SCALE / np.maximum(tokens, 1) ** _DILUTION, 4).astype(np.float32)
    return shrunk


_SCALES = scale(np.arange(LONGEST + MOST_BEFORE + 1))  # of every stretch that is judged


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
    """A text as a network reads it while it grows.

    Of words that were there before nothing is computed anew: what a partial costs does not depend
    on how much was said already. Stretches are judged in blocks of ends, always of the same
    shape, so a score is the same to the last bit, however the words came.
    """

    def __init__(self, network: Network, vocabulary: Vocabulary, before: Normalised) -> None:
        """Begin with no words.

        Args:
            network: reads.
            vocabulary: its features.
            before: what the other side had just said, which may be nothing. It counts in a
                reading of the stretches with which the text begins: they answer it.
        """
        self._network, self._vocabulary = network, vocabulary
        self._before_count = len(before.tokens)
        self._before = network.sum(vocabulary.rows_before(before))
        self._text = NOTHING
        self._sums: Floats = np.zeros((1, len(self._before)), np.float32)
        """Of the vectors of all tokens before each token, and of all."""
        self._judged: dict[bool, dict[int, Floats]] = {True: {}, False: {}}
        """By whether they answer, by block: log odds, lengths × ends × moments."""

    @property
    def count(self) -> int:
        """How many tokens the text has."""
        return len(self._text.tokens)

    def follow(self, text: Normalised) -> None:
        """Read on. Words may have been added, or recognised anew."""
        if text == self._text:
            return
        kept = _common(self._text, text)
        rows, begins = self._vocabulary.rows(text, kept)
        more = self._network.running_sums(rows, begins, self._sums[kept])
        self._sums = np.concatenate([self._sums[: kept + 1], more])
        for judged in self._judged.values():
            for block in [each for each in judged if (each + 1) * _BLOCK > kept]:
                del judged[block]
        self._text = text

    def peak(self, first_end: int) -> float:
        """Return the highest log odds of all stretches that end with this token or later."""
        odds, _ = self._stretches(first_end, self.count, is_answer=True)
        return float(odds.max())

    def reading(self, first_end: int = 0, *, is_final: bool = True) -> Reading:
        """Score the stretches that end with token `first_end` or later.

        Only the likeliest moment of a stretch has a score. A stretch that is shorter than a
        thought has none, unless it is all that was said.
        """
        odds, starts = self._stretches(first_end, self.count, is_answer=True)
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
        odds, starts = self._stretches(first_end, end, is_answer=False)
        is_part = (np.arange(first_end, end) + 1 - starts < _LEAST) & (starts > 0)
        highest: Floats = np.where(is_part[:, :, None], _NEVER, odds).max(axis=(0, 1))
        return highest

    def _stretches(self, first: int, end: int, *, is_answer: bool) -> tuple[Floats, Ints]:
        """Return the log odds of the stretches that end there, and where they start.

        Args:
            first: the first token at which one ends.
            end: one more than the last.
            is_answer: whether what the other side had said counts.
        """
        is_answer = is_answer and self._before_count > 0
        judged = self._judged[is_answer]
        blocks = range(first // _BLOCK, (end - 1) // _BLOCK + 1)
        missing = [block for block in blocks if block not in judged]
        for at in range(0, len(missing), _AT_ONCE):
            some = missing[at : at + _AT_ONCE]
            judged.update(zip(some, self._judge(some, is_answer=is_answer), strict=True))
        odds = judged[blocks[0]]
        if len(blocks) > 1:
            odds = np.concatenate([judged[block] for block in blocks], axis=1)
        skipped = blocks[0] * _BLOCK
        starts = np.maximum(np.arange(first, end) + 1 - _LENGTHS[:, None], 0)
        return odds[:, first - skipped : end - skipped], starts

    def _judge(self, blocks: Sequence[int], *, is_answer: bool) -> Floats:
        """Return log odds: blocks × lengths × ends × moments. Ends after the last are that one."""
        ends = np.minimum(np.array(blocks)[:, None] * _BLOCK + _PLACES, self.count - 1)[:, None]
        starts = np.maximum(ends + 1 - _LENGTHS[:, None], 0)
        sizes = ends + 1 - starts
        sums = self._sums.take(ends + 1, axis=0) - self._sums.take(starts, axis=0)
        if is_answer:
            is_first = starts == 0
            sums += is_first[..., None] * self._before
            sizes += is_first * self._before_count
        sums *= _SCALES.take(sizes)[..., None]
        values = self._network.values(sums.reshape(len(blocks), -1, sums.shape[-1]))
        return _log_odds(values).reshape(*sizes.shape, -1)


def _common(one: Normalised, other: Normalised) -> int:
    """Return with how many tokens both texts begin, pauses included."""
    pairs = zip(one.tokens, other.tokens, strict=False)
    for at, (token, same) in enumerate(pairs):
        if token != same or (at - 1 in one.breaks) != (at - 1 in other.breaks):
            return at
    return min(len(one.tokens), len(other.tokens))


def _log_odds(values: Floats) -> Floats:
    """Return the log odds of each moment; the first column is `nothing`, and is left out.

    Rounded: processors differ in the last bits.
    """
    highest = values.max(axis=-1, keepdims=True)
    shares = np.exp(values - highest)
    totals = shares.sum(axis=-1, keepdims=True)
    shares = shares[..., 1:]
    rounded: Floats = np.log((shares + _TINY) / (totals - shares + _TINY)).round(3)
    return rounded
