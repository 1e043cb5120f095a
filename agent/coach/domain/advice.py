"""What the advisor is asked on a completed turn, and what it answers. Values only."""

from dataclasses import dataclass
from typing import Any

PROMPT_VERSION = "2026-11-1"
"""Named in receipts and traces; raised with every change of the prompt's text or order."""


@dataclass(frozen=True, slots=True)
class AdviceRequest:
    """One question to the model. Its text holds speech: it never enters a log or an exception."""

    turn_at_ms: int
    """Time of the turn that caused it, on the call's clock; names the request."""
    round: int
    """1 for the first question about a turn, 2 and 3 for those after its tools."""
    deadline_ms: int
    """On the call's clock: a headline that is not complete by then is not wanted."""
    stable: str
    """System message: the same bytes for the whole call, so that a provider's cache works."""
    fresh: str
    """User message: summary, passages, tool results, screen text, newest words; quoted data."""
    moments: tuple[str, ...]
    """Ids of the tenant's taxonomy; the model answers one of them or `nothing`."""
    stages: tuple[str, ...]
    """Ids of the playbook's stages."""
    may_use_tools: bool
    image: str | None = None
    """Name of the sampled frame to attach; the shell holds its bytes."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool the model wants. Account and rep are never among the arguments."""

    name: str
    arguments: tuple[tuple[str, Any], ...] = ()
    """By name, in order of name, so that equal calls are equal; values are JSON scalars."""


@dataclass(frozen=True, slots=True)
class Cost:
    """How long an answer took and what it cost, for receipts and meters."""

    served_by: str
    """`<profile>/<model>` that answered."""
    first_token_ms: int
    """Real milliseconds from sending the request to the first token of the answer."""
    total_ms: int
    """The same to the end of what this answer holds."""
    tokens_in: int = 0
    tokens_out: int = 0
    vision_tokens: int = 0
    """Part of `tokens_in` that pictures took, as estimated."""


@dataclass(frozen=True, slots=True)
class Counsel:
    """The model's answer, as it was written: unchecked.

    Reported twice for a moment: when its headline is complete (`is_final` false; what stands
    after the headline is still missing), and at its end. `nothing` is reported once.
    """

    moment: str | None
    """None: nothing worth an interruption."""
    confidence: float = 0.0
    """0 to 1."""
    headline: str = ""
    utterance: int | None = None
    """Number of the utterance, as in the request, that holds the evidence."""
    words: str = ""
    """The evidence, claimed to stand verbatim in that utterance."""
    detail: str = ""
    say: str | None = None
    stage: str | None = None
    """The stage the model takes the call to be in."""
    tools: tuple[ToolCall, ...] = ()
    is_final: bool = True
