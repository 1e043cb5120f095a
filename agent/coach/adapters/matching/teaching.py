"""Teaches a classifier what a playbook's moments mean, against ordinary talk.

Six networks are taught, two without each third of the sentences, and their mean is what is used.
Each third is judged by the networks that did not see it: so the threshold is honest, and nothing
is taught for it alone. What was taught is kept on disk, by the content that it was taught from.
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from coach.adapters.matching import fitting, taught_files
from coach.adapters.matching.features import Taught, newest, taught
from coach.adapters.matching.lessons import FOLDS, Lesson, learnable, lessons, minutes
from coach.adapters.matching.meaning import Meaning, MeaningClassifier, Tail
from coach.adapters.matching.network import Floats, Learned, Network
from coach.adapters.matching.windows import Scan, scale
from coach.domain.playbook import Playbook, Speaker
from coach.domain.words import Normalised, normalise_text

_MANY_LESSONS = 12_000  # from here on rare features cost more memory than they bring
_LEAST_TEXTS, _MORE_TEXTS = 2, 12  # in which a feature occurs
_MORE_BEFORE = 24  # likewise, of what was said before
_SEEDS = (20_261_128, 20_261_129)
"""Each third is left out once for each: more networks err less alike."""
_TAIL_SHARE = 0.01  # of ordinary talk: its highest scores, from which the rate is fitted
_LEAST_SCORES = 8
_USUAL_WIDTH = 1.2  # of a tail: what the default playbook has
_NO_SCORE = -20.0
_LEARNED_BY = (
    "concepts.py", "features.py", "fitting.py", "lessons.py", "lexicon.py", "meaning.py",
    "network.py", "sayings.txt", "teaching.py", "thesaurus.txt", "windows.py",
    "../../domain/words.py",
)  # fmt: skip
"""What decides what is learned, beside the lessons themselves."""


def teach(playbook: Playbook, speaker: Speaker, *, workers: int = 1) -> MeaningClassifier | None:
    """Return a classifier for one side's moments; None where there is nothing to learn from.

    Takes two or three minutes for tens of thousands of sentences, on some cores, and no time once
    that is kept on disk.

    Args:
        playbook: whose examples teach.
        speaker: the side.
        workers: processes that learn at the same time. More than one only from a main module
            that does nothing when it is imported: they import it (`multiprocessing`, spawn).
    """
    moments = learnable(playbook, speaker)
    if not moments:
        return None
    names = tuple(moment.id for moment in moments)
    learned = lessons(playbook, moments, speaker)
    key = _digest(names, learned)
    if key not in _TAUGHT:
        while len(_TAUGHT) >= _REMEMBERED:
            _TAUGHT.pop(next(iter(_TAUGHT)))
        found = taught_files.load(key)
        if found is None:
            found = _teach(names, learned, workers)
            taught_files.save(key, found)
        _TAUGHT[key] = found
    return _TAUGHT[key]


def is_taught(playbook: Playbook) -> bool:
    """Return whether all that can be learned of a playbook is kept on disk already."""
    for speaker in Speaker:
        moments = learnable(playbook, speaker)
        if moments:
            names = tuple(moment.id for moment in moments)
            if not taught_files.has(_digest(names, lessons(playbook, moments, speaker))):
                return False
    return True


_REMEMBERED = 4
_TAUGHT: dict[str, MeaningClassifier] = {}
"""A playbook that is loaded twice is learned once."""


def _digest(names: Sequence[str], learned: Sequence[Lesson]) -> str:
    """Return what tells apart all that can be learned, by whichever version of this code."""
    digest = sha256("\n".join(names).encode())
    for name in _LEARNED_BY:
        digest.update((Path(__file__).parent / name).read_bytes())
    for each in learned:
        line = f"{each.meaning} {each.weight} {each.fold} {each.side} {each.after}|{each.text}\n"
        digest.update(line.encode("utf-8", "replace"))
    return digest.hexdigest()


def _teach(names: Sequence[str], learned: Sequence[Lesson], workers: int) -> MeaningClassifier:
    course = _Course(learned, len(names) + 1)
    network = Network.mean(course.learned(workers))
    tail = course.tail(network.parts(FOLDS))
    return MeaningClassifier(names, course.vocabulary, network, tail, course.shares())


@dataclass(frozen=True, slots=True)
class Unseen:
    """What an authored sentence sounds like to a network that was taught without it."""

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
    classifier = teach(playbook, speaker)
    if classifier is None:
        return []
    names, tail, shares = classifier.moments, classifier.tail, classifier.shares
    thirds = [
        MeaningClassifier(names, classifier.vocabulary, part, tail, shares)
        for part in classifier.network.parts(FOLDS)
    ]
    return [
        _unseen(lesson, text, thirds[lesson.fold])
        for lesson in lessons(playbook, learnable(playbook, speaker), speaker)
        if lesson.moment and (text := normalise_text(lesson.text)).tokens
    ]


def _unseen(lesson: Lesson, text: Normalised, third: MeaningClassifier) -> Unseen:
    scan = third.scan(text, normalise_text(lesson.after))
    return Unseen(
        lesson.moment,
        lesson.text,
        lesson.meaning > 0,
        tuple(third.find(scan, is_final=True)),
        third.scores(scan)[0],
    )


class _Course:
    """Lessons as numbers."""

    def __init__(self, learned: Sequence[Lesson], meanings: int) -> None:
        self._learned, self._meanings = learned, meanings
        self.texts = [normalise_text(lesson.text) for lesson in learned]
        least = _MORE_TEXTS if len(learned) > _MANY_LESSONS else _LEAST_TEXTS
        least_before = _MORE_BEFORE if len(learned) > _MANY_LESSONS else _LEAST_TEXTS
        self.befores = [newest(normalise_text(lesson.after)) for lesson in learned]
        numbers = taught(self.texts, self.befores, least, least_before)
        self.vocabulary = numbers.vocabulary
        self._lessons = _numbered(learned, self.texts, self.befores, numbers)
        self._folds = np.array([lesson.fold for lesson in learned])

    def learned(self, workers: int) -> list[Learned]:
        """Return for each fold what is learned without it."""
        chosen = [np.flatnonzero(self._folds != fold) for fold in range(FOLDS) for _ in _SEEDS]
        seeds = [seed for _ in range(FOLDS) for seed in _SEEDS]
        width, meanings = len(self.vocabulary), self._meanings
        fit = partial(fitting.fit, self._lessons, width=width, meanings=meanings, scale=scale)
        if workers == 1 or len(self._learned) < _MANY_LESSONS:
            return list(map(fit, chosen, seeds))
        with ProcessPoolExecutor(min(FOLDS, workers), get_context("spawn")) as pool:
            return list(pool.map(fit, chosen, seeds))

    def shares(self) -> Floats:
        """Return which part of all that is learned each moment's examples are, by weight."""
        weights = np.zeros(self._meanings, np.float32)
        np.add.at(weights, self._lessons.meanings, self._lessons.weights)
        shares: Floats = weights[1:] / weights.sum()
        return shares

    def tail(self, networks: Sequence[Network]) -> Tail:
        """Return how the scores of ordinary talk are spread, judged as if it were new."""
        told = zip(self._learned, self.texts, self.befores, strict=True)
        ordinary = [each for each in told if each[0].side is not None and each[1].tokens]
        of_side = [each for each in ordinary if each[0].weight == 1.0]
        scores = [
            self._score(networks[lesson.fold], text, before) for lesson, text, before in of_side
        ]
        spoken = minutes([lesson.text for lesson, _, _ in ordinary])
        return _tail(np.array(scores, np.float32), spoken)

    def _score(self, network: Network, text: Normalised, before: Normalised) -> float:
        """Return how much a sentence sounds like any moment."""
        scan = Scan(network, self.vocabulary, before)
        scan.follow(text)
        return float(scan.reading().settled(is_final=True).max(initial=_NO_SCORE))


