"""The tools that the model may ask for. Nothing is run here.

The docstrings are instructions to the model: what comes back, and when to ask. Account and rep
are bound by the call and are no arguments. A tool's name and arguments come from a model that has
read strangers' words: they are checked against the form, in all else they are text.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from livekit.agents.llm import FunctionTool, FunctionToolCall, function_tool
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from coach.adapters.models.failures import nonsense
from coach.domain.advice import ToolCall

MOST_CALLS = 4
"""In one answer; whoever wants more has lost the thread."""


@function_tool
async def get_battlecard(competitor: str) -> None:
    """Returns our prepared answers to one competitor.

    Use when the prospect compares us with a named competitor and the Playbook text lacks it.
    """


@function_tool
async def get_account_context() -> None:
    """Returns this account's open deals, past notes and renewal date.

    Use when the account's history matters and is not in the text.
    """


@function_tool
async def check_discount_authority(percent: float) -> None:
    """Returns whether the rep may give this discount, or who approves it.

    Use whenever a discount in percent is asked for or offered.
    """


@function_tool
async def log_outcome(outcome: str, next_step: str) -> None:
    """Proposes a note for the account; the rep decides. Returns nothing.

    Use once, when both sides agreed on an outcome; next_step may be empty.
    """


TOOLS: Final[Sequence[FunctionTool[..., Any]]] = (
    get_battlecard,
    get_account_context,
    check_discount_authority,
    log_outcome,
)

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_Rest = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class _Arguments(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Battlecard(_Arguments):
    competitor: _Text


class _Discount(_Arguments):
    percent: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class _Outcome(_Arguments):
    outcome: _Text
    next_step: _Rest


ARGUMENTS: Final[dict[str, type[BaseModel]]] = {
    "get_battlecard": _Battlecard,
    "get_account_context": _Arguments,
    "check_discount_authority": _Discount,
    "log_outcome": _Outcome,
}


def checked_calls(calls: Sequence[FunctionToolCall]) -> tuple[ToolCall, ...]:
    """Return what the model wants to have looked up, each call once.

    Raises:
        AttemptFailed: a tool or an argument that does not exist, or of the wrong form.
    """
    if len(calls) > MOST_CALLS:
        raise nonsense()
    return tuple(dict.fromkeys(_checked(call) for call in calls))


def _checked(call: FunctionToolCall) -> ToolCall:
    form = ARGUMENTS.get(call.name)
    if form is None:
        raise nonsense()
    try:
        fields = form.model_validate_json(call.arguments or "{}")
    except ValidationError:
        raise nonsense() from None
    return ToolCall(call.name, tuple(sorted(fields.model_dump().items())))
