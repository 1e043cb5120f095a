"""Makes names recognisable: adds them to a decoder's dictionary and to its language model.

A dictionary entry alone is nearly useless: a word that the language model lacks gets the smallest
probability there is and loses against anything that sounds alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from offline_stt.pronunciation import guess
from offline_stt.words import Entry

# Measured with eight names in speech of three voices: recall rose up to here, and no name was
# heard where none was spoken; at ten times as much the first one was.
NAME_PROBABILITY = 0.01
ALL_NAMES_PROBABILITY = 0.3  # a long list must not drown the language

_ALIAS_MARK = "~"  # a known word has its probability for good, so it is added once more
_UNIT_WORD = "<unit>"


@dataclass(frozen=True, slots=True)
class Addition:
    """A word as it was added.

    Attributes:
        name: As the decoder knows it.
        guessed: The pronunciation is a guess.
    """

    name: str
    pronunciations: tuple[str, ...]
    guessed: bool


def plain_word(name: str) -> str:
    """Return the word behind a decoder's name of it, such as `gong~` or `the(2)`."""
    return name.partition("(")[0].rstrip(_ALIAS_MARK)


def add_words(decoder: Any, entries: Iterable[Entry]) -> list[Addition]:
    """Add words to a decoder that is not within an utterance; takes about 0.1 s.

    Args:
        decoder: A pocketsphinx.Decoder.
    """
    additions = plan(entries, decoder.lookup_word)
    if not additions:
        return []
    model = decoder.get_lm()
    weight = _weight(decoder, model, len(additions))
    for addition in additions:
        model.add_word(addition.name, weight)
        for number, phones in enumerate(addition.pronunciations, start=1):
            name = addition.name if number == 1 else f"{addition.name}({number})"
            last = addition is additions[-1] and number == len(addition.pronunciations)
            decoder.add_word(name, phones, last)  # the search is rebuilt once, with the last
    return additions


def plan(entries: Iterable[Entry], lookup: Any) -> list[Addition]:
    """Decide what to add for `entries`.

    Args:
        lookup: Gives the phones of a known word, else None.
    """
    stated: dict[str, list[str]] = {}
    for entry in entries:
        if entry.alone or lookup(entry.word) is None:
            phones = stated.setdefault(entry.word, [])
            if entry.phones and entry.phones not in phones:
                phones.append(entry.phones)
    return [
        addition
        for word, phones in stated.items()
        if (addition := _plan_word(word, phones, lookup)) is not None
    ]


def _plan_word(word: str, stated: list[str], lookup: Any) -> Addition | None:
    if lookup(word) is None:
        return Addition(word, tuple(stated) or (guess(word, lookup),), guessed=not stated)
    alias = word + _ALIAS_MARK
    if lookup(alias) is not None:
        return None  # the word list named it, a connection names it again
    known = [lookup(word), *(lookup(f"{word}({number})") for number in range(2, 5))]
    return Addition(alias, tuple(stated) or tuple(filter(None, known)), guessed=False)


def _weight(decoder: Any, model: Any, count: int) -> float:
    """Return what to multiply the probability of an added word with."""
    model.add_word(_UNIT_WORD, 1.0)
    unit = decoder.logmath.exp(model.prob([_UNIT_WORD]))
    return float(min(NAME_PROBABILITY, ALL_NAMES_PROBABILITY / count) / unit)
