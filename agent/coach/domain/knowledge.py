"""What all calls of a process share: the playbook and what finds its way in it. Never changes."""

from dataclasses import dataclass

from coach.domain.matching import CardSearch, Matcher
from coach.domain.playbook import Playbook
from coach.domain.retrieval import PassageSearch


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The playbook with its engines."""

    playbook: Playbook
    matcher: Matcher
    cards: CardSearch
    """Finds the card for a question of the rep."""
    passages: PassageSearch
    """Finds what fits the talk."""
    screen_matcher: Matcher
    """Finds error texts in the words on a screen."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a call has beyond the playbook."""

    has_advisor: bool = False
    has_tools: bool = False
    """Whether there is somebody to look things up: account, battlecards, discounts."""
    has_eye: bool = False
    """Whether the rep's shared screen can be watched."""
    are_turns_given: bool = True
    """Whether `TurnCompleted` events say when turns end; else pauses do."""
