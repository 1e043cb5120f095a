"""A model that fails, in every way of the list: the next turn is coached; the breaker's times."""

import asyncio
import itertools
import json
import random
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.actors.lines import Fields
from bench.bench import Bench
from bench.figures.advise import HEADLINES, Advised, advised
from bench.measures import Figure, Goal, Measure, Of
from bench.playbooks import OURS, write_ours_without_limits
from bench.talking import (
    Talk,
    answering,
    model_profile,
    of_type,
    quiet_statements,
    rule,
    talking,
)
from coach.adapters.models.breaker import MOST_FAILURES, OPEN_SECONDS
from coach.adapters.playbook.files import load_playbook
from coach.domain.backpressure import HEADLINE_MS
from coach.domain.prompting import advised_moments
from integration.model_server import advice

TITLE = "Recovery after each fault of the model"
CALLS = 3
FAULTS: dict[str, Fields] = {
    "hangs": {"hangs": "headers"},
    "hangs, headline told": {"hangs": "mid"},
    "hangs before it": {"hangs": "mid", "is_short": True},
    "429": {"status": 429},
    "500": {"status": 500},
    "garbage": {"raw": "garbage"},
    "cut, headline told": {"cuts": "mid"},
    "cut before it": {"cuts": "mid", "is_short": True},
    "slow first token": {"first_token_ms": 3_000},
}
FAULT_SECONDS, NEXT_SECONDS = 4.4, 2.6
"""After a turn whose question fails, and after the next one. A detail is given up after 4 s."""
STEP_SECONDS = 1.0
"""Between two turns while the breaker is open: so exactly is it known when it lets one through."""
MOST_SECONDS = 36.0


@dataclass(slots=True)
class Course:
    """What is said in one call, and what the model says to each."""

    talk_of: str
    texts: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """One for each two texts: what becomes of the first."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What was seen of the breaker."""

    failures: int
    """Requests until it opened."""
    meanwhile: int
    """Turns that came while it was open."""
    seconds: float
    """From the last failure to the next request."""
    is_coached: bool
    """Whether the turn of that request was coached."""


async def run(bench: Bench) -> Figure:
    """Let answers fail in some calls, one in each two; and in one more until the breaker opens."""
    texts = _long_texts()
    faults = list(FAULTS)
    courses = [_course(number, faults, texts) for number in range(bench.pick(CALLS, 1))]
    failing, open_ = [texts.pop() for _ in range(3)], [texts.pop() for _ in range(40)]
    told = zip(open_, itertools.cycle(_moments()), strict=False)
    answers = {text: _answer(text, moment) for text, moment in told}
    rules = [rule(text, text=answer) for text, answer in answers.items()]
    rules += [rule(text, status=500) for text in failing]
    rules += [line for course in courses for line in _rules(course, answers)]
    playbook = write_ours_without_limits(bench.folder / "playbook")
    async with (
        answering(bench.folder, {"rules": rules}) as url,
        talking(bench, playbook, default=model_profile(url)) as live,
    ):
        talks = [await live.open(course.talk_of) for course in courses]
        broken = await live.open("breaker")
        bench.say("answers that fail, each followed by one that does not …")
        async with asyncio.TaskGroup() as tasks:
            for talk, course in zip(talks, courses, strict=True):
                tasks.create_task(_say(talk, course))
            tasks.create_task(_break(broken, failing, open_))
        requests = _requests(url)
        await live.close(*(course.talk_of for course in courses), "breaker")
        traces = [live.trace(course.talk_of) for course in courses]
        opened = _opened(requests, failing, open_, live.trace("breaker"), answers)
    return _figure(courses, traces, answers, opened)


def _long_texts() -> list[str]:
    """Return statements so long that each is asked about, however soon after another one."""
    texts = quiet_statements()
    random.Random(4).shuffle(texts)
    return [f"{one}, and {other}" for one, other in zip(texts[::2], texts[1::2], strict=False)]


def _course(number: int, faults: Sequence[str], texts: list[str]) -> Course:
    course = Course(f"faults-{number}")
    for fault in [*faults[number:], *faults[:number]]:
        course.faults.append(fault)
        course.texts += [texts.pop(), texts.pop()]
    return course


def _rules(course: Course, answers: dict[str, str]) -> list[Fields]:
    rules, moments = [], iter(_moments() * 10)
    for place, fault in enumerate(course.faults):
        failing, good = course.texts[2 * place : 2 * place + 2]
        reply = dict(FAULTS[fault])
        answers[failing] = _answer(failing, next(moments), is_short=reply.pop("is_short", False))
        answers[good] = _answer(good, next(moments))
        rules += [rule(failing, **{"text": answers[failing], **reply})]
        rules += [rule(good, text=answers[good])]
    return rules


def _moments() -> list[str]:
    return [moment.id for moment in advised_moments(load_playbook(OURS))]


