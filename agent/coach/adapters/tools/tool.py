"""What a tool is: what the model is told of it, the form of its arguments, and what it does.

A tool's function bears its name and its docstring, which is an instruction to the model: what
comes back, and when to ask. It is never run.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from livekit.agents.llm import FunctionTool
from pydantic import BaseModel, ConfigDict, StringConstraints

from coach.adapters.crm.dossiers import Dossiers
from coach.domain.job import Job
from coach.domain.playbook import Playbook

MOST_CHARACTERS = 200
Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_CHARACTERS)
]
Rest = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_CHARACTERS)]
"""A text that may be empty."""


class Arguments(BaseModel):
    """The form of a tool's arguments: they come from a model that has read strangers' words."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


Form = TypeVar("Form", bound=Arguments)


@dataclass(frozen=True, slots=True)
class Bound:
    """What a call's tools are bound to, and what is therefore no argument."""

    job: Job
    playbook: Playbook
    dossiers: Dossiers
    """Of the job's account."""


@dataclass(frozen=True, slots=True)
class Tool(Generic[Form]):
    """One tool."""

    told: FunctionTool[..., Any]
    form: type[Form]
    run: Callable[[Bound, Form], Awaitable[str]]
    """Returns what was found, as text for the model. Raises `ToolFailed` or `CrmError`."""
    seconds: float
    """Its deadline."""
    needs_approval: bool = False
    """Whether it writes, and so waits for the rep's yes."""

    @property
    def name(self) -> str:
        """By which the model asks for it."""
        return self.told.info.name
