"""What a classifier sees in words: words, pairs, ideas, negations. One list for each token."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from coach.adapters.matching.concepts import NAMES, concepts, lemma
from coach.adapters.matching.lexicon import NEGATIONS
from coach.domain.words import Normalised

_START = "^"
_PREFIX = 4  # letters: what is left of a word in most of its forms
_LONG_WORD = 6
_NEGATION_REACH = 4
_SHIFT = 20  # bits for a word's number in a feature's key

_WORD, _PREFIXED, _PAIR, _APART, _IDEA, _DENIED, _IDEA_DENIED = (
    kind << 2 * _SHIFT for kind in range(7)
)


@dataclass(frozen=True, slots=True)
class _Word:
    number: int
    """Of the lemma; -1 for one that was never taught."""
    ideas: tuple[int, ...]
    prefix: int
    is_negation: bool
    own: tuple[int, ...] = ()
    """Numbers of the features that it has anywhere."""
    denied: tuple[int, ...] = ()
    """Numbers of those that it has after a negation."""


@dataclass(slots=True)
class Vocabulary:
    """The features that were taught, by number. Fixed once it is closed."""

    _lemmas: dict[str, int] = field(default_factory=lambda: {_START: 0})
    _prefixes: dict[str, int] = field(default_factory=dict)
    _words: dict[str, _Word] = field(default_factory=dict)
    _rows: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Sequence[Normalised], least: int) -> "Vocabulary":
        """Learn the features that occur in at least so many texts."""
        vocabulary = cls()
        for word in sorted({token for text in texts for token in text.tokens}):
            vocabulary._learn(word)
        found = [np.unique(np.fromiter(vocabulary._keys(text), np.int64)) for text in texts]
        keys, counts = np.unique(np.concatenate(found), return_counts=True)
        kept = keys[counts >= least].tolist()
        vocabulary._rows = {key: row for row, key in enumerate(kept)}
        vocabulary._words = {token: vocabulary._look_up(token) for token in vocabulary._words}
        return vocabulary

    def __len__(self) -> int:
        return len(self._rows)

    def rows(self, text: Normalised) -> tuple[list[int], list[int]]:
        """Return the numbers of all features, and for each token where its own begin."""
        rows: list[int] = []
        begins: list[int] = []
        known, words = self._rows, self._words
        before = earlier = -1
        denied_until = -1
        for at, token in enumerate(text.tokens):
            begins.append(len(rows))
            word = words.get(token) or self._look_up(token)
            rows += word.own
            number = word.number
            if number >= 0:
                for key in _around(number, before, earlier, at == 0 or at - 1 in text.breaks):
                    if key in known:
                        rows.append(known[key])
            if at <= denied_until:
                rows += word.denied
            if word.is_negation:
                denied_until = at + _NEGATION_REACH
            before, earlier = number, before
        return rows, begins

    def names(self, rows: Iterable[int]) -> dict[int, str]:
        """Return features in words, for a person. Slow."""
        wanted = set(rows)
        lemmas = {number: word for word, number in self._lemmas.items()}
        prefixes = {number: prefix for prefix, number in self._prefixes.items()}
        return {
            row: _name(key, lemmas, prefixes) for key, row in self._rows.items() if row in wanted
        }

    def _learn(self, token: str) -> None:
        word = lemma(token)
        self._lemmas.setdefault(word, len(self._lemmas))
        if len(word) >= _LONG_WORD:
            self._prefixes.setdefault(word[:_PREFIX], len(self._prefixes))
        self._words[token] = self._look_up(token)

    def _look_up(self, token: str) -> _Word:
        word = lemma(token)
        number, ideas = self._lemmas.get(word, -1), concepts(word)
        prefix = self._prefixes.get(word[:_PREFIX], -1) if len(word) >= _LONG_WORD else -1
        known = self._rows
        own = tuple(known[key] for key in _own(number, prefix, ideas) if key in known)
        denied = tuple(known[key] for key in _denied(number, ideas) if key in known)
        return _Word(number, ideas, prefix, token in NEGATIONS, own, denied)

    def _keys(self, text: Normalised) -> Iterator[int]:
        """Yield the keys of a text's features."""
        before = earlier = -1
        denied_until = -1
        for at, token in enumerate(text.tokens):
            word = self._words[token]
            yield from _own(word.number, word.prefix, word.ideas)
            yield from _around(word.number, before, earlier, at == 0 or at - 1 in text.breaks)
            if at <= denied_until:
                yield from _denied(word.number, word.ideas)
            if word.is_negation:
                denied_until = at + _NEGATION_REACH
            before, earlier = word.number, before


def _own(number: int, prefix: int, ideas: tuple[int, ...]) -> list[int]:
    keys = [_IDEA | idea for idea in ideas]
    if prefix >= 0:
        keys.append(_PREFIXED | prefix)
    if number >= 0:
        keys.append(number)
    return keys


def _denied(number: int, ideas: tuple[int, ...]) -> list[int]:
    keys = [_IDEA_DENIED | idea for idea in ideas]
    if number >= 0:
        keys.append(_DENIED | number)
    return keys


def _around(number: int, before: int, earlier: int, is_first: bool) -> list[int]:
    """Return the keys of a word with the words before it."""
    keys = [_PAIR | number] if is_first else []
    if before >= 0:
        keys.append(_PAIR | before << _SHIFT | number)
    if earlier >= 0:
        keys.append(_APART | earlier << _SHIFT | number)
    return keys


def _name(key: int, lemmas: dict[int, str], prefixes: dict[int, str]) -> str:
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
