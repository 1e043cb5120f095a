"""Twenty-five calls in one loop: nothing lost, nothing doubled, nothing crossed."""

import asyncio
import random

from coach.application.call import CallSession, Outside
from coach.domain.events import Control, ControlAction, ParticipantChanged, Transcript
from coach.domain.playbook import Speaker
from coach.domain.records import Decision, Outcome
from fakes.clock import LoopClock
from fakes.panel import Reply, ScriptedPanel
from fakes.playbooks import moment, playbook
from fakes.room import RecordingRoom
from fakes.scene import BUYER, REP, job, new_call
from fakes.trace import RecordingTrace
from fakes.virtual_time import in_virtual_time

CALLS, SENTENCES = 25, 20
BOOK = playbook(*(moment(f"m{number}", f"topic{number}") for number in range(SENTENCES)))


async def coach(number: int) -> tuple[list[str], ScriptedPanel, RecordingTrace]:
    """Run one call. Return the quotes that its rep should be shown, its panel and its trace."""
    chance = random.Random(number)
    panel, trace, clock = ScriptedPanel(), RecordingTrace(), LoopClock()
    panel.replies.extend(Reply(after_seconds=chance.uniform(0.01, 0.4)) for _ in range(SENTENCES))
    call = new_call(BOOK, job(call_id=f"c-{number}"), turns_given=True)
    session = CallSession(call, Outside(RecordingRoom(), panel, trace), clock)
    expected = []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(session.run())
        session.post(ParticipantChanged(REP, Speaker.REP, True, True))
        for topic in chance.sample(range(SENTENCES), SENTENCES):
            await asyncio.sleep(chance.uniform(0.5, 3))
            start_ms = clock.now_ms()
            words = f"call{number} has topic{topic}".split()
            expected.append(" ".join(words))
            for end in (1, 2, 3):
                text, is_final = " ".join(words[:end]), chance.random() < 0.5 and end == 3
                session.post(Transcript(BUYER, Speaker.PROSPECT, text, is_final, start_ms))
                await asyncio.sleep(0.05)
            session.post(Transcript(BUYER, Speaker.PROSPECT, "", True, start_ms + 1))
        await asyncio.sleep(3)
        session.post(Control(ControlAction.STOP))
    return expected, panel, trace


@in_virtual_time
async def test_every_call_shows_its_own_nudges_once_and_no_others() -> None:
    results = await asyncio.gather(*(coach(number) for number in range(CALLS)))

    ids: list[str] = []
    for expected, panel, trace in results:
        quotes = [nudge.evidence.quote for nudge in panel.nudges if nudge.evidence]
        assert quotes == expected
        delivered = [d for d in trace.decisions if d.outcome is Outcome.DELIVERED]
        assert [d.nudge for d in delivered] == panel.nudges
        assert panel.most_in_flight == 1
        ids += [nudge.id for nudge in panel.nudges]
    assert len(set(ids)) == len(ids) == CALLS * SENTENCES


@in_virtual_time
async def test_a_call_whose_client_hangs_delays_no_other() -> None:
    hanging, well = await asyncio.gather(_slow_call(3_600.0), _slow_call(0.01))

    assert hanging == 1
    assert well == 2


async def _slow_call(answer_seconds: float) -> int:
    panel, trace = ScriptedPanel(), RecordingTrace()
    panel.replies.extend(Reply(after_seconds=answer_seconds) for _ in range(2))
    session = CallSession(new_call(BOOK), Outside(RecordingRoom(), panel, trace), LoopClock())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(session.run())
        session.post(ParticipantChanged(REP, Speaker.REP, True, True))
        for topic in range(2):
            session.post(Transcript(BUYER, Speaker.PROSPECT, f"topic{topic}", True, topic))
            await asyncio.sleep(1)
        session.post(Control(ControlAction.STOP))
    return sum(isinstance(o, Decision) and o.outcome is Outcome.DELIVERED for _, o in trace.outputs)
