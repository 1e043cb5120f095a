"""What triggers cost while model and CRM hang and the rep shares slides, against a calm call."""

import asyncio
import itertools
import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench.actors.actor import Actor, acting
from bench.actors.lines import Fields
from bench.bench import Bench
from bench.measures import Figure, Goal, Measure, Of
from bench.playbooks import made_up_words, write_ours_without_limits, write_trigger_playbook
from bench.talking import (
    Calls,
    Talk,
    answering,
    model_profile,
    of_type,
    quiet_statements,
    rep_of,
    talking,
)
from coach.domain.tools import ACCOUNT_CONTEXT
from integration.crm_server import ACME, Reply, crm_server, section

TITLE = "Trigger path while model and CRM hang and slides are shared"
ROUNDS, QUICK_ROUNDS = 7, 1
ROUND_SECONDS = 9.0
SETTLE_SECONDS = 1.0
PARTIAL_SECONDS, PAUSE_SECONDS = 0.1, 0.5
PARTIALS = 10
SLIDE_SECONDS = 3.0
TRIGGERS = 80
"""A moment may come again after 10 s at the earliest."""
FACTOR, MORE_MS = 1.5, 5.0
"""The p99 may be so many times what it is in a calm call, or so much more."""


@dataclass(slots=True)
class Side:
    """What was measured of one kind of call, in milliseconds."""

    inside: list[float] = field(default_factory=list)
    """From the event to the transport, by the worker's own trace."""
    outside: list[float] = field(default_factory=list)
    """From the recogniser's report to the rep's handler."""
    while_crm_hangs: list[float] = field(default_factory=list)
    """Those of `inside` that came before the CRM was given up."""
    frames: int = 0
    questions: int = 0
    lookups: int = 0


async def run(bench: Bench) -> Figure:
    """Speak in calm and in troubled calls in turns, one at a time."""
    words = made_up_words(TRIGGERS)
    playbook = _playbook(bench.folder, words)
    calm, troubled = Side(), Side()
    rounds = bench.pick(ROUNDS, QUICK_ROUNDS)
    hangs = {"default": {"hangs": "headers"}}
    async with answering(bench.folder, hangs) as url, crm_server() as crm:
        crm.accounts = [ACME | {"id": _room(n, True)} for n in range(rounds)]
        crm.default = Reply(hangs="headers")
        hanging = model_profile(url, crm=section(crm.url))
        async with talking(bench, playbook, default={}, hanging=hanging) as live:
            for number in range(rounds):
                for side, is_troubled in ((calm, False), (troubled, True)):
                    bench.say(
                        f"round {number + 1} of {rounds}, {'troubled' if is_troubled else 'calm'}"
                    )
                    await _round(bench, live, words, side, _room(number, is_troubled))
        asked = len(crm.asked)
    return _figure(calm, troubled, asked)


def _playbook(folder: Path, words: list[str]) -> Path:
    """Write our playbook with a moment more for each word, and no nag budget."""
    ours = write_ours_without_limits(folder / "playbook")
    for path in (write_trigger_playbook(folder / "triggers", words) / "moments").iterdir():
        shutil.copy(path, ours / "moments")
    return ours


def _room(number: int, is_troubled: bool) -> str:
    return f"{'hanging' if is_troubled else 'calm'}-{number}"


async def _round(bench: Bench, live: Calls, words: list[str], side: Side, room: str) -> None:
    """Run one call and add what it took."""
    is_troubled = room.startswith("hanging")
    async with acting("presenter", bench.folder) as rep:
        await rep.until("ready")
        token = live.world.livekit.token(rep_of(room), room)
        about = {"shares": is_troubled, "slide_seconds": SLIDE_SECONDS}
        await rep.order("join", url=live.world.livekit.url, token=token, **about)
        await rep.until("joined")
        job: Fields = {"providers": "hanging", "account": {"id": room}} if is_troubled else {}
        talk = await live.open(room, has_panel=False, **job)
        sent = await _speak(talk, words, random.Random(room))
        await asyncio.sleep(SETTLE_SECONDS)
        await live.close(room)
        _add(side, live.trace(room), sent, rep)


