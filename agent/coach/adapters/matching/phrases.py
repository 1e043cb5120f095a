"""Finds thousands of word sequences in a text in one pass (Aho-Corasick)."""

from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

import ahocorasick

Value = TypeVar("Value")


class PhraseIndex(Generic[Value]):
    """Word sequences, each with what it stands for. Unchanging once built."""

    def __init__(self, phrases: Iterable[tuple[tuple[str, ...], Value]]) -> None:
        values: dict[tuple[str, ...], list[Value]] = {}
        for tokens, value in phrases:
            if tokens:
                values.setdefault(tokens, []).append(value)
        self._automaton = ahocorasick.Automaton()
        for tokens, entries in values.items():
            # Blanks around make a phrase match whole words only.
            key = f" {' '.join(tokens)} "
            self._automaton.add_word(key, (len(key), len(tokens), tuple(entries)))
        self._is_empty = not values
        self._automaton.make_automaton()

    def find(self, tokens: tuple[str, ...]) -> Iterator[tuple[int, int, Value]]:
        """Yield first and last token and value of every phrase in the tokens."""
        if self._is_empty or not tokens:
            return
        text = f" {' '.join(tokens)} "
        for end, (length, count, values) in self._automaton.iter(text):
            first = text.count(" ", 0, end - length + 1)
            for value in values:
                yield first, first + count - 1, value
