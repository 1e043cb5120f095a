"""Matching one partial against a very large playbook."""

import gc
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import ahocorasick
import psutil

from bench.bench import Bench
from bench.measures import Figure, Goal, Measure, Of
from bench.playbooks import OURS, with_many_phrases
from bench.talk import ordinary_sentences, segments_of
from coach.adapters.matching import PhraseMatcher
from coach.adapters.playbook.files import load_playbook
from coach.domain.playbook import Playbook, Speaker
from demo_call import load_demo_call

TITLE = "Matching one partial against 2,000 phrases"
PHRASES, MOMENTS = 2_000, 40
SEGMENTS, MEAN_WORDS = 60, 17

Find = Callable[[Sequence[str]], object]
Begin = Callable[[], Find]
"""Returns what follows one segment."""


async def run(bench: Bench) -> Figure:
    """Measure the matcher, and the bare automaton on the same words."""
    ours = load_playbook(OURS)
    large = with_many_phrases(ours, PHRASES, MOMENTS)
    said = [line.text for line in load_demo_call().lines] * 4 + ordinary_sentences()
    segments = segments_of(said, SEGMENTS, MEAN_WORDS)
    random.Random(5).shuffle(segments)
    partials = [partial for segment in segments for partial in segment]
    rounds = bench.pick(3, 1)
    matched: list[float] = []
    alone: list[float] = []
    bare: list[float] = []
    for number in range(rounds):
        bench.say(f"round {number + 1} of {rounds} …")
        begin = _beginner(large)
        matched += [ms for segment in segments for ms in _times(begin, segment)]
        alone += [ms for partial in partials for ms in _times(begin, [partial])]
        bare += _times(_automaton(large), partials)
    begin = _beginner(ours)
    own = [ms for segment in segments for ms in _times(begin, segment)]
    begin = _beginner(large, is_taught=False)
    rules = [ms for segment in segments for ms in _times(begin, segment)]
    whole = Measure("matcher with classifier", "ms", tuple(matched), (Goal(Of.P99, 0.5),))
    control = Measure("control: Aho-Corasick alone", "ms", tuple(bare))
    ratio = whole.number(Of.P50) / control.number(Of.P50)
    mean = sum(map(len, partials)) / len(partials)
    return Figure(
        "match",
        TITLE,
        (
            whole,
            Measure("  of a text that comes whole", "ms", tuple(alone)),
            control,
            Measure.one("p50 of matcher over control", "×", ratio, size=len(matched)),
            Measure("rules alone", "ms", tuple(rules), (Goal(Of.P99, 0.2),)),
            Measure("our own playbook", "ms", tuple(own)),
            *_costs(bench),
        ),
        (
            f"{SEGMENTS} segments in {len(partials)} partials of {mean:.1f} words on average, two "
            f"words more each, {rounds} times. Phrases, errors in them, negation, near misses, "
            f"meaning. Processor time. Our own playbook has {_size(ours)}.",
            "Building: phrases, patterns and a classifier of 40 moments, in a process of its own; "
            "memory is what the process holds more afterwards.",
        ),
    )


def _beginner(playbook: Playbook, *, is_taught: bool = True) -> Begin:
    matcher = PhraseMatcher.build(playbook, is_taught=is_taught)

    def begin() -> Find:
        segment = matcher.begin(Speaker.PROSPECT)
        return lambda words: segment.find(words, is_final=False)

    return begin


def _costs(bench: Bench) -> tuple[Measure, Measure]:
    """Return how long a matcher takes to build, and what it holds, each time anew."""
    repeats = bench.pick(5, 2)
    bench.say(f"building {repeats} times …")
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
        built = list(pool.map(_build, range(repeats)))
    seconds = tuple(seconds for seconds, _ in built)
    megabytes = tuple(megabytes for _, megabytes in built)
    return (
        Measure("building the matcher, processor time", "s", seconds, (Goal(Of.P50, 2.0),)),
        Measure("memory of the matcher", "MB", megabytes, (Goal(Of.P50, 30.0),)),
    )


def _build(_: int) -> tuple[float, float]:
    """Build a matcher in a process that has built none. Returns seconds and megabytes."""
    playbook = with_many_phrases(load_playbook(OURS), PHRASES, MOMENTS)
    process = psutil.Process()
    gc.collect()
    before = process.memory_info().rss
    begun = time.process_time()
    matcher = PhraseMatcher.build(playbook)
    seconds = time.process_time() - begun
    gc.collect()
    assert matcher.find("hello", Speaker.PROSPECT) == []
    return seconds, (process.memory_info().rss - before) / 1e6


def _automaton(playbook: Playbook) -> Begin:
    automaton = ahocorasick.Automaton()
    for moment in playbook.moments.values():
        for phrase in moment.words.phrases:
            automaton.add_word(f" {phrase} ", phrase)
    automaton.make_automaton()
    return lambda: lambda words: list(automaton.iter(f" {' '.join(words)} "))


def _times(begin: Begin, segment: list[list[str]]) -> list[float]:
    """Return what each partial of a segment takes; the first one's holds the beginning."""
    times = []
    find: Find | None = None
    for words in segment:
        begun_ns = time.thread_time_ns()
        find = find or begin()
        find(words)
        times.append((time.thread_time_ns() - begun_ns) / 1e6)
    return times


def _size(playbook: Playbook) -> str:
    rules = [moment.words for moment in playbook.moments.values()]
    phrases, patterns = sum(len(r.phrases) for r in rules), sum(len(r.patterns) for r in rules)
    return f"{phrases} phrases, {patterns} patterns"