async def _speak(talk: Talk, words: list[str], chance: random.Random) -> dict[str, list[float]]:
    """Say partials that each end with a trigger word. Return when each was reported."""
    triggers = itertools.cycle(chance.sample(words, len(words)))
    sent: dict[str, list[float]] = {}
    ends_at = time.monotonic() + ROUND_SECONDS
    while time.monotonic() < ends_at:
        said = ""
        for said, word in _partials(triggers, chance):
            sent.setdefault(word, []).append(await talk.says(said, is_final=False))
            await asyncio.sleep(PARTIAL_SECONDS)
        await talk.says(said)  # so long a turn is asked about, whatever was asked before
        await asyncio.sleep(PAUSE_SECONDS)
    return sent


def _partials(triggers: Iterator[str], chance: random.Random) -> Iterator[tuple[str, str]]:
    """Yield a growing utterance, each time with its newest word: a trigger."""
    ordinary = itertools.cycle(chance.choice(quiet_statements()).split())
    said: list[str] = []
    for _, word in zip(range(PARTIALS), triggers, strict=False):
        said += [next(ordinary), word]
        yield " ".join(said), word


def _add(side: Side, trace: list[Fields], sent: dict[str, list[float]], rep: Actor) -> None:
    lookups = [t for t in of_type(trace, "tool") if t["name"] == ACCOUNT_CONTEXT.name]
    given_up_ms = lookups[0]["at_ms"] if lookups else 0
    for line in of_type(trace, "decision"):
        if line["outcome"] != "delivered" or line["moment"] not in sent:
            continue
        if line["nudge"]["created_ms"] != line["at_ms"]:
            continue  # it waited for the one before
        side.inside.append(line["spent_us"] / 1_000)
        if line["at_ms"] < given_up_ms:
            side.while_crm_hangs.append(line["spent_us"] / 1_000)
    for nudge in rep.of("nudge"):
        before = [at for at in sent.get(nudge["moment"], ()) if at <= nudge["at"]]
        side.outside += [(nudge["at"] - before[-1]) * 1_000] if before else []
    side.frames += len(of_type(trace, "screen"))
    side.questions += len(of_type(trace, "advisor"))
    side.lookups += sum(not each["ok"] for each in lookups)


def _figure(calm: Side, troubled: Side, crm_requests: int) -> Figure:
    without = Measure("  without any of it", "ms", tuple(calm.inside))
    with_all = Measure("event in → transport", "ms", tuple(troubled.inside))
    base = without.number(Of.P99)
    allowed = max(FACTOR * base, base + MORE_MS)
    share = with_all.number(Of.P99) / allowed
    return Figure(
        "hanging",
        TITLE,
        (
            with_all,
            Measure("  while the CRM hangs, too", "ms", tuple(troubled.while_crm_hangs)),
            without,
            Measure.one(
                f"p99 over what is allowed, {allowed:.1f} ms",
                "×",
                share,
                Goal(Of.VALUE, 1),
                size=len(troubled.inside),
            ),
            Measure("recogniser's report → rep", "ms", tuple(troubled.outside)),
            Measure("  without any of it", "ms", tuple(calm.outside)),
        ),
        (
            "Real server and worker, calm and troubled calls in turns; a partial each 0.1 s with a "
            "trigger word more. Event in → transport: the worker's own measure of each decision, "
            "from the event's arrival to the nudge's sender.",
            f"In the troubled calls the model hung ({troubled.questions} questions were given up, "
            f"the others overtaken), {troubled.frames} frames of a Full HD share were kept, and "
            f"{crm_requests} requests to the CRM hung: {troubled.lookups} lookups, each given up "
            "after 4 s, so that all three trouble the first 4 s of a call.",
        ),
    )
