"""From the end of a prospect's turn to the advisor's headline, acknowledged by the rep's client."""

import asyncio
import itertools
import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from bench.actors.lines import Fields
from bench.bench import Bench
from bench.measures import Figure, Goal, Measure, Of
from bench.playbooks import OURS, write_ours_without_limits
from bench.talking import (
    FIRST_TOKEN_MS,
    TOKENS_PER_SECOND,
    Calls,
    answering,
    model_profile,
    of_type,
    quiet_statements,
    rule,
    talking,
)
from coach.adapters.playbook.files import load_playbook
from coach.domain.prompting import advised_moments
from coach.domain.tools import ACCOUNT_CONTEXT
from integration.crm_server import ACME, CrmServer, Reply, crm_server, section
from integration.model_server import CHARACTERS_PER_TOKEN, Asked, advice

TITLE = "End of turn → advisor's headline acknowledged, scripted model"
CALLS, QUICK_CALLS = 4, 2
GAP_SECONDS = 6.6
"""Between turns: within 6 s of a question a short one would not be asked about."""
ROOMS, QUICK_ROOMS = 32, 3
AT_ONCE = 3
TOOL_SECONDS = 0.5
ASKING_SECONDS = 0.03
"""From the recogniser's report to the question, and from the wish's first token to its end."""
CRM_SECONDS = 3.4
"""The dossier comes so long after it was asked for, which is before the room is joined."""
REACH_MS = 4_000
HEADLINES = (
    "Ask what happens on such a day before you show anything",
    "Let them say what it costs before you name any price",
    "Slow down here and ask who else would have to agree",
    "Stop presenting now, agree on the next step while they want it",
    "Give them a customer like this, then ask what would help",
)
DETAIL = (
    "They describe a habit, not a wish. Let them tell what it costs on a bad day, then show the "
    "one thing that changes it, and stop."
)
SAY = "What happens on the days when that does not work out?"
BARE = "X-Bare"
"""Header of the control's own requests."""
_AFTER_HEADLINE = '", "evidence"'
_LOOKED_UP = rf"Looked up, {ACCOUNT_CONTEXT.name}[\s\S]*"


@dataclass(frozen=True, slots=True)
class Advised:
    """One headline that arrived. Milliseconds, by the worker's own trace."""

    turn_ms: int
    """When the turn ended, on the call's clock."""
    whole: float
    """From the turn to the acknowledgement."""
    served: float
    """What the model took for it, by its own clock: from a request to the headline's end sent."""
    asking: float
    """From the turn to sending the last question, the one that was answered."""
    model: float
    """From sending that question to the headline's end."""
    telling: float
    """From there to the acknowledgement."""
    tool: float = 0.0
    """From the model's wish for a tool to its result."""

    @property
    def own(self) -> float:
        """What is ours."""
        return self.whole - self.served - self.tool


async def run(bench: Bench) -> Figure:
    """Say things in some calls at once; then let the model look up the account in calls anew."""
    turns, rooms = bench.pick(16, 2), bench.pick(ROOMS, QUICK_ROOMS)
    texts = quiet_statements()
    random.Random(8).shuffle(texts)
    calls = [texts[n * turns : (n + 1) * turns] for n in range(bench.pick(CALLS, QUICK_CALLS))]
    asked = texts[-rooms:]
    answers = _answers(calls, asked)
    script = {"rules": [*_rules(answers, asked)]}
    playbook = write_ours_without_limits(bench.folder / "playbook")
    async with answering(bench.folder, script) as url, crm_server() as crm:
        crm.accounts = [ACME | {"id": _account(n)} for n in range(rooms)]
        crm.default = Reply(slow_seconds=CRM_SECONDS)
        profile = model_profile(url, crm=section(crm.url))
        async with talking(bench, playbook, default=profile) as live:
            alone, bare = await _speak(bench, live, url, calls, answers)
            with_tool, wished = await _look_up(bench, live, crm, url, asked, answers)
    return _figure(alone, bare, sum(map(len, calls)), with_tool, wished)


def _answers(calls: list[list[str]], asked: list[str]) -> dict[str, str]:
    """Return what the model says about each text; no moment comes again within ten turns."""
    moments = [moment.id for moment in advised_moments(load_playbook(OURS))]
    answers: dict[str, str] = {}
    for texts in [*calls, *([text] for text in asked)]:
        told = zip(texts, itertools.cycle(moments), itertools.cycle(HEADLINES), strict=False)
        for number, (text, moment, headline) in enumerate(told, 1):
            evidence = {"utterance": number, "words": " ".join(text.split()[:6])}
            more: Fields = {"evidence": evidence, "detail": DETAIL, "say": SAY}
            answers[text] = advice(moment, headline, **more)
    return answers


