"""What is known of the call's account."""

from livekit.agents.llm import function_tool

from coach.adapters.tools.tool import Arguments, Bound, Tool
from coach.application.ports import ToolFailed


@function_tool
async def get_account_context() -> None:
    """Returns this account's open deals, past notes and renewal date.

    Use when the account's history matters and is not in the text.
    """


async def _run(bound: Bound, _: Arguments) -> str:
    if dossier := await bound.dossiers.get():
        return dossier
    raise ToolFailed("not_found")


ACCOUNT_CONTEXT = Tool(get_account_context, Arguments, _run, seconds=4.0)
