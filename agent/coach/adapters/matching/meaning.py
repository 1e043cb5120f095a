"""Hears moments that were never listed, in words like those that were taught."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from coach.adapters.matching.features import Vocabulary, newest
from coach.adapters.matching.network import Floats, Network
from coach.adapters.matching.windows import Reading, Scan, scale
from coach.domain.words import NOTHING, Normalised

FALSE_ALARMS = 0.4
"""What one side's moments together may cause in ten minutes of ordinary talk by strangers …

Why so many, and not fewer: tests/evals/README.md.
"""
_OF_ONE_MOMENT = 0.1
"""… and what a moment may that is alone, or one of two."""
_NEWEST = 8  # tokens of a partial at which something new may end
_UNLIKELY = -1.0  # log odds below which a phrase is not meant …
_USUAL_SHARE = 0.02
"""… of a moment that has this share of what was taught, or more. One that has less is unlikely
everywhere, for no better reason than that it has few examples: by as much it must be unlikelier."""
_AFTERWARDS = 3  # tokens after a phrase that may still explain it


@dataclass(frozen=True, slots=True)
class Tail:
    """How often ordinary talk reaches a score: an exponential, fitted to the highest ones."""

    start: float
    per_ten_minutes: float
    """How often the start is reached."""
    width: float

    def false_alarms(self, score: float) -> float:
        """Return how often in ten minutes of ordinary talk this score is reached."""
        return self.per_ten_minutes * float(np.exp((self.start - score) / self.width))

    def score(self, false_alarms: float) -> float:
        """Return the score that ordinary talk reaches so often in ten minutes."""
        return self.start + self.width * float(np.log(self.per_ten_minutes / false_alarms))


@dataclass(frozen=True, slots=True)
class Meaning:
    """A moment recognised in a stretch of words. Indexes count tokens."""

    moment: str
    first: int
    last: int
    """Inclusive."""
    false_alarms: float
    """How often in ten minutes ordinary talk sounds as much like any moment."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A feature and what it adds to a moment's score."""

    feature: str
    weight: float


class MeaningClassifier:
    """A taught model of one side's moments. Holds nothing of any call."""

    def __init__(
        self,
        moments: Sequence[str],
        vocabulary: Vocabulary,
        network: Network,
        tail: Tail,
        shares: Floats,
    ) -> None:
        """Take a network whose columns are `nothing`, then the moments.

        Args:
            moments: their ids.
            vocabulary: the features that were taught.
            network: over these features.
            tail: of the scores of ordinary talk.
            shares: by moment, which part of what was taught is examples of it.
        """
        self.moments = tuple(moments)
        self.shares = shares
        rarity = np.log(np.minimum(shares / np.float32(_USUAL_SHARE), 1))
        self._unlikely = _UNLIKELY + np.round(rarity, 3)  # processors differ in the last bits
        self.vocabulary = vocabulary
        self.network = network
        self.tail = tail
        self.allowed = min(FALSE_ALARMS, _OF_ONE_MOMENT * len(moments))
        """False alarms in ten minutes of ordinary talk."""
        self._bar = np.float32(tail.score(self.allowed))

    def begin(self, before: Normalised = NOTHING) -> Scan:
        """Return what follows a text as it is said, for `find`, `not_meant` and `scores`.

        Args:
            before: what the other side had just said.
        """
        return Scan(self.network, self.vocabulary, newest(before))

    def scan(self, text: Normalised, before: Normalised = NOTHING) -> Scan:
        """Return a text that is complete, likewise. It must not be empty."""
        scan = self.begin(before)
        scan.follow(text)
        return scan

    def find(self, scan: Scan, *, is_final: bool) -> Iterator[Meaning]:
        """Yield for each moment the first stretch in which it is meant.

        A stretch counts only when later words can not take it back, so that a final bears
        out what its partials said.
        """
        first_end = 0 if is_final else max(0, scan.count - _NEWEST)
        if scan.peak(first_end) < self._bar:  # mostly: what is settled is never higher
            return
        reading = scan.reading(first_end, is_final=is_final)
        settled = reading.settled(is_final=is_final)
        ends, columns = np.nonzero(settled >= self._bar)
        seen: set[int] = set()
        for end, column in zip(ends.tolist(), columns.tolist(), strict=True):
            if column not in seen:
                seen.add(column)
                yield self._meaning(reading, float(settled[end, column]), end, column)

    def not_meant(self, scan: Scan, last: int) -> frozenset[str]:
        """Return the moments of which the words around a phrase say that they are not meant.

        Some words after it are looked at, too. More words can only turn no into yes, so what a
        partial has shown stays.

        Args:
            last: the phrase's last token.
        """
        is_unlikely = scan.highest(last, last + _AFTERWARDS) < self._unlikely
        return frozenset(self.moments[column] for column in np.flatnonzero(is_unlikely).tolist())

    def scores(self, scan: Scan) -> list[Meaning]:
        """Return the best stretch of each moment, whether it counts or not, best first."""
        reading = scan.reading()
        settled = reading.settled(is_final=True)
        best = settled.argmax(axis=0)
        found = [
            self._meaning(reading, float(settled[end, column]), end, column)
            for column, end in enumerate(best.tolist())
        ]
        return sorted(found, key=lambda meaning: (meaning.false_alarms, meaning.moment))

    def weighed(
        self, text: Normalised, before: Normalised, meaning: Meaning, most: int = 6
    ) -> list[Weighed]:
        """Return what weighed most in a stretch: for its moment, or for ordinary talk."""
        rows, begins = self.vocabulary.rows(text)
        stretch = rows[begins[meaning.first] : begins[meaning.last + 1]]
        count = meaning.last + 1 - meaning.first
        if meaning.first == 0:
            before = newest(before)
            stretch = np.concatenate([stretch, self.vocabulary.rows_before(before)])
            count += len(before.tokens)
        column = self.moments.index(meaning.moment) + 1
        factor = float(scale(np.array([count]))[0])
        gains = self.network.gains(stretch, factor, column)
        weights: dict[int, float] = {}
        for row, gain in zip(stretch.tolist(), gains.tolist(), strict=True):
            weights[row] = weights.get(row, 0.0) + gain
        names = self.vocabulary.names(weights)
        ranked = sorted(weights, key=lambda row: (-abs(weights[row]), names[row]))
        return [Weighed(names[row], weights[row]) for row in ranked[:most]]

    def _meaning(self, reading: Reading, score: float, end: int, column: int) -> Meaning:
        return Meaning(
            self.moments[column],
            int(reading.starts[end, column]),
            reading.first_end + end,
            self.tail.false_alarms(score),
        )
