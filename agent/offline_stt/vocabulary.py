"""Makes names recognisable: adds them to a decoder's dictionary and to its language model.

A dictionary entry alone is nearly useless: a word that the language model lacks gets the smallest
probability there is and loses against anything that sounds alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from offline_stt.pronunciation import Lookup, guess
from offline_stt.words import Entry

# Measured with eight names in speech of three voices: recall rose up to here, and no name was
# heard where none was spoken; at ten times as much the first one was.
NAME_PROBABILITY = 0.01
ALL_NAMES_PROBABILITY = 0.3  # a long list must not drown the language

MOST_PRONUNCIATIONS = 4  # of one name

_SPACE = "_"  # within a name of several words
_ALIAS_MARK = "~"  # a known word has its probability for good, so it is added once more
_UNIT_WORD = "<unit>"


@dataclass(frozen=True, slots=True)
class Addition:
    """A word as it was added.

    Attributes:
        word: As the decoder knows it; a name of several words is one word to it.
        guessed: The pronunciation is a guess.
    """

    word: str
    pronunciations: tuple[str, ...]
    guessed: bool


def plain_word(word: str) -> str:
    """Return what is said behind a decoder's word, such as `gong~`, `the(2)` or `route_king`."""
    return word.partition("(")[0].rstrip(_ALIAS_MARK).replace(_SPACE, " ")


def add_names(decoder: Any, entries: Iterable[Entry]) -> list[Addition]:
    """Add names to a decoder that is not within an utterance; takes about 0.1 s.

    Args:
        decoder: A pocketsphinx.Decoder.
    """
    additions = plan(entries, decoder.lookup_word)
    if not additions:
        return []
    model = decoder.get_lm()
    weight = _weight(decoder, model, len(additions))
    for addition in additions:
        model.add_word(addition.word, weight)
        for number, phones in enumerate(addition.pronunciations, start=1):
            word = addition.word if number == 1 else f"{addition.word}({number})"
            last = addition is additions[-1] and number == len(addition.pronunciations)
            decoder.add_word(word, phones, last)  # the search is rebuilt once, with the last
    return additions


def plan(entries: Iterable[Entry], lookup: Lookup) -> list[Addition]:
    """Decide what to add for `entries`.

    Args:
        lookup: Gives the phones of a word that the decoder knows, else None.
    """
    stated: dict[str, list[str]] = {}
    for entry in entries:
        phones = stated.setdefault(entry.name, [])
        if entry.phones and entry.phones not in phones:
            phones.append(entry.phones)
    planned = [_plan_name(name, phones, lookup) for name, phones in stated.items()]
    return [addition for addition in planned if addition is not None]


def _plan_name(name: str, stated: list[str], lookup: Lookup) -> Addition | None:
    word = name.replace(" ", _SPACE)
    known = _pronunciations(word, lookup)
    if known:
        word += _ALIAS_MARK
    if lookup(word) is not None or (known and _SPACE in word):
        return None  # the word list named it, and now a connection does
    if stated or known:
        return Addition(word, tuple(stated) or known, guessed=False)
    parts = [_pronunciations(part, lookup) for part in name.split()]
    spoken = [
        found or (guess(part, lookup),) for found, part in zip(parts, name.split(), strict=True)
    ]
    combined = map(" ".join, islice(product(*spoken), MOST_PRONUNCIATIONS))
    return Addition(word, tuple(combined), guessed=not all(parts))


def _pronunciations(word: str, lookup: Lookup) -> tuple[str, ...]:
    variants = [word, *(f"{word}({number})" for number in range(2, MOST_PRONUNCIATIONS + 1))]
    return tuple(phones for variant in variants if (phones := lookup(variant)) is not None)


def _weight(decoder: Any, model: Any, count: int) -> float:
    """Return what to multiply the probability of an added word with."""
    model.add_word(_UNIT_WORD, 1.0)
    unit = decoder.logmath.exp(model.prob([_UNIT_WORD]))
    return float(min(NAME_PROBABILITY, ALL_NAMES_PROBABILITY / count) / unit)