def _rules(answers: dict[str, str], asked: list[str]) -> list[Fields]:
    wish = [[ACCOUNT_CONTEXT.name, {}]]
    wishes = [
        line
        for text in asked
        for line in (
            rule(text, after=_LOOKED_UP, text=answers[text]),
            rule(text, text="", tools=wish),
        )
    ]
    return wishes + [rule(text, text=answer) for text, answer in answers.items()]


def _headline_end(answer: str) -> int:
    return answer.index(_AFTER_HEADLINE)


async def _speak(
    bench: Bench, live: Calls, url: str, calls: list[list[str]], answers: dict[str, str]
) -> tuple[list[Advised], list[float]]:
    """Let each call hear its texts, in turns, so that no two calls ask at once.

    Returns the headlines that arrived, and what a client without a worker took beyond the model.
    """
    bare: dict[str, float] = {}
    talks = [await live.open(f"advise-{number}") for number in range(len(calls))]
    begun_at = time.monotonic()
    for number, texts in enumerate(zip(*calls, strict=True)):
        for place, (talk, text) in enumerate(zip(talks, texts, strict=True)):
            bench.say(f"turn {number + 1} of {len(calls[0])} in {len(calls)} calls")
            due_at = begun_at + GAP_SECONDS * (number + place / len(calls))
            await asyncio.sleep(max(0.0, due_at - time.monotonic()))
            await talk.says(text)
        bare[text] = await _bare_ms(url, text, answers[text])
    await bench.count_down(REACH_MS / 1_000, "the last answers")
    await live.close(*(talk.room for talk in talks))
    served = await _served(url, answers)
    found = [
        each
        for talk, texts in zip(talks, calls, strict=True)
        for each in advised(live.trace(talk.room), texts, served)
    ]
    served = await _served(url, answers, is_bare=True)
    return found, [ms - served[text] for text, ms in bare.items()]


async def _served(url: str, answers: dict[str, str], *, is_bare: bool = False) -> dict[str, float]:
    """Return how long the model was asked about each text, in milliseconds by its own clock.

    Args:
        url: the model's.
        answers: by text.
        is_bare: of the control's requests, not the worker's.
    """
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"{url.removesuffix('/v1')}/requests") as response,
    ):
        every = [Asked(**fields) for fields in await response.json()]
    served: dict[str, float] = {}
    for asked in every:
        text = asked.user.rstrip("»\n ").rpartition("«")[2]
        if (BARE in asked.headers) is is_bare and text in answers:
            end_at = _sent_at(asked, answers[text])
            served[text] = served.get(text, 0.0) + (end_at - asked.at) * 1_000
    return served


def _sent_at(asked: Asked, answer: str) -> float:
    """Return when the headline's end was sent; of a wish for a tool, when the request was done."""
    place = _headline_end(answer) // CHARACTERS_PER_TOKEN
    if place < len(asked.sent_at):
        return asked.sent_at[place]
    return asked.at if asked.ended_at is None else asked.ended_at


async def _bare_ms(url: str, text: str, answer: str) -> float:
    """Ask the model without any worker. Return when its headline's end came: the control."""
    messages = [{"role": role, "content": f"«{text}»"} for role in ("system", "user")]
    body = {"model": "scripted", "stream": True, "messages": messages}
    told, end, begun_at = "", _headline_end(answer), time.monotonic()
    async with (
        aiohttp.ClientSession(headers={BARE: "yes"}) as client,
        client.post(f"{url}/chat/completions", json=body) as response,
    ):
        async for line in response.content:
            if not line.startswith(b'data: {"id'):
                continue
            choices = json.loads(line.removeprefix(b"data: "))["choices"]
            told += choices[0]["delta"].get("content", "") if choices else ""
            if len(told) > end:
                break
    return (time.monotonic() - begun_at) * 1_000


async def _look_up(
    bench: Bench,
    live: Calls,
    crm: CrmServer,
    url: str,
    asked: list[str],
    answers: dict[str, str],
) -> tuple[list[Advised], int]:
    """Let the model want the account just before its dossier comes, in calls of one turn each.

    Returns the headlines that arrived, and how many calls began in time for the wish.
    """
    found: list[Advised] = []
    is_free = asyncio.Semaphore(AT_ONCE)
    tried = 0

    async def one(number: int, text: str) -> None:
        nonlocal tried
        async with is_free:
            bench.say(f"call {number + 1} of {len(asked)}, in which the account is looked up")
            account = _account(number)
            talk = await live.open(f"tool-{number}", account={"id": account})
            sent_at = next(each.at for each in crm.asked if each.path.endswith(f"/{account}"))
            before = FIRST_TOKEN_MS / 1_000 + ASKING_SECONDS + TOOL_SECONDS
            wish_at = sent_at + CRM_SECONDS - before
            if wish_at > time.monotonic():  # else it took too long to join: the dossier is here
                tried += 1
                await asyncio.sleep(wish_at - time.monotonic())
                await talk.says(text)
                await asyncio.sleep(REACH_MS / 1_000)
            await live.close(talk.room)
            served = await _served(url, answers)
            found.extend(advised(live.trace(talk.room), [text], served))

    async with asyncio.TaskGroup() as tasks:
        for number, text in enumerate(asked):
            tasks.create_task(one(number, text))
    return found, tried


