"""Matching one partial against a very large playbook."""

import random
import time
from collections.abc import Callable, Sequence

import ahocorasick

from bench.bench import Bench
from bench.measures import Figure, Goal, Measure, Of
from bench.playbooks import OURS, with_many_phrases
from bench.talk import ordinary_sentences, partials_of
from coach.adapters.matching import PhraseMatcher
from coach.adapters.playbook.files import load_playbook
from coach.domain.playbook import Playbook, Speaker
from demo_call import load_demo_call

TITLE = "Matching one partial against 2,000 phrases"
PHRASES, MOMENTS = 2_000, 40
PARTIALS, MEAN_WORDS = 450, 17

Find = Callable[[Sequence[str]], object]


async def run(bench: Bench) -> Figure:
    """Measure the matcher, and the bare automaton on the same words."""
    ours = load_playbook(OURS)
    large = with_many_phrases(ours, PHRASES, MOMENTS)
    said = [line.text for line in load_demo_call().lines] * 4 + ordinary_sentences()
    partials = partials_of(said, PARTIALS, MEAN_WORDS)
    random.Random(5).shuffle(partials)
    rounds = bench.pick(6, 2)
    matched: list[float] = []
    bare: list[float] = []
    for number in range(rounds):
        bench.say(f"round {number + 1} of {rounds} …")
        matched += _times(_finder(large), partials)
        bare += _times(_automaton(large), partials)
    own = _times(_finder(ours), partials)
    whole = Measure("matcher", "ms", tuple(matched), (Goal(Of.P99, 0.2),))
    control = Measure("control: Aho-Corasick alone", "ms", tuple(bare))
    ratio = whole.number(Of.P50) / control.number(Of.P50)
    mean = sum(map(len, partials)) / len(partials)
    return Figure(
        "match",
        TITLE,
        (
            whole,
            control,
            Measure.one("p50 of matcher over control", "×", ratio, size=len(matched)),
            Measure("our own playbook", "ms", tuple(own)),
        ),
        (
            f"{PARTIALS} partials of {mean:.1f} words on average, each seen once by a new matcher, "
            f"{rounds} times. Phrases, errors in them, negation, near misses. Processor time. "
            f"Our own playbook has {_size(ours)}.",
        ),
    )


def _finder(playbook: Playbook) -> Find:
    matcher = PhraseMatcher.build(playbook)
    return lambda words: matcher.find(words, Speaker.PROSPECT, is_final=False)


def _automaton(playbook: Playbook) -> Find:
    automaton = ahocorasick.Automaton()
    for moment in playbook.moments.values():
        for phrase in moment.words.phrases:
            automaton.add_word(f" {phrase} ", phrase)
    automaton.make_automaton()
    return lambda words: list(automaton.iter(f" {' '.join(words)} "))


def _times(find: Find, partials: list[list[str]]) -> list[float]:
    times = []
    for words in partials:
        begun_ns = time.thread_time_ns()
        find(words)
        times.append((time.thread_time_ns() - begun_ns) / 1e6)
    return times


def _size(playbook: Playbook) -> str:
    rules = [moment.words for moment in playbook.moments.values()]
    phrases, patterns = sum(len(r.phrases) for r in rules), sum(len(r.patterns) for r in rules)
    return f"{phrases} phrases, {patterns} patterns"