def _answer(text: str, moment: str, *, is_short: bool = False) -> str:
    """Return an answer; the middle of a short one comes before its headline's end."""
    evidence = {"utterance": None, "words": " ".join(text.split()[: 2 if is_short else 8])}
    detail = "" if is_short else "Let them tell it in their own words, then ask what it costs."
    return advice(moment, HEADLINES[0], evidence=evidence, detail=detail)


async def _say(talk: Talk, course: Course) -> None:
    for place, text in enumerate(course.texts):
        await talk.says(text)
        await asyncio.sleep(NEXT_SECONDS if place % 2 else FAULT_SECONDS)


async def _break(talk: Talk, failing: list[str], open_: list[str]) -> None:
    """Let questions fail until the breaker is open, then go on until it must be closed."""
    for text in failing:
        await talk.says(text)
        await asyncio.sleep(1.6)
    begun_at = time.monotonic()
    for text in open_:
        await talk.says(text)
        if time.monotonic() - begun_at > MOST_SECONDS:
            break
        await asyncio.sleep(STEP_SECONDS)
    await asyncio.sleep(NEXT_SECONDS)


def _requests(url: str) -> list[Fields]:
    """Return what the model was asked, and when."""
    with urllib.request.urlopen(url.replace("/v1", "/requests"), timeout=10) as response:
        found: list[Fields] = json.load(response)
    return found


def _opened(
    requests: list[Fields],
    failing: list[str],
    open_: list[str],
    trace: list[Fields],
    answers: dict[str, str],
) -> Opened:
    """Put together what the model and the call saw of the breaker."""
    failed = [r for r in requests if any(_is_about(r, text) for text in failing)]
    later = [(r, text) for r in requests for text in open_ if _is_about(r, text)]
    if not failed or not later:
        return Opened(len(failed), 0, float("nan"), is_coached=False)
    first, text = later[0]
    coached = advised(trace, [*failing, *open_], {})
    turns = of_type(trace, "turn")
    at_ms = turns[len(failing) + open_.index(text)]["at_ms"]
    is_coached = any(each.turn_ms == at_ms for each in coached)
    seconds = first["at"] - max(r["ended_at"] or r["at"] for r in failed)
    return Opened(len(failed), open_.index(text), seconds, is_coached)


_NONE = advice("none", "none")


def _is_about(request: Fields, text: str) -> bool:
    user: str = request["body"]["messages"][-1]["content"]
    return user.rstrip().endswith(f"{text}»")


def _figure(
    courses: list[Course], traces: list[list[Fields]], answers: dict[str, str], opened: Opened
) -> Figure:
    after: dict[str, list[Advised]] = {fault: [] for fault in FAULTS}
    late = 0
    for course, trace in zip(courses, traces, strict=True):
        found = {each.turn_ms: each for each in advised(trace, course.texts, {})}
        late += sum(each.asking + each.model > HEADLINE_MS for each in found.values())
        turns = [turn["at_ms"] for turn in of_type(trace, "turn")]
        for fault, at_ms in zip(course.faults, turns[1::2], strict=False):
            after[fault] += [found[at_ms]] if at_ms in found else []
    coached = [each.whole for fault in after.values() for each in fault]
    count = len(FAULTS) * len(courses)
    lost = count - len(coached)
    return Figure(
        "recovery",
        TITLE,
        (
            Measure.one("next turn not coached", "", lost, Goal(Of.VALUE, 0), size=count),
            Measure("next turn → headline acknowledged", "ms", tuple(coached)),
            *(
                Measure(f"  {fault}", "ms", tuple(each.whole for each in found))
                for fault, found in after.items()
            ),
            Measure.one("headlines later than 2 s", "", late, Goal(Of.VALUE, 0), size=2 * count),
            *_breaker(opened),
        ),
        (
            f"Real server and worker, {len(courses)} calls; each fault is followed, "
            f"{FAULT_SECONDS:g} s later, by a turn that is answered. "
            f"The breaker: a call in which every answer is 500, then a turn every "
            f"{STEP_SECONDS:g} s or so, {opened.meanwhile} of them before one was asked about.",
        ),
    )


def _breaker(opened: Opened) -> tuple[Measure, ...]:
    at_most = OPEN_SECONDS + STEP_SECONDS + 0.5
    return (
        Measure.one(
            "failures until the breaker opens",
            "",
            opened.failures,
            Goal(Of.VALUE, MOST_FAILURES),
            Goal(Of.VALUE, MOST_FAILURES, is_floor=True),
        ),
        Measure.one(
            "it lets a question through after",
            "s",
            opened.seconds,
            Goal(Of.VALUE, OPEN_SECONDS, is_floor=True),
            Goal(Of.VALUE, at_most),
        ),
        Measure.one(
            "whose turn is coached", "", opened.is_coached, Goal(Of.VALUE, 1, is_floor=True)
        ),
    )
