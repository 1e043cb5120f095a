"""Twenty-five calls in one loop with the real engines: each decides as it does alone."""

import asyncio
import random
from pathlib import Path

import pytest

from coach import engines
from coach.application.call import CallSession, Outside
from coach.domain.call import Call
from coach.domain.events import (
    Control,
    ControlAction,
    ParticipantChanged,
    Transcript,
    TurnCompleted,
)
from coach.domain.knowledge import Abilities, Knowledge
from coach.domain.playbook import Speaker, When
from fakes.clock import LoopClock
from fakes.panel import Reply, ScriptedPanel
from fakes.room import RecordingRoom
from fakes.scene import REP, job
from fakes.trace import RecordingTrace
from fakes.virtual_time import in_virtual_time

CALLS, SENTENCES = 25, 8
PAUSE_SECONDS = 45.0
"""Between two sentences: longer than the gap that the nag budget wants between two hints."""
WORD_SECONDS = 0.4
Shown = list[tuple[int, str, str | None]]
"""Of each nudge: when it was made, in milliseconds, its moment, and its quote."""


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return engines.build(Path(__file__).parents[2] / "playbook")


def sentences(knowledge: Knowledge, chance: random.Random) -> list[str]:
    """Return an example of each of some moments, in an order of this call's own."""
    spoken = [
        moment
        for moment in knowledge.playbook.moments.values()
        if moment.when is When.WORDS and moment.speaker is Speaker.PROSPECT and moment.examples
    ]
    return [chance.choice(moment.examples) for moment in chance.sample(spoken, SENTENCES)]


async def coach(number: int, knowledge: Knowledge) -> Shown:
    """Run one call, whose prospect has a name of its own. Return what its rep was shown."""
    chance, clock, buyer = random.Random(number), LoopClock(), f"buyer-{number}"
    panel, trace = ScriptedPanel(), RecordingTrace()
    panel.replies.extend(Reply(after_seconds=chance.uniform(0.01, 0.4)) for _ in range(99))
    call = Call(
        job=job(call_id=f"c-{number}"),
        knowledge=knowledge,
        abilities=Abilities(are_turns_given=True),
        run="r-1",
    )
    session = CallSession(call, Outside(RecordingRoom(), panel, trace), clock)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(session.run())
        session.post(ParticipantChanged(REP, Speaker.REP, True, True))
        session.post(ParticipantChanged(buyer, Speaker.PROSPECT, True, True))
        for text in sentences(knowledge, chance):
            await asyncio.sleep(PAUSE_SECONDS)
            await _say(session, buyer, text, clock.now_ms())
        await asyncio.sleep(PAUSE_SECONDS)
        session.post(Control(ControlAction.STOP))
    assert {nudge.evidence.identity for nudge in panel.nudges if nudge.evidence} <= {buyer, ""}
    return [
        (nudge.created_ms, nudge.moment, nudge.evidence.quote if nudge.evidence else None)
        for nudge in panel.nudges
    ]


async def _say(session: CallSession, buyer: str, text: str, start_ms: int) -> None:
    """Let partials come word by word, then the final and the end of the turn."""
    words = text.split()
    for count in range(1, len(words) + 1):
        await asyncio.sleep(WORD_SECONDS)
        partial = Transcript(
            buyer, Speaker.PROSPECT, " ".join(words[:count]), count == len(words), start_ms
        )
        session.post(partial)
    await asyncio.sleep(0.6)
    session.post(TurnCompleted(buyer, Speaker.PROSPECT))


@in_virtual_time
async def test_each_of_many_calls_decides_as_it_does_alone(knowledge: Knowledge) -> None:
    together = await asyncio.gather(*(coach(number, knowledge) for number in range(CALLS)))
    alone = [await coach(number, knowledge) for number in range(CALLS)]

    assert list(together) == alone
    assert all(len(shown) >= 3 for shown in together)
