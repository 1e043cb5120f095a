"""The authored phrases and patterns of a playbook, by the side of the call they listen to."""

from collections.abc import Iterator
from dataclasses import dataclass

from coach.domain.matching import How
from coach.domain.playbook import Moment, Playbook, Speaker, When
from coach.domain.words import normalise_text

_HEARD = frozenset({When.WORDS, When.OVER_AUTHORITY})
"""Moments that words cause; an offer above authority is words and a number."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One phrase or pattern that makes a moment happen."""

    moment: str
    text: str
    """As authored."""
    tokens: tuple[str, ...] = ()
    """A phrase's words, normalised; empty for a pattern."""
    card: str | None = None
    """The battlecard whose name the phrase is."""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule met in a speaker's words. Indexes count tokens."""

    rule: Rule
    how: How
    first: int
    last: int
    """Inclusive."""

    def overlaps(self, first: int, last: int) -> bool:
        """Return whether some token is in both."""
        return self.first <= last and first <= self.last


def moments_of(playbook: Playbook, speaker: Speaker) -> list[Moment]:
    """Return the moments that this side's words can cause."""
    return [
        moment
        for moment in playbook.moments.values()
        if moment.when in _HEARD and moment.speaker is speaker
    ]


def phrase_rules(playbook: Playbook, moment: Moment) -> Iterator[Rule]:
    """Yield a moment's phrases and the names of the cards that belong to it.

    A text without any word, such as "?!", can never be met and is left out.
    """
    texts: list[tuple[str, str | None]] = [(text, None) for text in moment.words.phrases]
    for card in playbook.battlecards.values():
        if card.moment == moment.id:
            texts.extend((name, card.id) for name in card.names)
    for text, card_id in texts:
        tokens = normalise_text(text).tokens
        if tokens:
            yield Rule(moment.id, text, tokens, card_id)
