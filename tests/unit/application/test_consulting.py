"""What is under way when a call ends, and when what was said must be forgotten."""

import asyncio

import pytest

from coach.application.consulting import Consulting
from coach.domain.advice import ToolCall
from coach.domain.events import Event, ToolReturned
from coach.domain.tools import LOG_OUTCOME
from fakes.advisor import ScriptedTools
from fakes.clock import LoopClock
from fakes.virtual_time import in_virtual_time

NOTE = ToolCall(LOG_OUTCOME, (("outcome", "they agreed to a pilot"),))
LOOKUP = ToolCall("get_battlecard", (("competitor", "Route King"),))


@in_virtual_time
async def test_a_write_that_the_rep_approved_outlives_the_call_and_a_lookup_does_not() -> None:
    posted: list[Event] = []
    async with asyncio.TaskGroup() as tasks:
        consulting = Consulting(None, ScriptedTools(), LoopClock(), posted.append)
        consulting.start(tasks)
        consulting.run_tool(NOTE, is_approved=True)
        consulting.run_tool(LOOKUP, is_approved=False)
        await asyncio.sleep(0.1)

        consulting.stop()

    assert [event.call for event in posted if isinstance(event, ToolReturned)] == [NOTE]


@pytest.mark.parametrize("since_seconds", [0.0, 0.1])
@in_virtual_time
async def test_what_must_be_forgotten_is_not_written_even_if_it_was_approved(
    since_seconds: float,
) -> None:
    posted: list[Event] = []
    tools = ScriptedTools()
    async with asyncio.TaskGroup() as tasks:
        consulting = Consulting(None, tools, LoopClock(), posted.append)
        consulting.start(tasks)
        consulting.run_tool(NOTE, is_approved=True)
        if since_seconds:
            await asyncio.sleep(since_seconds)

        consulting.forget()

    assert posted == []
    assert len(tools.calls) == (1 if since_seconds else 0)  # not begun, or cut off on the way
