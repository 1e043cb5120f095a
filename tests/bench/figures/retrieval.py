"""Finding what the playbook knows about the talk, in a very large playbook."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from bench.bench import Bench
from bench.measures import Figure, Goal, Measure, Of
from bench.playbooks import OURS, REPOSITORY
from bench.talking import ORDINARY
from coach.adapters.playbook.files import load_playbook
from coach.adapters.search.index import PassageIndex
from coach.domain.playbook import Passage, Playbook
from coach.domain.retrieval import Query

TITLE = "Searching 5,000 passages on a completed turn"
PASSAGES = 5_000
SENTENCES = (4, 9)
QUERIES, QUICK_QUERIES = 2_500, 200
BUILDS, QUICK_BUILDS = 5, 1
TURNS = 4
"""Texts that a query holds: the newest and those before it."""
NAMES = ("Harbor Heating", "harbor-heating")


async def run(bench: Bench) -> Figure:
    """Build the index some times, then search it with windows of real talk."""
    ours = load_playbook(OURS)
    large = with_many_passages(ours, PASSAGES)
    built = []
    for number in range(bench.pick(BUILDS, QUICK_BUILDS)):
        bench.say(f"building, {number + 1} …")
        begun_at = time.perf_counter()
        index = PassageIndex.build(large)
        built.append(time.perf_counter() - begun_at)
    bench.say("searching …")
    queries = list(_queries(bench.pick(QUERIES, QUICK_QUERIES)))
    waited, found = _times(index, queries, time.perf_counter_ns)
    worked, _ = _times(index, queries, time.thread_time_ns)
    small, small_found = _times(PassageIndex.build(ours), queries, time.perf_counter_ns)
    words = sum(len(passage.body.split()) for passage in large.passages.values())
    return Figure(
        "retrieval",
        TITLE,
        (
            Measure(f"{PASSAGES:,} passages", "ms", tuple(waited), (Goal(Of.P99, 20),)),
            Measure("  processor time", "ms", tuple(worked)),
            Measure("  our own playbook", "ms", tuple(small)),
            Measure("index built", "s", tuple(built), (Goal(Of.MAX, 2),)),
        ),
        (
            f"Passages of {words / len(large.passages):.0f} words on average, made of sentences of "
            "our passages and cards and of ordinary talk; each query is an utterance of real talk "
            f"and the three before it. Something was found for {found / len(queries):.0%}, in our "
            f"own playbook of {len(ours.passages) + len(ours.battlecards)} texts for "
            f"{small_found / len(queries):.0%}.",
        ),
    )


def with_many_passages(playbook: Playbook, count: int) -> Playbook:
    """Return a playbook of so many passages: the real ones, then sentences dealt anew.

    Most sentences of a made one come from one real text, so that words keep the company they
    are found in; some are things that people say.
    """
    chance, talk = random.Random(13), [text for _, text in _talk()]
    texts = [passage.body for passage in playbook.passages.values()]
    texts += [f"{card.advice.detail} {card.body}" for card in playbook.battlecards.values()]
    sources = [_sentences(text) for text in texts]
    made = dict(playbook.passages)
    while len(made) < count:
        own, other = chance.sample(sources, 2)
        length = chance.randint(*SENTENCES)
        said = chance.choices(own, k=length // 2) + chance.choices(other, k=length // 4)
        said += chance.choices(talk, k=length - len(said))
        chance.shuffle(said)
        title = " ".join(chance.choice(said).split()[:7])
        passage = Passage(f"made-{len(made)}", title, ". ".join(said))
        made[passage.id] = passage
    return replace(playbook, passages=made)


def _sentences(text: str) -> list[str]:
    pieces = text.replace("\n", " ").replace("|", " ").split(". ")
    return [piece.strip() for piece in pieces if len(piece.split()) > 3]


def _queries(count: int) -> Iterator[Query]:
    """Yield windows of talk, the newest utterance first."""
    talk = [text for _, text in _talk()]
    chance = random.Random(17)
    for _ in range(count):
        at = chance.randrange(TURNS, len(talk))
        yield Query(tuple(reversed(talk[at - TURNS : at])), NAMES)


def _talk() -> Iterator[tuple[str, str]]:
    """Yield speaker and words of ordinary talk and of whole calls."""
    calls = (REPOSITORY / "tests" / "evals" / "dev").glob("*calls/*.txt")
    for path in [*ORDINARY, *sorted(calls)]:
        for line in path.read_text("utf-8").splitlines():
            speaker, colon, text = line.partition(": ")
            if colon and not line.startswith("#"):
                yield speaker, text.partition("{")[0].strip()


def _times(
    index: PassageIndex, queries: list[Query], clock_ns: Callable[[], int]
) -> tuple[list[float], int]:
    """Return the milliseconds of each search, and how many found something."""
    times, found = [], 0
    for query in queries:
        begun_ns = clock_ns()
        result = index.search(query)
        times.append((clock_ns() - begun_ns) / 1e6)
        found += bool(result)
    return times, found
