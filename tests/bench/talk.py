"""What is said in the benchmarks: sentences, growing partials, and the recorded call's course."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from bench.playbooks import ORDINARY_TALK
from demo_call import DemoCall, Line

LISTENING_MS = 160
"""How long the imagined recogniser takes for a word."""
PARTIAL_MS = 100
_PARTIAL_WORDS = 2  # by which one partial is longer than the one before
FINAL_MS = 300
"""Pause after which words become final."""
TURN_MS = 500


def ordinary_sentences() -> list[str]:
    """Return sentences of sales talk in which nothing is coachable."""
    lines = ORDINARY_TALK.read_text("utf-8").splitlines()
    return [line for line in lines if line.strip()]


def segments_of(sentences: list[str], count: int, mean_words: int) -> list[list[list[str]]]:
    """Return so many segments: each as the partials in which a recogniser says it.

    Args:
        sentences: what is said.
        count: of segments.
        mean_words: in a partial.
    """
    chance = random.Random(3)
    found = []
    for _ in range(count):
        words: list[str] = []
        longest = chance.randint(mean_words, 3 * mean_words - 2)
        while len(words) < longest:
            words += chance.choice(sentences).lower().split()
        found.append([words[:length] for length in range(1, longest + 1, _PARTIAL_WORDS)])
    return found


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recogniser's result: all words of a line so far."""

    at_ms: int
    line: Line
    word_count: int
    is_final: bool


def results_of(call: DemoCall) -> Iterator[Spoken]:
    """Yield what a recogniser says of the recorded call: a partial each 100 ms, then the final."""
    for line in call.lines:
        said_ms = [word.end_ms + LISTENING_MS for word in line.words]
        at_ms = said_ms[0]
        while at_ms < said_ms[-1] + PARTIAL_MS:
            yield Spoken(at_ms, line, sum(ms <= at_ms for ms in said_ms), is_final=False)
            at_ms += PARTIAL_MS
        final_ms = line.words[-1].end_ms + FINAL_MS + LISTENING_MS
        yield Spoken(max(final_ms, at_ms), line, len(line.words), is_final=True)
