"""Lively talk: how often the model is asked, and whether an overtaken answer is ever shown."""

import asyncio
import heapq
import itertools
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.bench import Bench
from bench.measures import Figure, Goal, Measure, Of
from bench.playbooks import OURS, REPOSITORY
from coach.adapters.playbook.files import load_playbook
from coach.application.steps import due_steps
from coach.domain.advice import Counsel
from coach.domain.call import Call
from coach.domain.events import (
    AdvisorAnswered,
    Event,
    ParticipantChanged,
    Transcript,
    TurnCompleted,
)
from coach.domain.knowledge import Abilities, Knowledge
from coach.domain.outputs import Advise, CancelAdvice, Output
from coach.domain.playbook import Speaker
from coach.engines import knowledge_of
from fakes.scene import BUYER, REP, job
from unit.application.race_rules import counted, judge
from unit.application.turn_races import run_race

TITLE = "Lively talk: questions to the model, and 500 races of turns and answers"
FOLDERS = ("whole_calls", "calls")
TAKES = 5
WORD_MS = (220, 340)
FINAL_WORDS = (8, 12)
HEARD_MS, FINAL_MS, ENDPOINT_MS = 160, 300, 300
"""Recogniser's delay; quiet before a final within a turn's last words, and before a turn's end."""
PAUSE_MS = (100, 600)
ANSWER_MS = 600
RACES = 500
_SAID = re.compile(r"(rep|prospect)(?: \d+)?: (.*)")
_MARK = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What one dialogue came to."""

    finals: int
    """Of the prospect."""
    questions: int
    called_back: int

    @property
    def ratio(self) -> float:
        """Questions for each final."""
        return self.questions / self.finals


async def run(bench: Bench) -> Figure:
    """Play dialogues at a lively pace, then run the races."""
    knowledge = knowledge_of(load_playbook(OURS))
    takes = bench.pick(TAKES, 1)
    bench.say("dialogues …")
    lively = [_play(knowledge, path, take, every=False) for path, take in _takes(takes)]
    choppy = [_play(knowledge, path, take, every=True) for path, take in _takes(takes)]
    races = bench.pick(RACES, 50)
    bench.say(f"{races} races …")
    broken, seen = await asyncio.to_thread(_raced, range(races))  # each has an event loop
    return _figure(lively, choppy, races, broken, seen)


def _takes(takes: int) -> list[tuple[Path, int]]:
    folder = REPOSITORY / "tests" / "evals" / "dev"
    paths = [path for name in FOLDERS for path in sorted((folder / name).glob("*.txt"))]
    return list(itertools.product(paths, range(takes)))


def _play(knowledge: Knowledge, path: Path, take: int, *, every: bool) -> Asked:
    """Play a dialogue on the call's own clock; the model answers nothing after 0.6 s."""
    abilities = Abilities(has_advisor=True)
    call = Call(job=job(), knowledge=knowledge, abilities=abilities, run="r-1")
    call.start(), call.ready(0)
    steps = list(_events(path, random.Random(take), every=every))
    heapq.heapify(steps)
    number, found = itertools.count(len(steps)), Counter[str]()
    while steps:
        at_ms, _, event = heapq.heappop(steps)
        is_prospect = isinstance(event, Transcript) and event.speaker is Speaker.PROSPECT
        found["finals"] += is_prospect
        outputs: list[Output] = [o for _, due in due_steps(call, at_ms) for o in due]
        for output in outputs + call.handle(at_ms, event):
            found["called back"] += isinstance(output, CancelAdvice)
            if isinstance(output, Advise):
                found["questions"] += 1
                answer = AdvisorAnswered(output.request.turn_at_ms, 1, Counsel(None))
                heapq.heappush(steps, (at_ms + ANSWER_MS, next(number), answer))
    return Asked(found["finals"], found["questions"], found["called back"])


def _events(path: Path, chance: random.Random, *, every: bool) -> Iterator[tuple[int, int, Event]]:
    """Yield time, number and event of a dialogue; with `every` each final ends a turn."""
    number, at_ms = itertools.count(2), 1_000
    yield 0, 0, ParticipantChanged(REP, Speaker.REP, True, True)
    yield 0, 1, ParticipantChanged(BUYER, Speaker.PROSPECT, True, True)
    for side, text in _lines(path):
        who, speaker = (REP, Speaker.REP) if side == "rep" else (BUYER, Speaker.PROSPECT)
        words = text.split()
        while words:
            count = chance.randint(*FINAL_WORDS)
            said, words = words[:count], words[count:]
            start_ms, at_ms = at_ms, at_ms + sum(chance.randint(*WORD_MS) for _ in said)
            is_end = every or not words
            due_ms = at_ms + HEARD_MS + (ENDPOINT_MS if is_end else 0)
            final = Transcript(who, speaker, " ".join(said), True, start_ms, at_ms)
            yield due_ms, next(number), final
            if is_end:
                yield due_ms, next(number), TurnCompleted(who, speaker)
        at_ms += chance.randint(*PAUSE_MS)


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text("utf-8").splitlines():
        said = _SAID.fullmatch(line.strip())
        if said is not None and (text := _MARK.sub("", said[2]).strip()):
            yield said[1], text


def _raced(seeds: Iterable[int]) -> tuple[Counter[str], Counter[str]]:
    """Run races. Return what broke rules, and what happened."""
    broken, seen = Counter[str](), Counter[str]()
    for seed in seeds:
        race = run_race(seed)
        broken.update(judge(race))
        seen += counted(race)
    return broken, seen


def _figure(
    lively: list[Asked], choppy: list[Asked], races: int, broken: Counter[str], seen: Counter[str]
) -> Figure:
    finals = sum(each.finals for each in lively)
    calls = sum(each.questions for each in lively) / finals
    called_back = sum(each.called_back for each in lively)
    rules = ", ".join(f"{rule}: {count}" for rule, count in broken.items())
    least, most = (ms / 1_000 for ms in PAUSE_MS)
    return Figure(
        "lively",
        TITLE,
        (
            Measure.one(
                "questions a prospect's final", "", calls, Goal(Of.VALUE, 0.4), size=finals
            ),
            Measure("  a dialogue", "", tuple(each.ratio for each in lively)),
            Measure("  a dialogue, each final a turn", "", tuple(each.ratio for each in choppy)),
            Measure.one(
                "shown and should not have been", "", broken.total(), Goal(Of.VALUE, 0), size=races
            ),
            Measure.one(
                "  in time, but sent after 2 s", "", seen["sent late"], size=seen["headlines"]
            ),
        ),
        (
            f"{len(lively)} plays of dialogues: finals of some ten words, {least:g} to {most:g} s "
            f"between speakers, answers after {ANSWER_MS / 1_000:g} s; {called_back} called back.",
            f"Races on virtual time: {_told(seen)}. {rules.capitalize() or 'No rule was broken'}. "
            "In time: decided so, but behind another nudge whose client did not answer.",
        ),
    )


def _told(seen: Counter[str]) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in seen.items())
