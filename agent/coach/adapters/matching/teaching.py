"""Teaches a classifier what a playbook's moments mean, against ordinary talk.

Each sentence is judged by a model that was taught without it: three models are taught, each on
two thirds, and their mean is what is used. So the threshold is honest, and nothing is taught
twice.
"""

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from coach.adapters.matching.features import Vocabulary
from coach.adapters.matching.meaning import Meaning, MeaningClassifier, Tail
from coach.adapters.matching.rules import moments_of, phrase_rules
from coach.adapters.matching.training import Floats, Lessons, Linear, Targets, fit
from coach.adapters.matching.windows import read, scale
from coach.domain.playbook import Moment, Playbook, Speaker
from coach.domain.words import Normalised, normalise_text

LEAST_EXAMPLES = 20
"""Sentences from which a moment can be learned."""
LANGUAGES = ("en",)
"""Languages of which ordinary talk is known."""

_FOLDS = 3
_BLOCK = 8  # sentences that stand together are alike, so they are judged together
_PENALTY = 1.0
_HEAVIEST = 3.0  # what an example counts of a moment that has few, beside others with many
_MANY_MOMENTS = 16  # from here on rare features and last steps cost more time than they bring
_MOST_STEPS, _FEWER_STEPS = 25, 6
_LEAST_TEXTS, _MORE_TEXTS = 2, 3  # in which a feature occurs
_WORDS_PER_MINUTE = 150.0
_TAIL_SHARE = 0.03  # of ordinary talk: its highest scores, from which the rate is fitted
_LEAST_SCORES = 8
_USUAL_WIDTH = 0.6  # of a tail: what the default playbook's moments have
_NO_SCORE = -20.0


@dataclass(frozen=True, slots=True)
class Lesson:
    """A sentence and what it means."""

    text: Normalised
    meaning: int
    """0: nothing; else the moment's place, counted from 1."""
    weight: float
    is_ordinary: bool = False
    """Whether it is this side's ordinary talk."""
    moment: str = ""
    """Whose example or counterexample it is."""
    authored: str = ""
    """As it stands there."""


def speaks(language: str) -> bool:
    """Return whether there is a classifier for a language."""
    return language.split("-")[0].lower() in LANGUAGES


def teach(playbook: Playbook, speaker: Speaker) -> MeaningClassifier | None:
    """Return a classifier for one side's moments; None where there is nothing to learn from."""
    moments = [m for m in moments_of(playbook, speaker) if is_learnable(m)]
    if not moments or not speaks(playbook.language):
        return None
    names = tuple(moment.id for moment in moments)
    lessons = list(_lessons(playbook, moments, speaker))
    key = _digest(names, lessons)
    if key not in _TAUGHT:
        while len(_TAUGHT) >= _REMEMBERED:
            _TAUGHT.pop(next(iter(_TAUGHT)))
        _TAUGHT[key] = _teach(names, lessons)
        lessons.clear()
        _give_memory_back()
    return _TAUGHT[key]


_REMEMBERED = 4
_TAUGHT: dict[bytes, MeaningClassifier] = {}
"""A playbook that is loaded twice is learned once."""


