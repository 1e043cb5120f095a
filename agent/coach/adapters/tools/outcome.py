"""Writes down what a call came to: the one tool that writes, with the rep's yes."""

from typing import Final

from livekit.agents.llm import function_tool

from coach.adapters.crm.port import Outcome
from coach.adapters.tools.tool import Arguments, Bound, Rest, Text, Tool

LOGGED_TEXT: Final = "The outcome is logged."


@function_tool
async def log_outcome(outcome: str, next_step: str) -> None:
    """Proposes a note for the account; the rep decides. Returns nothing.

    Use once, when both sides agreed on an outcome; next_step may be empty.
    """


class _Form(Arguments):
    outcome: Text
    next_step: Rest


async def _run(bound: Bound, form: _Form) -> str:
    job = bound.job
    outcome = Outcome(job.call_id, job.rep.identity, form.outcome, form.next_step)
    await bound.dossiers.log_outcome(outcome)
    return LOGGED_TEXT


OUTCOME = Tool(log_outcome, _Form, _run, seconds=5.0, needs_approval=True)