def _numbered(
    learned: Sequence[Lesson],
    texts: Sequence[Normalised],
    befores: Sequence[Normalised],
    numbers: Taught,
) -> fitting.Lessons:
    sizes = np.cumsum([0, *(len(each) for each in numbers.rows)])
    tokens = np.array([len(text.tokens) for text in texts])
    tokens_before = np.array([len(each.tokens) for each in befores])
    croppable = np.array([lesson.side is not None for lesson in learned])
    begins = zip(numbers.begins, sizes[:-1], strict=True)
    of_tokens = [each[:-1] + first for each, first in begins]
    return fitting.Lessons(
        features=np.concatenate(numbers.rows),
        tokens=tokens,
        meanings=np.array([lesson.meaning for lesson in learned]),
        weights=np.array([lesson.weight for lesson in learned], np.float32),
        croppable=croppable,
        token_begins=np.concatenate([*of_tokens, sizes[-1:]]),
        first_tokens=np.cumsum(tokens) - tokens,
        features_before=np.concatenate(numbers.rows_before),
        before_begins=np.cumsum([0, *(len(each) for each in numbers.rows_before)]),
        tokens_before=tokens_before,
        lenders=np.flatnonzero(croppable & (tokens_before > 0)),
    )


def _tail(scores: Floats, length_minutes: float) -> Tail:
    """Fit the highest scores."""
    ranked = np.sort(scores[scores > _NO_SCORE])[::-1]
    count = min(len(ranked) - 1, max(_LEAST_SCORES, round(len(scores) * _TAIL_SHARE)))
    if count < 1:
        return Tail(0.0, 10.0 / max(length_minutes, 1.0), _USUAL_WIDTH)
    start = float(ranked[count])
    # A few scores tell little of how they are spread: what is usual counts as some more.
    spread = float(np.sum(ranked[:count] - start)) + _LEAST_SCORES * _USUAL_WIDTH
    return Tail(start, count / length_minutes * 10.0, spread / (count + _LEAST_SCORES))
