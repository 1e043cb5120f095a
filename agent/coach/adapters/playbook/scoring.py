"""Scores a playbook's sentences: what rules hear, and a classifier that was taught without them."""

from collections.abc import Iterator
from dataclasses import dataclass

from coach.adapters.matching import PhraseMatcher
from coach.adapters.matching.meaning import Meaning
from coach.adapters.matching.teaching import Unseen, judge_unseen
from coach.domain.matching import Hit
from coach.domain.playbook import Moment, Playbook, Speaker


@dataclass(frozen=True, slots=True)
class Scored:
    """One authored sentence and what hears it."""

    moment: str
    text: str
    is_example: bool
    rule: Hit | None
    """The rule of its own moment that counts."""
    meaning: Meaning | None
    """Its own moment, heard by a classifier that was taught without this sentence."""
    best: Meaning
    """What it sounds most like to that classifier."""

    @property
    def is_heard(self) -> bool:
        """Whether it would fire its moment if it were new."""
        return self.rule is not None or self.meaning is not None


@dataclass(frozen=True, slots=True)
class Summary:
    """How well the sentences of a moment are told from others."""

    moment: str
    examples: int
    by_rule: int
    by_meaning: int
    heard: int
    """By either."""
    near_misses: int
    false: int
    """Near misses that would fire."""


def score_sentences(playbook: Playbook) -> list[Scored]:
    """Return all sentences from which something is learned. Takes some seconds."""
    rules = PhraseMatcher.build(playbook, is_taught=False)
    return [
        _scored(unseen, playbook.moments[unseen.moment], rules)
        for speaker in (Speaker.PROSPECT, Speaker.REP)
        for unseen in judge_unseen(playbook, speaker)
    ]


def summarise(scored: list[Scored]) -> Iterator[Summary]:
    """Yield a line for each moment."""
    for moment in dict.fromkeys(each.moment for each in scored):
        examples = [each for each in scored if each.moment == moment and each.is_example]
        others = [each for each in scored if each.moment == moment and not each.is_example]
        yield Summary(
            moment,
            len(examples),
            sum(each.rule is not None for each in examples),
            sum(each.meaning is not None for each in examples),
            sum(each.is_heard for each in examples),
            len(others),
            sum(each.is_heard for each in others),
        )


def _scored(unseen: Unseen, moment: Moment, rules: PhraseMatcher) -> Scored:
    hits = rules.find(unseen.text, moment.speaker)
    rule = next((hit for hit in hits if hit.moment == moment.id and hit.veto is None), None)
    meaning = next((each for each in unseen.meanings if each.moment == moment.id), None)
    return Scored(unseen.moment, unseen.text, unseen.is_example, rule, meaning, unseen.best)
