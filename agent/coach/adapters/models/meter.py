"""What questions to models take and cost: answered, broken off or called back alike.

An endpoint bills what it was sent from the moment it begins to answer, whatever becomes of the
answer. What it refused with an error's status it does not bill, nor what never reached it.
"""

import contextlib
import time
from collections.abc import Iterator

from livekit.agents import llm

from coach.adapters.models.client import Question
from coach.adapters.models.failures import NONSENSE, TIMEOUT, AttemptFailed
from coach.adapters.models.pictures import picture_tokens
from coach.domain.advice import Cost
from coach.domain.prompting import OVERHEAD_TOKENS
from coach.domain.tokens import tokens

_SENT = (TIMEOUT, NONSENSE)
"""Failures of a question that the endpoint has, though nothing of an answer may have come."""


class Spent:
    """The tokens of one call, all its models together."""

    def __init__(self) -> None:
        self.text_tokens = 0
        self.vision_tokens = 0

    @contextlib.contextmanager
    def metered(self, served_by: str, question: Question) -> Iterator["Meter"]:
        """Meter one question to one model, and count it however it ends."""
        meter, is_owed = Meter(served_by, question), True
        try:
            yield meter
        except AttemptFailed as failure:
            is_owed = meter.has_begun or failure.code in _SENT
            raise
        finally:
            if is_owed:
                cost = meter.cost()
                self.vision_tokens += cost.vision_tokens
                self.text_tokens += cost.tokens_in - cost.vision_tokens + cost.tokens_out


class Meter:
    """Times one answer and keeps what it cost."""

    def __init__(self, served_by: str, question: Question) -> None:
        """Begin when the question is sent.

        Args:
            served_by: how receipts and traces name the model.
            question: what it is asked.
        """
        self._served_by, self._question = served_by, question
        self._sent_at = time.monotonic()
        self._first_ms: int | None = None
        self._usage: llm.CompletionUsage | None = None
        self._told = ""

    @property
    def has_begun(self) -> bool:
        """Whether anything of an answer has come."""
        return self._first_ms is not None or self._usage is not None

    def take(self, chunk: llm.ChatChunk) -> None:
        """Look at a piece of the answer."""
        self._usage = chunk.usage or self._usage
        self._told += (chunk.delta.content if chunk.delta else None) or ""
        if self._first_ms is None and chunk.has_response():
            self._first_ms = self._elapsed_ms()

    def cost(self) -> Cost:
        """Return what it cost up to now: as the endpoint tells, at its end; till then estimated."""
        total_ms, usage, jpeg = self._elapsed_ms(), self._usage, self._question.jpeg
        seen = picture_tokens(jpeg) if jpeg is not None else 0
        tokens_in = usage.prompt_tokens if usage else self._estimated_in() + seen
        return Cost(
            served_by=self._served_by,
            first_token_ms=total_ms if self._first_ms is None else self._first_ms,
            total_ms=total_ms,
            tokens_in=tokens_in,
            tokens_out=usage.completion_tokens if usage else tokens(self._told),
            vision_tokens=min(seen, tokens_in),
        )

    def _estimated_in(self) -> int:
        overhead = OVERHEAD_TOKENS if self._question.has_form else 0
        return tokens(self._question.system) + tokens(self._question.user) + overhead

    def _elapsed_ms(self) -> int:
        return round((time.monotonic() - self._sent_at) * 1_000)
