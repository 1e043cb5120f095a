"""Fits a network to lessons, in numpy alone.

Deterministic on any machine: nothing here leaves the order of additions to a library (no BLAS,
no sums along the last axis) or a transcendental function to the processor.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coach.adapters.matching.network import Floats, Ints, Learned

HIDDEN = 64
_HALVES = (32, 16, 8, 4, 2, 1)
_EPOCHS = 8
_BATCH = 256
_RATE = 0.15  # of Adagrad, for the vectors
_OUTER_RATE = 0.03  # for all that is shared
_DECAY = 1e-4  # by which a vector shrinks each time it is met
_DROPPED = 0.3  # share of features that a text is learned without, each time others
_CROPPED = 0.5  # share of croppable texts of which only a stretch is learned
_SHORTEST_CROP = 5
_LENT = 0.5  # share of examples without anything before them that get what was before ordinary talk
_ANSWERED = 0.8  # share of ordinary answers that are learned together with what they answer
_LOG2_E = np.float32(1.4426950408889634)
_LN_2_HIGH, _LN_2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)
_EXP = tuple(np.float32(1 / f) for f in (720, 120, 24, 6, 2, 1, 1))  # Taylor, highest first


@dataclass(frozen=True, slots=True)
class Lessons:
    """Texts to learn from. The features of all texts stand one after the other."""

    features: Ints
    tokens: Ints
    """Per text, how many it has."""
    meanings: Ints
    """Per text: 0 for nothing, else the moment's place, counted from 1."""
    weights: Floats
    """Per text, how much it counts."""
    croppable: npt.NDArray[np.bool_]
    """Per text, whether any stretch of it means the same: true of ordinary talk."""
    token_begins: Ints
    """Per token of all texts, where its features begin; and at last where all end."""
    first_tokens: Ints
    """Per text, the place of its first token among all."""
    features_before: Ints
    """Features of what had been said before each text, one after the other."""
    before_begins: Ints
    """Per text, where these begin; and at last where all end."""
    tokens_before: Ints
    """Per text, how many tokens these are of."""
    lenders: Ints
    """Texts of ordinary talk that have something before them."""


Scale = Callable[[Ints], Floats]
"""What the features of so many tokens are multiplied with."""


def fit(
    lessons: Lessons, chosen: Ints, seed: int, *, width: int, meanings: int, scale: Scale
) -> Learned:
    """Learn from the chosen texts (stochastic gradient descent, Adagrad per vector)."""
    chance = np.random.Generator(np.random.PCG64(seed))
    learner = _Learner(width, meanings, chance)
    for epoch in range(_EPOCHS):
        order = chosen[chance.permutation(len(chosen))]
        pace = np.float32(1.0 - epoch / _EPOCHS)
        for first in range(0, len(order), _BATCH):
            learner.learn(_batch(lessons, order[first : first + _BATCH], scale, chance), pace)
    return learner.learned()


@dataclass(frozen=True, slots=True)
class _Batch:
    features: Ints
    begins: Ints
    sizes: Ints
    scales: Floats
    meanings: Ints
    weights: Floats


def _batch(lessons: Lessons, texts: Ints, scale: Scale, chance: np.random.Generator) -> _Batch:
    """Gather texts; of half of those that are croppable only a stretch."""
    first, tokens = lessons.first_tokens[texts], lessons.tokens[texts]
    # Drawn for all texts, so that chance does not depend on what they are.
    drawn = chance.random((6, len(texts)))
    is_cropped = lessons.croppable[texts] & (tokens > _SHORTEST_CROP) & (drawn[0] < _CROPPED)
    spread = drawn[1] * (tokens - _SHORTEST_CROP + 1)
    lengths = np.where(is_cropped, _SHORTEST_CROP + spread, tokens).astype(np.int64)
    starts = first + (drawn[2] * (tokens - lengths + 1)).astype(np.int64)
    begins, ends = lessons.token_begins[starts], lessons.token_begins[starts + lengths]
    # Only what is said at once is an answer. Ordinary talk is so whatever it answers; an example
    # that was given as an answer may mean nothing without.
    is_answer = (starts == first) & (~lessons.croppable[texts] | (drawn[3] < _ANSWERED))
    is_known = ends > begins
    answered = _answered(lessons, texts, drawn[4:])[is_known]
    texts, is_answer, lengths = texts[is_known], is_answer[is_known], lengths[is_known]
    begins, sizes = begins[is_known], (ends - begins)[is_known]
    begins_before = lessons.before_begins[answered]
    sizes_before = (lessons.before_begins[answered + 1] - begins_before) * is_answer
    features, offsets = _joined(
        (lessons.features, begins, sizes),
        (lessons.features_before, begins_before, sizes_before),
    )
    is_kept = chance.random(len(features)) >= _DROPPED
    is_kept[offsets] = True  # nobody is left without any feature
    before = np.concatenate([[0], np.cumsum(is_kept)])
    sizes = before[offsets + sizes + sizes_before] - before[offsets]
    return _Batch(
        features[is_kept],
        np.concatenate([[0], np.cumsum(sizes)[:-1]]),
        sizes,
        scale(lengths + lessons.tokens_before[answered] * is_answer) / np.float32(1 - _DROPPED),
        lessons.meanings[texts],
        lessons.weights[texts],
    )


