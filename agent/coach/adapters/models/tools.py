"""Reads which tools the model asks for. Nothing is run here.

A tool's name and arguments come from a model that has read strangers' words: they are checked
against the form, in all else they are text.
"""

from collections.abc import Sequence
from typing import Any, Final

from livekit.agents.llm import FunctionTool, FunctionToolCall, RawFunctionTool, function_tool
from livekit.agents.llm.utils import build_strict_openai_schema
from pydantic import ValidationError

from coach.adapters.models.failures import nonsense
from coach.adapters.tools.registry import TOOLS
from coach.domain.advice import ToolCall

MOST_CALLS = 4
"""In one answer; whoever wants more has lost the thread."""


def _described(tool: FunctionTool[..., Any]) -> RawFunctionTool[..., Any]:
    """Return a tool with its description: the plugin would work it out for each question anew."""
    return function_tool(tool, raw_schema=build_strict_openai_schema(tool)["function"])


TOLD: Final[Sequence[RawFunctionTool[..., Any]]] = tuple(
    _described(tool.told) for tool in TOOLS.values()
)
"""What the model is told of."""


def checked_calls(calls: Sequence[FunctionToolCall]) -> tuple[ToolCall, ...]:
    """Return what the model wants to have looked up, each call once.

    Raises:
        AttemptFailed: a tool or an argument that does not exist, or of the wrong form.
    """
    if len(calls) > MOST_CALLS:
        raise nonsense()
    return tuple(dict.fromkeys(_checked(call) for call in calls))


def _checked(call: FunctionToolCall) -> ToolCall:
    tool = TOOLS.get(call.name)
    if tool is None:
        raise nonsense()
    try:
        fields = tool.form.model_validate_json(call.arguments or "{}")
    except ValidationError:
        raise nonsense() from None
    return ToolCall(call.name, tuple(sorted(fields.model_dump().items())))