def _account(number: int) -> str:
    return f"account-{number}"


def advised(lines: list[Fields], texts: list[str], served: Mapping[str, float]) -> list[Advised]:
    """Return the headlines that arrived, by the call's trace: the n-th turn is the n-th text's."""
    receipts = [r for r in of_type(lines, "receipt") if "prompt" in r and r["rev"] == 0]
    turns_ms = [turn["at_ms"] for turn in of_type(lines, "turn")]
    ends_ms = [*turns_ms[1:], float("inf")]
    found = []
    for at_ms, end_ms, text in zip(turns_ms, ends_ms, texts, strict=False):
        until_ms = min(end_ms, at_ms + REACH_MS)
        near = [r for r in receipts if at_ms <= r["decided_ms"] < until_ms]
        if near and near[0]["reply"] == "shown":
            found.append(_advised(at_ms, near[0], lines, served.get(text, 0.0)))
    return found


def _advised(at_ms: int, receipt: dict[str, Any], lines: list[Fields], served: float) -> Advised:
    wishes = [
        line["at_ms"]
        for line in of_type(lines, "advisor")
        if line["turn_at_ms"] == at_ms and (line["answer"] or {}).get("tools")
    ]
    results = [line["at_ms"] for line in of_type(lines, "tool") if wishes]
    tool = max((ms for ms in results if ms >= wishes[0]), default=None) if wishes else None
    return Advised(
        turn_ms=at_ms,
        whole=receipt["acknowledged_ms"] - at_ms,
        served=served,
        asking=receipt["decided_ms"] - receipt["total_ms"] - at_ms,
        model=receipt["total_ms"],
        telling=receipt["acknowledged_ms"] - receipt["decided_ms"],
        tool=0.0 if tool is None else tool - wishes[0],
    )


def _figure(
    alone: list[Advised],
    bare: list[float],
    spoken: int,
    with_tool: list[Advised],
    wished: int,
) -> Figure:
    looked_up = [each for each in with_tool if each.tool]
    lost = spoken - len(alone)
    goals = (Goal(Of.P95, 1_000), Goal(Of.P99, 1_200))
    return Figure(
        "advise",
        TITLE,
        (
            _times("turn → headline acknowledged", alone, "whole", *goals),
            _times("  own share", alone, "own", Goal(Of.P99, 20)),
            Measure("  control: bare client, no worker", "ms", tuple(bare)),
            _times("  turn → question sent", alone, "asking"),
            _times("  question → headline's end", alone, "model"),
            _times("  headline's end → acknowledged", alone, "telling"),
            Measure.one("  no headline", "", lost, Goal(Of.VALUE, 0), size=spoken),
            _times("a 500 ms tool on the way", looked_up, "whole", Goal(Of.P95, 1_750)),
            _times("  own share", looked_up, "own"),
            _times("  wish → the tool's result", looked_up, "tool"),
            Measure.one("  no headline after it", "", wished - len(looked_up), size=wished),
        ),
        _notes(alone),
    )


def _times(what: str, found: list[Advised], name: str, *goals: Goal) -> Measure:
    return Measure(what, "ms", tuple(getattr(each, name) for each in found), goals)


def _notes(alone: list[Advised]) -> tuple[str, str]:
    served = [each.served for each in alone] or [0.0]
    return (
        f"Real server and worker, {CALLS} calls at once; the model is a process of its own: first "
        f"token after {FIRST_TOKEN_MS} ms, then {TOKENS_PER_SECOND:.0f} a second of "
        f"{CHARACTERS_PER_TOKEN} characters; headlines of 10 to 12 words, whose end is sent "
        f"{min(served):.0f} to {max(served):.0f} ms after the question came, by its own clock. Own "
        "share: what is beyond that, the rep's client and the way to it included. The control: the "
        "same of a client that asks without a worker, and tells nobody.",
        "The tool: the account's dossier from a CRM over HTTP, wanted by the model half a second "
        "before the CRM answers, in a call of its own each; then the second question.",
    )
