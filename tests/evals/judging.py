"""Compares what was heard with what is marked, and counts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from evals.authored import Line
from evals.intervals import Rate, Share
from evals.replaying import Heard
from evals.timing import Spoken, Timed

_TURN_OVER_MS = 600  # after a speaker's final, while nobody else's begins


@dataclass(slots=True)
class Tally:
    """Counts over sentences or calls of one sort."""

    moments: Counter[str] = field(default_factory=Counter)
    """Marked ones, by moment."""
    recognised: Counter[str] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    """Recognised where they are not marked, by moment."""
    false_shown: Counter[str] = field(default_factory=Counter)
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)
    """What was marked, and what was heard in its place."""
    leads_ms: list[int] = field(default_factory=list)
    """How long before the speaker stops a true nudge was there; negative: after."""
    in_turn: int = 0
    """True nudges before their speaker's turn was complete."""
    lines: int = 0
    """Of talk; of sentences, their number."""
    minutes: float = 0.0
    remarks: list[str] = field(default_factory=list)
    """Misses and false ones, for whoever tunes on a development set."""

    def recall(self, moment: str | None = None, *, shown: bool = False) -> Share:
        """Return the share of marked moments that were heard."""
        found = self.shown if shown else self.recognised
        if moment is None:
            return Share(found.total(), self.moments.total())
        return Share(found[moment], self.moments[moment])

    def precision(self, moment: str | None = None) -> Share:
        """Return the share of what was heard that is marked."""
        true = self.recognised.total() if moment is None else self.recognised[moment]
        false = self.false.total() if moment is None else self.false[moment]
        return Share(true, true + false)

    def false_rate(self, *, shown: bool) -> Rate:
        """Return how often something was heard that is not there."""
        return Rate((self.false_shown if shown else self.false).total(), self.minutes)

    def early(self) -> Share:
        """Return the share of true nudges that came while their speaker was still speaking."""
        return Share(sum(lead > 0 for lead in self.leads_ms), len(self.leads_ms))

    def add(self, timed: Timed, heard: Iterable[Heard], name: str) -> None:
        """Count one call."""
        by_line: dict[int, list[Heard]] = defaultdict(list)
        for each in heard:
            by_line[each.line].append(each)
        self.lines += 1 if name.startswith("sentence-") else len(timed.spoken)
        self.minutes += timed.lines[-1]["at_ms"] / 60_000
        for number in range(len(timed.spoken)):
            self._count(timed.spoken, number, by_line, name)

    def _count(
        self, spoken: Sequence[Spoken], number: int, by_line: dict[int, list[Heard]], name: str
    ) -> None:
        line, here = spoken[number].line, by_line.get(number, [])
        near = [each for at in _beside(spoken, number) for each in by_line.get(at, [])]
        for moment in sorted(line.expected):
            self.moments[moment] += 1
            found = [each for each in (*here, *near) if each.moment == moment]
            if found:
                self._found(moment, found, spoken, number)
                continue
            self.remarks.append(f"missed  {moment:22} {name}: {line.text}")
            for other in {each.moment for each in here} - line.expected - line.allowed:
                self.confused[moment, other] += 1
        marked = _marked(spoken, number)
        for each in here:
            if each.moment not in marked:
                self.false[each.moment] += 1
                self.false_shown[each.moment] += each.is_shown
                self.remarks.append(f"false   {each.moment:22} {name}: {line.text}  <{each.rule}>")

    def _found(
        self, moment: str, found: Sequence[Heard], spoken: Sequence[Spoken], number: int
    ) -> None:
        self.recognised[moment] += 1
        shown = [each for each in found if each.is_shown]
        self.shown[moment] += bool(shown)
        if shown:
            at_ms = min(each.at_ms for each in shown)
            self.leads_ms.append(spoken[number].end_ms - at_ms)
            self.in_turn += at_ms < _turn_over_ms(spoken, number)


def _beside(spoken: Sequence[Spoken], number: int) -> list[int]:
    """Return the lines of the same speaker right before and after: one thought in two breaths."""
    who = spoken[number].line.identity
    return [
        at
        for at in (number - 1, number + 1)
        if 0 <= at < len(spoken) and spoken[at].line.identity == who
    ]


def _marked(spoken: Sequence[Spoken], number: int) -> frozenset[str]:
    lines: list[Line] = [spoken[at].line for at in (number, *_beside(spoken, number))]
    return frozenset().union(*(line.expected | line.allowed for line in lines))


def _turn_over_ms(spoken: Sequence[Spoken], number: int) -> int:
    """Return when the turn of a line is complete: after a pause, or by somebody else's final."""
    for at in range(number, len(spoken)):
        over_ms = spoken[at].final_ms + _TURN_OVER_MS
        if at + 1 == len(spoken):
            return over_ms
        following = spoken[at + 1]
        if following.line.identity != spoken[at].line.identity:
            return min(over_ms, following.final_ms)
        if following.start_ms > over_ms:
            return over_ms
    return spoken[-1].final_ms