def _answered(lessons: Lessons, texts: Ints, drawn: npt.NDArray[np.float64]) -> Ints:
    """Return for each text the one of which it learns what had been said before.

    Itself, but for some examples that were given without: what is clear alone is as clear after
    anything, which nothing else would teach.
    """
    is_alone = ~lessons.croppable[texts] & (lessons.tokens_before[texts] == 0)
    is_lent = is_alone & (drawn[0] < _LENT)
    if len(lessons.lenders) == 0:
        return texts
    places = (drawn[1] * len(lessons.lenders)).astype(np.int64)
    return np.where(is_lent, lessons.lenders[places], texts)


_Stretches = tuple[Ints, Ints, Ints]
"""Values, and where each stretch of them begins and how long it is."""


def _joined(first: _Stretches, second: _Stretches) -> tuple[Ints, Ints]:
    """Return each first stretch with its second one behind it, and where each pair begins."""
    sizes = first[2] + second[2]
    offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    joined = np.empty(sizes.sum(), first[0].dtype)
    for (values, begins, lengths), at in ((first, offsets), (second, offsets + first[2])):
        steps = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        joined[np.repeat(at, lengths) + steps] = values[np.repeat(begins, lengths) + steps]
    return joined, offsets


class _Learner:
    """The parameters while they are learned."""

    def __init__(self, width: int, meanings: int, chance: np.random.Generator) -> None:
        self._vectors = _uniform(chance, (width, HIDDEN), 0.08)
        self._bias = np.zeros(HIDDEN, np.float32)
        self._out = _uniform(chance, (HIDDEN, meanings), 0.3)
        self._out_bias = np.zeros(meanings, np.float32)
        self._met = np.full((width, 1), 0.1, np.float32)
        self._steps = [np.full_like(each, 0.1) for each in self._shared()]

    def learned(self) -> Learned:
        """Return what was learned so far."""
        return Learned(self._vectors, self._bias, self._out, self._out_bias)

    def learn(self, batch: _Batch, pace: np.float32) -> None:
        """Take one step."""
        gathered = self._vectors[batch.features]
        sums = np.add.reduceat(gathered, batch.begins, axis=0) * batch.scales[:, None]
        before = sums + self._bias
        hidden = np.maximum(before, 0)
        shares = _shares(_product(hidden, self._out) + self._out_bias)
        shares[np.arange(len(shares)), batch.meanings] -= 1
        error = shares * batch.weights[:, None]
        back = _product(error, self._out.T) * (before > 0)
        slopes = (_sum(back), _outer(hidden, error), _sum(error))
        for value, slope, steps in zip(self._shared(), slopes, self._steps, strict=True):
            slope = slope / np.float32(len(error))
            steps += slope * slope
            value -= np.float32(_OUTER_RATE) * pace * slope / np.sqrt(steps)
        self._move(batch, back * batch.scales[:, None], pace)

    def _shared(self) -> tuple[Floats, Floats, Floats]:
        return self._bias, self._out, self._out_bias

    def _move(self, batch: _Batch, back: Floats, pace: np.float32) -> None:
        """Move the vectors of the features that were met."""
        texts = np.repeat(np.arange(len(batch.sizes)), batch.sizes)
        order = np.argsort(batch.features, kind="stable")
        features = batch.features[order]
        begins = np.flatnonzero(np.concatenate([[True], features[1:] != features[:-1]]))
        met = features[begins]
        slope = np.add.reduceat(back[texts[order]], begins, axis=0)
        vectors = self._vectors[met]
        slope += np.float32(_DECAY) * vectors
        squares = slope * slope
        for half in _HALVES:  # a sum along the last axis, in a fixed order
            squares = squares[:, :half] + squares[:, half : 2 * half]
        steps = self._met[met] + squares / np.float32(HIDDEN)
        self._met[met] = steps
        self._vectors[met] = vectors - np.float32(_RATE) * pace * slope / np.sqrt(steps)


def _uniform(chance: np.random.Generator, shape: tuple[int, int], width: float) -> Floats:
    return ((chance.random(shape, np.float32) * 2 - 1) * np.float32(width)).astype(np.float32)


def _product(left: Floats, right: Floats) -> Floats:
    """Return the matrix product, added up column by column."""
    total = np.zeros((len(left), right.shape[1]), np.float32)
    for column in range(left.shape[1]):
        total += left[:, column, None] * right[column]
    return total


def _outer(left: Floats, right: Floats) -> Floats:
    """Return the product of the transposed left side with the right one."""
    return np.stack([_sum(left * right[:, at, None]) for at in range(right.shape[1])], axis=1)


def _sum(rows: Floats) -> Floats:
    total: Floats = np.add.reduceat(rows, [0], axis=0)[0]
    return total


def _shares(values: Floats) -> Floats:
    """Return the softmax."""
    raised = _exp(values - values.max(axis=1, keepdims=True))
    total = raised[:, :1].copy()
    for column in range(1, raised.shape[1]):
        total += raised[:, column, None]
    return raised / total


def _exp(values: Floats) -> Floats:
    """Return e to the power of values that are not positive: the same bits on any processor."""
    values = np.maximum(values, np.float32(-60))
    whole = np.rint(values * _LOG2_E)
    rest = values - whole * _LN_2_HIGH
    rest -= whole * _LN_2_LOW
    result = np.full_like(rest, _EXP[0])
    for factor in _EXP[1:]:
        result = result * rest + factor
    scaled: Floats = np.ldexp(result, whole.astype(np.int32))
    return scaled
