"""A turn that is looked up: its decision goes on without a slow tool, which may still be told."""

from dataclasses import dataclass

from coach.domain.advice import ToolCall
from coach.domain.backpressure import HEADLINE_MS, LEAST_LEFT_MS
from coach.domain.questioning import Question

CLOSES_MS = 8_000
"""A topic that a slow tool was asked about is closed after this, if nothing closed it before."""


@dataclass(slots=True)
class Topic:
    """A turn about which tools are looking something up."""

    question: Question
    calls: frozenset[ToolCall]
    turn_at_ms: int
    rounds: int = 1
    """How often the model was asked about it."""
    has_news: bool = False
    """Whether a result came while the model was being asked without it."""

    @property
    def goes_on_ms(self) -> int | None:
        """When the decision goes on without the tools; None: it has."""
        return self.turn_at_ms + HEADLINE_MS - LEAST_LEFT_MS if self.rounds == 1 else None

    def is_open(self, at_ms: int) -> bool:
        """Whether a result is still worth a question."""
        return at_ms <= self.turn_at_ms + CLOSES_MS
