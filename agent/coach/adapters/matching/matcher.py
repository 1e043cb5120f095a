"""Finds moments, stage cues and topics in a speaker's words. Built once, shared by all calls."""

from collections.abc import Sequence, Set
from typing import Self

from coach.adapters.matching.meaning import MeaningClassifier
from coach.adapters.matching.phrases import PhraseIndex
from coach.adapters.matching.side import Side, spell
from coach.adapters.matching.teaching import teach
from coach.domain.matching import Hit
from coach.domain.playbook import Playbook, Speaker
from coach.domain.words import normalise, normalise_text

_SIDES = (Speaker.PROSPECT, Speaker.REP)


class SegmentPhraseMatcher:
    """Follows one segment of a speaker's words. Goes with it, and what it has seen of it."""

    def __init__(self, side: Side | None, before: str) -> None:
        self._side = side
        self._scan = None if side is None else side.begin(normalise_text(before))
        self._asked: tuple[tuple[str, ...], Set[str], bool] | None = None
        self._found: list[Hit] = []

    def find(
        self, words: Sequence[str], *, is_final: bool, skip: Set[str] = frozenset()
    ) -> list[Hit]:
        """Return at most one hit per moment that is not to be skipped, in the order they were said.

        Of a moment's matches the first that counts is taken; else the first that may still turn
        into a near miss; else the first.
        """
        if self._side is None:
            return []
        asked = tuple(words), frozenset(skip), is_final
        if asked != self._asked:  # recognisers repeat themselves: most partials bring no new word
            found = self._side.find(normalise(words), self._scan, skip, is_final=is_final)
            self._asked, self._found = asked, found
        return self._found


class PhraseMatcher:
    """The rules of a playbook, ready to be met. Holds nothing of any call."""

    def __init__(
        self,
        sides: dict[Speaker, Side],
        cues: PhraseIndex[str],
        topics: PhraseIndex[str],
    ) -> None:
        self._sides = sides
        self._cues = cues
        self._topics = topics

    @classmethod
    def build(cls, playbook: Playbook, *, is_taught: bool = True) -> Self:
        """Return a matcher for a checked playbook.

        Args:
            is_taught: whether it learns from the examples, too. Else rules alone count.
        """
        topics = [topic for stage in playbook.stages for topic in stage.topics]
        matcher = cls(
            {
                side: Side(playbook, side, teach(playbook, side) if is_taught else None)
                for side in _SIDES
            },
            PhraseIndex(
                (tokens, stage.id) for stage in playbook.stages for tokens in spell(stage.cues)
            ),
            PhraseIndex((tokens, topic.id) for topic in topics for tokens in spell(topic.phrases)),
        )
        # Words are looked up and patterns compiled when they first occur: not in a call.
        for moment in playbook.moments.values():
            for text in (*moment.examples, *moment.counterexamples):
                matcher.find(text, moment.speaker)
        return matcher

    def begin(self, speaker: Speaker, before: str = "") -> SegmentPhraseMatcher:
        """Return what follows a segment; `before` is what the other side had just said."""
        return SegmentPhraseMatcher(self._sides.get(speaker), before)

    def find(self, text: str, speaker: Speaker) -> list[Hit]:
        """Return what a closed segment means that answers nothing."""
        return self.begin(speaker).find(text.split(), is_final=True)

    def classifier(self, speaker: Speaker) -> MeaningClassifier | None:
        """Return what was learned of a side's moments, for explanations; None if nothing was."""
        side = self._sides.get(speaker)
        return None if side is None else side.classifier

    def cues(self, words: Sequence[str]) -> frozenset[str]:
        """Return the ids of the stages whose cue phrases stand in the words."""
        return frozenset(stage for _, _, stage in self._cues.find(normalise(words).tokens))

    def topics(self, words: Sequence[str]) -> frozenset[str]:
        """Return the ids of the discovery topics that the words cover."""
        return frozenset(topic for _, _, topic in self._topics.find(normalise(words).tokens))
