"""What a classifier is taught: a playbook's examples and near misses, against ordinary talk."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from coach.adapters.matching.rules import moments_of, phrase_rules
from coach.domain.playbook import Answer, Moment, Playbook, Speaker

LEAST_EXAMPLES = 20
"""Sentences from which a moment can be learned."""
LANGUAGES = ("en",)
"""Languages of which ordinary talk is known."""
FOLDS = 3
"""Parts, each of which is judged by what was learned from the others."""

_HEAVIEST = 3.0  # what an example counts of a moment that has few, beside others with many
_LEAST_ORDINARY = 2_500  # utterances; more of them when there are more examples
_WORDS_PER_MINUTE = 150.0
_SIDES = {side.value: side for side in (Speaker.REP, Speaker.PROSPECT)}


@dataclass(frozen=True, slots=True)
class Lesson:
    """A sentence and what it means."""

    text: str
    """As it is authored."""
    meaning: int
    """0: nothing; else the moment's place, counted from 1."""
    weight: float
    fold: int
    """Each source is parted into thirds as it stands: what was written together, and by the
    same hand, is judged together."""
    side: Speaker | None = None
    """Who says it, of ordinary talk."""
    moment: str = ""
    """Whose example or counterexample it is."""
    after: str = ""
    """What the other side had just said; empty: nobody knows, or it was the same side."""


def speaks(language: str) -> bool:
    """Return whether there is a classifier for a language."""
    return language.split("-")[0].lower() in LANGUAGES


def learnable(playbook: Playbook, speaker: Speaker) -> list[Moment]:
    """Return the moments of a side that can be learned."""
    if not speaks(playbook.language):
        return []
    return [moment for moment in moments_of(playbook, speaker) if is_learnable(moment)]


def is_learnable(moment: Moment) -> bool:
    """Return whether a moment has enough examples to be learned from."""
    return _count(moment) >= LEAST_EXAMPLES


def lessons(playbook: Playbook, moments: Sequence[Moment], speaker: Speaker) -> list[Lesson]:
    """Return all that is to be learned of one side's moments."""
    taught = list(_taught(playbook, moments))
    most = max(_LEAST_ORDINARY, len(taught))
    return [*taught, *_ordinary(speaker, most)]


def minutes(texts: Sequence[str]) -> float:
    """Return how long it takes to say texts."""
    return sum(len(text.split()) for text in texts) / _WORDS_PER_MINUTE


@dataclass(frozen=True, slots=True)
class OrdinaryUtterance:
    """Something said in a business call in which nothing is to be coached."""

    side: Speaker
    text: str
    after: str
    """What the other side had just said, if it was its turn before."""


def ordinary_talk() -> list[OrdinaryUtterance]:
    """Return business calls in which nothing is to be coached, utterance by utterance."""
    found: list[OrdinaryUtterance] = []
    for path in sorted((Path(__file__).parent / "ordinary_talk").glob("*.txt")):
        last = None
        for line in path.read_text(encoding="utf-8").splitlines():
            side, _, text = line.partition(":")
            if side not in _SIDES:
                last = None  # another call begins
                continue
            after = last.text if last is not None and last.side != side else ""
            last = OrdinaryUtterance(_SIDES[side], text.strip(), after)
            found.append(last)
    return found


def _count(moment: Moment) -> int:
    return len(moment.examples) + len(moment.bulk.examples) + len(moment.bulk.answers)


def _taught(playbook: Playbook, moments: Sequence[Moment]) -> Iterator[Lesson]:
    most = max(_count(moment) for moment in moments)
    for place, moment in enumerate(moments, start=1):
        weight = min(_HEAVIEST, (most / _count(moment)) ** 0.5)
        for texts in (moment.bulk.examples, moment.examples):
            yield from _authored(moment, texts, place, weight)
        yield from _answers(moment, moment.bulk.answers, place, weight)
        yield from _plain([rule.text for rule in phrase_rules(playbook, moment)], place)
        for texts in (moment.bulk.counterexamples, moment.counterexamples):
            yield from _authored(moment, texts, 0, 1.0)
        yield from _answers(moment, moment.bulk.counteranswers, 0, 1.0)
        yield from _plain(moment.words.near_misses, 0)


def _authored(
    moment: Moment, texts: Sequence[str], meaning: int, weight: float
) -> Iterator[Lesson]:
    for at, text in enumerate(texts):
        fold = at * FOLDS // len(texts)
        yield Lesson(text, meaning, weight, fold, None, moment.id)


def _answers(
    moment: Moment, answers: Sequence[Answer], meaning: int, weight: float
) -> Iterator[Lesson]:
    for at, answer in enumerate(answers):
        fold = at * FOLDS // len(answers)
        yield Lesson(answer.text, meaning, weight, fold, None, moment.id, answer.after)


def _plain(texts: Sequence[str], meaning: int) -> Iterator[Lesson]:
    for at, text in enumerate(texts):
        yield Lesson(text, meaning, 0.3, at * FOLDS // len(texts))


def _ordinary(speaker: Speaker, most: int) -> Iterator[Lesson]:
    """Yield ordinary talk, thinned out evenly to so many utterances."""
    talk = ordinary_talk()
    count = min(most, len(talk))
    for at in range(count):
        said = talk[at * len(talk) // count]
        weight = 1.0 if said.side is speaker else 0.3
        yield Lesson(said.text, 0, weight, at * FOLDS // count, said.side, after=said.after)
