"""Teaches a classifier what a playbook's moments mean, against ordinary talk.

Each sentence is judged by a model that was taught without it: three models are taught, each on
two thirds, and their mean is what is used. So the threshold is honest, and nothing is taught
twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from coach.adapters.matching.features import Vocabulary
from coach.adapters.matching.meaning import MeaningClassifier, Tail
from coach.adapters.matching.rules import moments_of, phrase_rules
from coach.adapters.matching.training import Floats, Lessons, Linear, fit
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
_MOST_STEPS = 25
_WORDS_PER_MINUTE = 150.0
_TAIL_SHARE = 0.03  # of ordinary talk: its highest scores, from which the rate is fitted
_LEAST_WIDTH = 0.15


@dataclass(frozen=True, slots=True)
class Lesson:
    """A sentence and what it means."""

    text: Normalised
    meaning: int
    """0: nothing; else the moment's place, counted from 1."""
    weight: float
    is_ordinary: bool = False
    """Whether it is this side's ordinary talk."""


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
    return _TAUGHT[key]


_REMEMBERED = 4
_TAUGHT: dict[bytes, MeaningClassifier] = {}
"""A playbook that is loaded twice is learned once."""


def _digest(names: Sequence[str], lessons: Sequence["Lesson"]) -> bytes:
    parts = [*names, *(f"{each.meaning} {each.weight} {each.text.text}" for each in lessons)]
    return sha256("\n".join(parts).encode("utf-8", "replace")).digest()


def _teach(names: Sequence[str], lessons: Sequence["Lesson"]) -> MeaningClassifier:
    vocabulary = Vocabulary.of([lesson.text for lesson in lessons])
    taught = _Taught(lessons, vocabulary, len(names) + 1)
    models = [taught.without(fold) for fold in range(_FOLDS)]
    scores = taught.scores_of_ordinary(models)
    minutes = _ordinary_minutes()
    tails = [_tail(scores[:, column], minutes) for column in range(len(names))]
    mean = Linear(_mean([model.table for model in models]), _mean([model.bias for model in models]))
    return MeaningClassifier(names, vocabulary, mean, tails)


def _mean(arrays: Sequence[Floats]) -> Floats:
    """Return the mean, rounded: processors differ in the last bits."""
    return np.round(np.mean(arrays, axis=0, dtype=np.float32), 4)


def is_learnable(moment: Moment) -> bool:
    """Return whether a moment has enough examples to be learned from."""
    return len(moment.examples) + len(moment.bulk_examples) >= LEAST_EXAMPLES


class _Taught:
    """Lessons as numbers."""

    def __init__(self, lessons: Sequence[Lesson], vocabulary: Vocabulary, meanings: int) -> None:
        self._lessons = lessons
        self._vocabulary = vocabulary
        self._meanings = meanings
        rows = [vocabulary.rows(lesson.text)[0] for lesson in lessons]
        self._sizes = np.array([len(each) for each in rows])
        self._features = np.array([row for each in rows for row in each], np.int64)
        self._scale = scale(np.array([len(lesson.text.tokens) for lesson in lessons]))
        self._weights = np.array([lesson.weight for lesson in lessons], np.float32)
        self._is = np.array([lesson.meaning for lesson in lessons], np.int64)
        self._folds = np.arange(len(lessons)) // _BLOCK % _FOLDS

    def without(self, fold: int) -> Linear:
        """Return a model that was taught without one fold."""
        chosen = np.flatnonzero(self._folds != fold)
        features = self._features[np.repeat(self._folds != fold, self._sizes)]
        texts = np.repeat(np.arange(len(chosen)), self._sizes[chosen])
        lessons = Lessons.of(
            features,
            texts,
            len(self._vocabulary),
            scale=self._scale[chosen],
            meanings=self._is[chosen],
            weights=self._weights[chosen],
        )
        return fit(lessons, self._meanings, penalty=_PENALTY, most_steps=_MOST_STEPS)

    def scores_of_ordinary(self, models: Sequence[Linear]) -> Floats:
        """Return each moment's highest score in each utterance of ordinary talk."""
        scores = [
            read(models[fold], self._vocabulary, lesson.text).settled(is_final=True).max(axis=0)
            for lesson, fold in zip(self._lessons, self._folds.tolist(), strict=True)
            if lesson.is_ordinary
        ]
        return np.array(scores, np.float32)


def _tail(scores: Floats, minutes: float) -> Tail:
    ranked = np.sort(scores)[::-1]
    count = max(8, round(len(ranked) * _TAIL_SHARE))
    start = float(ranked[min(count, len(ranked) - 1)])
    width = max(_LEAST_WIDTH, float(np.mean(ranked[:count] - start)))
    return Tail(start, count / minutes * 10.0, width)


def _lessons(playbook: Playbook, moments: Sequence[Moment], speaker: Speaker) -> Iterator[Lesson]:
    for place, moment in enumerate(moments, start=1):
        for text in (*moment.bulk_examples, *moment.examples):
            yield Lesson(normalise_text(text), place, 1.0)
        for rule in phrase_rules(playbook, moment):
            yield Lesson(normalise_text(rule.text), place, 0.3)
        for text in (*moment.bulk_counterexamples, *moment.counterexamples):
            yield Lesson(normalise_text(text), 0, 1.0)
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
