"""What the model may ask to have looked up."""

import json
from typing import Any

import pytest
from livekit.agents.llm import FunctionToolCall, ToolContext

from coach.adapters.models.failures import AttemptFailed
from coach.adapters.models.tools import TOLD, checked_calls
from coach.adapters.tools.registry import TOOLS
from coach.domain.advice import ToolCall


def call(name: str, arguments: Any = None) -> FunctionToolCall:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    return FunctionToolCall(name=name, arguments=text, call_id="1")


def sent() -> dict[str, dict[str, Any]]:
    """Return what the model is told of each tool."""
    tools = ToolContext(list(TOLD)).parse_function_tools("openai", strict=True)
    return {tool["function"]["name"]: tool["function"] for tool in tools}


def test_what_is_told_and_what_is_checked_are_the_same_arguments() -> None:
    told = {name: set(tool["parameters"]["properties"]) for name, tool in sent().items()}

    assert told == {name: set(tool.form.model_fields) for name, tool in TOOLS.items()}


def test_account_and_rep_are_no_arguments() -> None:
    names = {name for tool in sent().values() for name in tool["parameters"]["properties"]}

    assert names == {"competitor", "percent", "outcome", "next_step"}


def test_each_tool_says_what_comes_back_and_when_to_ask() -> None:
    for tool in sent().values():
        assert "Use " in tool["description"]
        assert "eturns" in tool["description"]


def test_tools_and_form_take_few_tokens() -> None:
    """The prompt counts on it: see `coach.domain.prompting.OVERHEAD_TOKENS`."""
    characters = len(json.dumps(list(sent().values())))

    assert characters / 4.2 < 400


def test_calls_are_read() -> None:
    calls = [
        call("get_battlecard", {"competitor": "  Rival "}),
        call("get_account_context", ""),
        call("check_discount_authority", {"percent": 12}),
        call("log_outcome", {"outcome": "Pilot agreed", "next_step": ""}),
    ]

    assert checked_calls(calls) == (
        ToolCall("get_battlecard", (("competitor", "Rival"),)),
        ToolCall("get_account_context"),
        ToolCall("check_discount_authority", (("percent", 12.0),)),
        ToolCall("log_outcome", (("next_step", ""), ("outcome", "Pilot agreed"))),
    )


def test_the_same_call_twice_is_one() -> None:
    twice = [call("get_battlecard", {"competitor": "Rival"})] * 2

    assert len(checked_calls(twice)) == 1


@pytest.mark.parametrize(
    "bad",
    [
        call("drop_tables"),
        call("get_account_context", {"account": "other"}),
        call("get_battlecard"),
        call("get_battlecard", {"competitor": ""}),
        call("get_battlecard", {"competitor": "x" * 201}),
        call("get_battlecard", {"competitor": ["Rival"]}),
        call("get_battlecard", {"competitor": "Rival", "account": "other"}),
        call("get_battlecard", '{"competitor": "Ri'),
        call("get_battlecard", '"Rival"'),
        call("check_discount_authority", {"percent": "all"}),
        call("check_discount_authority", {"percent": 101}),
        call("check_discount_authority", {"percent": -1}),
        call("check_discount_authority", '{"percent": NaN}'),
        call("check_discount_authority", {"percent": True}),
        call("log_outcome", {"outcome": "Pilot"}),
    ],
)
def test_another_form_is_nonsense(bad: FunctionToolCall) -> None:
    with pytest.raises(AttemptFailed, match="nonsense"):
        checked_calls([bad])


def test_too_many_calls_are_nonsense() -> None:
    calls = [call("get_battlecard", {"competitor": f"Rival {n}"}) for n in range(5)]

    with pytest.raises(AttemptFailed, match="nonsense"):
        checked_calls(calls)