def _give_memory_back() -> None:
    """Hand what teaching needed back to the system: glibc keeps some 20 MB of it otherwise."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _digest(names: Sequence[str], lessons: Sequence["Lesson"]) -> bytes:
    parts = [*names, *(f"{each.meaning} {each.weight} {each.text.text}" for each in lessons)]
    return sha256("\n".join(parts).encode("utf-8", "replace")).digest()


def _teach(names: Sequence[str], lessons: Sequence["Lesson"]) -> MeaningClassifier:
    taught = _Taught(lessons, len(names) + 1)
    models = [taught.without(fold) for fold in range(_FOLDS)]
    mean = Linear(_mean([model.table for model in models]), _mean([model.bias for model in models]))
    return MeaningClassifier(names, taught.vocabulary, mean, taught.tails(models))


@dataclass(frozen=True, slots=True)
class Unseen:
    """What an authored sentence sounds like to a model that was taught without it."""

    moment: str
    """Whose file it stands in."""
    text: str
    is_example: bool
    meanings: tuple[Meaning, ...]
    """What counts."""
    best: Meaning
    """What it sounds most like."""


def judge_unseen(playbook: Playbook, speaker: Speaker) -> list[Unseen]:
    """Return each example and counterexample of one side, judged as if it were new."""
    moments = [m for m in moments_of(playbook, speaker) if is_learnable(m)]
    if not moments or not speaks(playbook.language):
        return []
    names = [moment.id for moment in moments]
    lessons = list(_lessons(playbook, moments, speaker))
    taught = _Taught(lessons, len(names) + 1)
    models = [taught.without(fold) for fold in range(_FOLDS)]
    tails = taught.tails(models)
    classifiers = [MeaningClassifier(names, taught.vocabulary, each, tails) for each in models]
    return [
        Unseen(
            lesson.moment,
            lesson.authored,
            lesson.meaning > 0,
            tuple(classifiers[fold].find(lesson.text, is_final=True)),
            classifiers[fold].scores(lesson.text)[0],
        )
        for lesson, fold in zip(lessons, taught.folds.tolist(), strict=True)
        if lesson.authored
    ]


def _mean(arrays: Sequence[Floats]) -> Floats:
    """Return the mean, rounded: processors differ in the last bits."""
    return np.round(np.mean(arrays, axis=0, dtype=np.float32), 4)


def is_learnable(moment: Moment) -> bool:
    """Return whether a moment has enough examples to be learned from."""
    return _count(moment) >= LEAST_EXAMPLES


def _count(moment: Moment) -> int:
    return len(moment.examples) + len(moment.bulk_examples)


class _Taught:
    """Lessons as numbers."""

    def __init__(self, lessons: Sequence[Lesson], meanings: int) -> None:
        self._lessons = lessons
        is_large = meanings > _MANY_MOMENTS
        least = _MORE_TEXTS if is_large else _LEAST_TEXTS
        self._steps = _FEWER_STEPS if is_large else _MOST_STEPS
        self.vocabulary = Vocabulary.of([lesson.text for lesson in lessons], least)
        self._meanings = meanings
        rows = [np.array(self.vocabulary.rows(each.text)[0], np.int32) for each in lessons]
        self._sizes = np.array([len(each) for each in rows])
        self._features = np.concatenate(rows)
        self._scale = scale(np.array([len(lesson.text.tokens) for lesson in lessons]))
        self._weights = np.array([lesson.weight for lesson in lessons], np.float32)
        self._is = np.array([lesson.meaning for lesson in lessons], np.int64)
        self.folds = np.arange(len(lessons)) // _BLOCK % _FOLDS

    def without(self, fold: int) -> Linear:
        """Return a model that was taught without one fold."""
        chosen = np.flatnonzero(self.folds != fold)
        features = self._features[np.repeat(self.folds != fold, self._sizes)]
        texts = np.repeat(np.arange(len(chosen)), self._sizes[chosen])
        targets = Targets(self._is[chosen], self._scale[chosen], self._weights[chosen])
        lessons = Lessons.of(features, texts, len(self.vocabulary), targets)
        return fit(lessons, self._meanings, penalty=_PENALTY, most_steps=self._steps)

    def tails(self, models: Sequence[Linear]) -> list[Tail]:
        """Return how each moment's scores are spread over ordinary talk, judged as if new."""
        scores = [
            read(models[fold], self.vocabulary, lesson.text).settled(is_final=True).max(axis=0)
            for lesson, fold in zip(self._lessons, self.folds.tolist(), strict=True)
            if lesson.is_ordinary
        ]
        minutes = _ordinary_minutes()
        return [_tail(column, minutes) for column in np.array(scores, np.float32).T]


def _tail(scores: Floats, minutes: float) -> Tail:
    """Fit the highest scores. What never was the likeliest moment has no score at all."""
    ranked = np.sort(scores[scores > _NO_SCORE])[::-1]
    count = min(len(ranked) - 1, max(_LEAST_SCORES, round(len(scores) * _TAIL_SHARE)))
    if count < 1:
        return Tail(0.0, 10.0 / minutes, _USUAL_WIDTH)
    start = float(ranked[count])
    # A few scores tell little of how they are spread: what is usual counts as some more.
    spread = float(np.sum(ranked[:count] - start)) + _LEAST_SCORES * _USUAL_WIDTH
    return Tail(start, count / minutes * 10.0, spread / (count + _LEAST_SCORES))


def _lessons(playbook: Playbook, moments: Sequence[Moment], speaker: Speaker) -> Iterator[Lesson]:
    most = max(_count(moment) for moment in moments)
    for place, moment in enumerate(moments, start=1):
        weight = min(_HEAVIEST, (most / _count(moment)) ** 0.5)
        for text in (*moment.bulk_examples, *moment.examples):
            yield Lesson(normalise_text(text), place, weight, moment=moment.id, authored=text)
        for rule in phrase_rules(playbook, moment):
            yield Lesson(normalise_text(rule.text), place, 0.3)
        for text in (*moment.bulk_counterexamples, *moment.counterexamples):
            yield Lesson(normalise_text(text), 0, 1.0, moment=moment.id, authored=text)
        for text in moment.words.near_misses:
            yield Lesson(normalise_text(text), 0, 0.3)
    for side, text in ordinary_talk():
        is_own = side is speaker
        yield Lesson(normalise_text(text), 0, 1.0 if is_own else 0.3, is_own)


def ordinary_talk() -> Iterator[tuple[Speaker, str]]:
    """Yield utterances of business calls in which nothing is to be coached, and whose they are."""
    for path in sorted(Path(__file__).parent.glob("ordinary_talk*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            side, _, text = line.partition(":")
            if side in (Speaker.REP, Speaker.PROSPECT) and normalise_text(text).tokens:
                yield Speaker(side), text.strip()


def _ordinary_minutes() -> float:
    return sum(len(text.split()) for _, text in ordinary_talk()) / _WORDS_PER_MINUTE
