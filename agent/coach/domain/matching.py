"""The port between words and moments: what a matcher finds, whatever finds it."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from coach.domain.playbook import Speaker


class How(StrEnum):
    """How a rule matched."""

    PHRASE = "phrase"
    PATTERN = "pattern"
    FUZZY = "fuzzy"
    MEANING = "meaning"
    """No rule: the words mean what the moment's examples mean."""


class Veto(StrEnum):
    """Why a match does not count."""

    NEGATED = "negated"
    NEAR_MISS = "near_miss"


@dataclass(frozen=True, slots=True)
class Hit:
    """A moment recognised in the words of one segment. Indexes count the spoken words."""

    moment: str
    how: How
    rule: str
    """The authored phrase or pattern; for a meaning, how rarely ordinary talk sounds like it."""
    first: int
    last: int
    """Index of the last word, inclusive."""
    card: str | None = None
    """The battlecard whose name was said."""
    veto: Veto | None = None
    is_held: bool = False
    """The next word may still turn it into a near miss: wait for it, or for the final."""


class SegmentMatcher(Protocol):
    """Finds moments in the words of one segment while it grows. Remembers these words."""

    def find(
        self, words: Sequence[str], *, is_final: bool, skip: Set[str] = frozenset()
    ) -> list[Hit]:
        """Return at most one hit per moment, the first that is not vetoed, else the first.

        Args:
            words: all words of the segment so far, as the recogniser wrote them.
            is_final: whether the segment is closed: nothing is held then.
            skip: moments that are not looked for.
        """
        ...


class Matcher(Protocol):
    """Finds moments, stage cues and topics in a speaker's words."""

    def begin(self, speaker: Speaker, before: str = "") -> SegmentMatcher:
        """Return what follows a segment that begins.

        Args:
            speaker: whose words; only moments of that side are looked for.
            before: what the other side had just said, if the segment may answer it.
        """
        ...

    def find(self, text: str, speaker: Speaker) -> list[Hit]:
        """Return what a segment means that is closed already and answers nothing."""
        ...

    def cues(self, words: Sequence[str]) -> frozenset[str]:
        """Return the ids of the stages whose cue phrases stand in the words."""
        ...

    def topics(self, words: Sequence[str]) -> frozenset[str]:
        """Return the ids of the discovery topics that the words cover."""
        ...


class CardSearch(Protocol):
    """Finds the battlecard that answers a question of the rep."""

    def best(self, text: str) -> str | None:
        """Return the id of the card that fits, or None when nothing does."""
        ...
