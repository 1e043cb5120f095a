"""What a recogniser makes of words: near-sounding real words, and small ones lost."""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from coach.adapters.matching.lexicon import COMMON

WORD_ERROR_SHARE = 0.09
_DELETED, _INSERTED = 0.30, 0.10  # of all errors; the rest are substitutions
_SMALL = frozenset(
    {"a", "an", "the", "to", "of", "in", "on", "at", "is", "it", "that", "and", "i", "we", "you"}
    | {"for", "do", "so", "be", "as", "was", "are", "have", "just"}
)
_FILLERS = ("uh", "the", "a", "and", "i", "it")
_EDGES = re.compile(r"(\W*)(.*?)(\W*)", re.DOTALL)


class Mishearing:
    """Spoils words. The same seed spoils the same words alike."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.spoken = 0
        self.errors = 0

    def heard(self, words: Sequence[str]) -> list[str]:
        """Return words as they are recognised; never none."""
        heard: list[str] = []
        for word in words:
            self.spoken += 1
            if self._chance.random() >= WORD_ERROR_SHARE:
                heard.append(word)
                continue
            wrong = list(self._wrong(word))
            self.errors += wrong != [word]
            heard += wrong
        return heard or list(words)

    def _wrong(self, word: str) -> Iterator[str]:
        kind = self._chance.random()
        before, bare, after = self.parts(word)
        if kind < _DELETED:
            # Small words are what gets lost; a long one is rather heard as another.
            if bare.lower() in _SMALL:
                return
            kind = 1.0
        if kind < _DELETED + _INSERTED:
            yield self._chance.choice(_FILLERS)
            yield word
            return
        alike = sounds_like(bare.lower())
        yield f"{before}{self._chance.choice(alike)}{after}" if alike else word

    def parts(self, word: str) -> tuple[str, str, str]:
        """Return a word and the signs before and after it."""
        match = _EDGES.fullmatch(word)
        return (match[1], match[2], match[3]) if match else ("", word, "")


@cache
def sounds_like(word: str) -> tuple[str, ...]:
    """Return everyday words that differ from a word in one sound or none."""
    sounds, by_gap = _dictionary()
    found = {
        other
        for spoken in sounds.get(word, ())
        for gap in _gaps(spoken)
        for other in by_gap.get(gap, ())
        if other != word
    }
    return tuple(sorted(found))


@cache
def _dictionary() -> tuple[dict[str, list[tuple[str, ...]]], dict[tuple[str, ...], list[str]]]:
    """Return the sounds of all words, and everyday words by their sounds with one left out."""
    spec = find_spec("pocketsphinx")
    folder = Path(next(iter((spec.submodule_search_locations if spec else None) or ["."])))
    sounds: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    text = (folder / "model" / "en-us" / "cmudict-en-us.dict").read_text(encoding="utf-8")
    for line in text.splitlines():
        word, *phones = line.split()
        sounds[word.partition("(")[0]].append(tuple(phones))
    by_gap: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for word in sorted(COMMON | _SMALL):
        for spoken in sounds.get(word, ()):
            for gap in _gaps(spoken):
                by_gap[gap].append(word)
    return sounds, by_gap


def _gaps(phones: tuple[str, ...]) -> set[tuple[str, ...]]:
    return {(*phones[:at], "_", *phones[at + 1 :]) for at in range(len(phones))} | {phones}
