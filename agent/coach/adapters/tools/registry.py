"""All tools. A new one is a file beside this one, and its name here."""

from collections.abc import Mapping
from typing import Any, Final

from coach.adapters.tools.account import ACCOUNT_CONTEXT
from coach.adapters.tools.authority import DISCOUNT_AUTHORITY
from coach.adapters.tools.battlecards import BATTLECARD
from coach.adapters.tools.outcome import OUTCOME
from coach.adapters.tools.tool import Tool

TOOLS: Final[Mapping[str, Tool[Any]]] = {
    tool.name: tool for tool in (BATTLECARD, ACCOUNT_CONTEXT, DISCOUNT_AUTHORITY, OUTCOME)
}
"""By name, in the order in which the model is told of them."""
