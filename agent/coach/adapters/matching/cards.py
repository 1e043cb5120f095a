"""Which battlecard answers a question of the rep. Conservative: nothing is an answer, too."""

from collections.abc import Iterator, Mapping
from typing import Self

from rapidfuzz import fuzz

from coach.adapters.matching.lexicon import DROPPABLE, same_word
from coach.domain.playbook import Battlecard, Playbook
from coach.domain.words import normalise_text

_TITLE, _HEADLINE, _MOMENT, _PHRASE = 1.0, 0.8, 0.7, 0.6
"""What a word counts for, by where it stands."""

_LEAST_SCORE = 0.5
_RELATED = 0.9
_RELATED_LETTERS = 5  # "encryption" and "encrypted" begin alike
_RELATED_PERCENT = 65.0
_MISSPELLED_PERCENT = 85.0

_ASKING = DROPPABLE | frozenset(
    {"what", "how", "who", "which", "why", "when", "where", "we", "i", "me", "us", "our", "my"}
    | {"you", "they", "them", "their", "he", "she", "about", "against", "with", "if", "or", "by"}
    | {"show", "tell", "give", "get", "find", "say", "says", "said", "need", "want", "help"}
    | {"handle", "answer", "respond", "deal", "know", "got", "should", "did", "has", "had"}
    | {"card", "cards", "battlecard", "something", "anything", "info", "more", "not", "no", "up"}
)
"""Words of asking, not of what is asked for."""


class CardIndex:
    """The words by which each card is found. Holds nothing of any call."""

    def __init__(self, cards: Mapping[str, Mapping[str, float]]) -> None:
        self._cards = cards

    @classmethod
    def build(cls, playbook: Playbook) -> Self:
        """Index a playbook's cards: titles, names, ids, headlines, and their moments' words."""
        cards: dict[str, dict[str, float]] = {}
        for card in playbook.battlecards.values():
            weights = cards.setdefault(card.id, {})
            for text, weight in _texts(card, playbook):
                for word in _words(text):
                    weights[word] = max(weight, weights.get(word, 0.0))
        return cls(cards)

    def best(self, text: str) -> str | None:
        """Return the id of the card that fits, or None when nothing does.

        At least half of what is asked for must stand with the card.
        """
        asked = list(dict.fromkeys(_words(text)))
        if not asked:
            return None
        score, card_id = max(
            ((_score(asked, weights), card_id) for card_id, weights in self._cards.items()),
            key=lambda scored: scored[0],
            default=(0.0, None),
        )
        return card_id if score >= _LEAST_SCORE else None


def _texts(card: Battlecard, playbook: Playbook) -> Iterator[tuple[str, float]]:
    yield card.id.replace("-", " ").replace("_", " "), _TITLE
    yield card.title, _TITLE
    for name in card.names:
        yield name, _TITLE
    yield card.advice.headline, _HEADLINE
    for moment in playbook.moments.values():
        if moment.card == card.id:
            yield moment.advice.headline, _MOMENT
            for phrase in moment.words.phrases:
                yield phrase, _PHRASE


def _words(text: str) -> Iterator[str]:
    for token in normalise_text(text).tokens:
        if token not in _ASKING:
            yield same_word(token)


def _score(asked: list[str], weights: Mapping[str, float]) -> float:
    return sum(_weight(word, weights) for word in asked) / len(asked)


def _weight(asked: str, weights: Mapping[str, float]) -> float:
    if asked in weights:
        return weights[asked]
    related = (weight for word, weight in weights.items() if _is_related(asked, word))
    return _RELATED * max(related, default=0.0)


def _is_related(one: str, other: str) -> bool:
    if min(len(one), len(other)) < _RELATED_LETTERS:
        return False
    least = _MISSPELLED_PERCENT
    if one[:_RELATED_LETTERS] == other[:_RELATED_LETTERS]:
        least = _RELATED_PERCENT
    return fuzz.ratio(one, other) >= least
