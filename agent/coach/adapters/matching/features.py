"""What a classifier sees in words: words, pairs, ideas, negations. Some features a token.

And in what the other side had just said: the same, kept apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from coach.adapters.matching.concepts import (
    LONGEST_TERM,
    NAMES,
    concepts,
    lemma,
    term,
    term_lengths,
)
from coach.adapters.matching.lexicon import NEGATIONS
from coach.adapters.matching.network import Ints
from coach.domain.words import Normalised

_START = "^"
_PREFIX = 4  # letters: what is left of a word in most of its forms
_LONG_WORD = 6
_NEGATION_REACH = 4
_LOOK_BACK = max(_NEGATION_REACH, LONGEST_TERM)  # tokens before a token that decide its features
_SHIFT = 20  # bits for a word's number in a feature's key

_WORD, _PREFIXED, _PAIR, _APART, _IDEA, _DENIED, _IDEA_DENIED = (
    kind << 2 * _SHIFT for kind in range(7)
)
_AFTER = 1 << 2 * _SHIFT + 3  # marks the features of what the other side had said

MOST_BEFORE = 20
"""Tokens of what the other side had just said that count: its newest."""


@dataclass(frozen=True, slots=True)
class _Word:
    lemma: str
    number: int
    """Of the lemma; -1 for one that was never taught."""
    is_negation: bool
    own: tuple[int, ...]
    """Keys of the features that it has anywhere."""
    denied: tuple[int, ...]
    """Keys of those that it has after a negation."""
    term_lengths: tuple[int, ...]
    """How many words the terms have that end with it."""


@dataclass(slots=True)
class Vocabulary:
    """The features that were taught, by number."""

    lemmas: dict[str, int] = field(default_factory=lambda: {_START: 0})
    prefixes: dict[str, int] = field(default_factory=dict)
    keys: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    """The key of each feature, in order: a feature's number is its place."""
    _words: dict[str, _Word] = field(default_factory=dict)

    def learn(self, texts: Iterable[Normalised]) -> None:
        """Give the words of texts their numbers."""
        for token in sorted({token for text in texts for token in text.tokens}):
            word = lemma(token)
            self.lemmas.setdefault(word, len(self.lemmas))
            if len(word) >= _LONG_WORD:
                self.prefixes.setdefault(word[:_PREFIX], len(self.prefixes))

    def __len__(self) -> int:
        return len(self.keys)

    def rows(self, text: Normalised, first: int = 0) -> tuple[Ints, Ints]:
        """Return the numbers of a text's features, and where each token's begin, and all end.

        Args:
            text: whose features.
            first: the token with which to begin.
        """
        keys, begins = self.features(text, first)
        places, is_known = self.places(np.array(keys, np.int64))
        known = np.zeros(len(keys) + 1, np.intp)
        is_known.cumsum(out=known[1:])
        return places[is_known], known.take(begins)

    def rows_before(self, before: Normalised) -> Ints:
        """Return the numbers of the features of what the other side had just said."""
        places, is_known = self.places(self.features_before(before))
        return places[is_known]

    def places(self, keys: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """Return the numbers of keys, and which of them were taught: the others' mean nothing."""
        if len(self.keys) == 0:
            return np.zeros(len(keys), np.int64), np.zeros(len(keys), bool)
        places = self.keys.searchsorted(keys)
        return places, self.keys.take(places, mode="clip") == keys

    def features_before(self, before: Normalised) -> Ints:
        """Return the keys of the features of what the other side had just said, known or not."""
        return np.array(self.features(before)[0], np.int64) | _AFTER

    def features(self, text: Normalised, first: int = 0) -> tuple[list[int], list[int]]:
        """Return the keys of all features, known or not, and where each token's begin.

        Those of a token do not depend on what follows it: a text that has grown needs only
        those of its new tokens.

        Args:
            text: whose features.
            first: the token with which to begin.
        """
        keys: list[int] = []
        begins: list[int] = []
        offset = max(0, first - _LOOK_BACK)
        words = [self._words.get(token) or self._look_up(token) for token in text.tokens[offset:]]
        lemmas = [word.lemma for word in words]
        denied_until = -1
        for at, word in enumerate(words):
            if offset + at >= first:
                begins.append(len(keys))
                keys += word.own
                if word.number >= 0:
                    if offset + at == 0 or offset + at - 1 in text.breaks:
                        keys.append(_PAIR | word.number)
                    if at > 0 and words[at - 1].number >= 0:
                        keys.append(_PAIR | words[at - 1].number << _SHIFT | word.number)
                    if at > 1 and words[at - 2].number >= 0:
                        keys.append(_APART | words[at - 2].number << _SHIFT | word.number)
                for length in word.term_lengths:
                    idea = term(tuple(lemmas[max(0, at + 1 - length) : at + 1]))
                    if idea is not None:
                        keys.append(_IDEA | idea)
                if at <= denied_until:
                    keys += word.denied
            if word.is_negation:
                denied_until = at + _NEGATION_REACH
        begins.append(len(keys))
        return keys, begins

    def names(self, rows: Iterable[int]) -> dict[int, str]:
        """Return features in words, for a person. Slow."""
        lemmas = {number: word for word, number in self.lemmas.items()}
        prefixes = {number: prefix for prefix, number in self.prefixes.items()}
        return {row: _name(int(self.keys[row]), lemmas, prefixes) for row in set(rows)}

    def _look_up(self, token: str) -> _Word:
        word = lemma(token)
        number, ideas = self.lemmas.get(word, -1), concepts(word)
        own, denied = [_IDEA | idea for idea in ideas], [_IDEA_DENIED | idea for idea in ideas]
        if len(word) >= _LONG_WORD and word[:_PREFIX] in self.prefixes:
            own.append(_PREFIXED | self.prefixes[word[:_PREFIX]])
        if number >= 0:
            own.append(_WORD | number)
            denied.append(_DENIED | number)
        is_negation = token in NEGATIONS
        lengths = term_lengths(word)
        found = _Word(word, number, is_negation, tuple(own), tuple(denied), lengths)
        if number >= 0:  # so that strange words do not fill the memory
            self._words[token] = found
        return found


def newest(before: Normalised) -> Normalised:
    """Return the words that count of what the other side had just said."""
    first = max(0, len(before.tokens) - MOST_BEFORE)
    return Normalised(before.tokens[first:], before.origins[first:], frozenset())


@dataclass(frozen=True, slots=True)
class Taught:
    """What there is to learn from, as numbers of features. Lists: one entry a text."""

    vocabulary: Vocabulary
    rows: list[Ints]
    begins: list[Ints]
    """Where each token's features begin, and all end."""
    rows_before: list[Ints]
    """Of what the other side had said before."""


def taught(
    texts: Sequence[Normalised], befores: Sequence[Normalised], least: int, least_before: int
) -> Taught:
    """Learn the features that occur often enough.

    Args:
        texts: to learn from.
        befores: what the other side had said before each, the words that count.
        least: in how many texts a feature must occur …
        least_before: … and in how many befores.
    """
    vocabulary = Vocabulary()
    vocabulary.learn(texts)
    found = [vocabulary.features(text) for text in texts]
    keys = [np.array(each, np.int64) for each, _ in found]
    keys_before = [vocabulary.features_before(each) for each in befores]
    # In order: the mark of what was said before is the highest bit.
    vocabulary.keys = np.concatenate([_often(keys, least), _often(keys_before, least_before)])
    rows, begins = [], []
    for of_text, (_, of_tokens) in zip(keys, found, strict=True):
        places, is_known = vocabulary.places(of_text)
        rows.append(places[is_known])
        begins.append(np.concatenate([[0], np.cumsum(is_known)])[of_tokens])
    known = map(vocabulary.places, keys_before)
    rows_before = [places[is_known] for places, is_known in known]
    return Taught(vocabulary, rows, begins, rows_before)


def _often(keys: Sequence[Ints], least: int) -> Ints:
    """Return the keys that occur at least so often, in order."""
    values, counts = np.unique(np.concatenate(keys), return_counts=True)
    often: Ints = values[counts >= least]
    return often


def _name(key: int, lemmas: dict[int, str], prefixes: dict[int, str]) -> str:
    if key & _AFTER:
        return f"after: {_name(key ^ _AFTER, lemmas, prefixes)}"
    mask = (1 << _SHIFT) - 1
    kind, first, second = key & ~(mask << _SHIFT | mask), key >> _SHIFT & mask, key & mask
    denied = "no " if kind in (_DENIED, _IDEA_DENIED) else ""
    if kind == _PREFIXED:
        return f"{prefixes[second]}…"
    if kind in (_IDEA, _IDEA_DENIED):
        return f"{denied}<{NAMES[second]}>"
    if kind in (_WORD, _DENIED):
        return f"{denied}{lemmas[second]}"
    return f"{lemmas[first]}{' ' if kind == _PAIR else ' … '}{lemmas[second]}"
