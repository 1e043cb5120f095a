"""A nudge as the rep's client gets it, and what it rests on."""

from dataclasses import dataclass
from enum import StrEnum

from coach.domain.playbook import Kind, Speaker


class Path(StrEnum):
    """Which engine a nudge came from."""

    TRIGGER = "trigger"
    ADVISOR = "advisor"
    PASSAGE = "passage"
    STAGE = "stage"
    SCREEN = "screen"
    PACE = "pace"
    TOOL = "tool"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What in the call caused a moment."""

    speaker: Speaker
    identity: str
    start_ms: int
    end_ms: int
    quote: str | None = None
    """The words, where words caused it."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the advice was written."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something that is written only with the rep's yes."""

    id: str
    text: str
    """Exactly what will be written."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What stood behind a nudge besides words and rule. Goes into its receipt."""

    prompt: str | None = None
    served_by: str | None = None
    first_token_ms: int | None = None
    total_ms: int | None = None
    passages: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Nudge:
    """One short hint for the rep (contracts 3)."""

    id: str
    moment: str
    kind: Kind
    path: Path
    headline: str
    detail: str
    say: str | None
    source: Source | None
    evidence: Evidence | None
    priority: int
    created_ms: int
    expires_in_ms: int
    relevant_ms: int
    rev: int = 0
    is_final: bool = True
    proposal: Proposal | None = None

    @property
    def expires_ms(self) -> int:
        """The last moment at which it may still be shown, on the call's clock."""
        return self.created_ms + self.expires_in_ms
