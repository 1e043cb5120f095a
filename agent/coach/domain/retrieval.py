"""The port to the playbook's knowledge: what is asked of it on a turn, and what it finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from coach.domain.window import Utterances

_TURNS_BEFORE = 3
"""Utterances before the newest that still say what the talk is about."""


@dataclass(frozen=True, slots=True)
class Query:
    """What the talk is about, the newest words first."""

    texts: tuple[str, ...]
    """Newest first; each weighs half of the one before it."""
    names: tuple[str, ...] = ()
    """The account's: left out, for a customer's own name is the topic of nothing it says."""


@dataclass(frozen=True, slots=True)
class Found:
    """A passage or battlecard that fits."""

    id: str
    is_card: bool
    title: str
    text: str
    """What may be quoted from it."""
    score: float
    """0 to 1: the share of what was asked for that stands in it. Above the index's threshold."""


class PassageSearch(Protocol):
    """Finds what the playbook knows about the talk. Nothing is an answer, too."""

    def search(self, query: Query) -> Sequence[Found]:
        """Return at most three that fit, the best first; none when nothing fits."""
        ...


def query_of(utterances: Utterances, names: tuple[str, ...]) -> Query:
    """Ask for what the last utterances were about."""
    newest = [utterance.text for _, utterance in utterances.newest(1 + _TURNS_BEFORE)]
    return Query(tuple(newest), names)
