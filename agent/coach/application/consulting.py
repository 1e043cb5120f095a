"""Asks the model and runs tools in the background; what they say comes back as events.

Nothing here decides anything: questions are started and stopped as the call says. Every task
belongs to the task group of the call, and none may end it: an adapter that breaks costs its
answer, not the coaching.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine
from typing import Any

from coach.application.ports import Advisor, AdvisorFailed, Clock, EventSink, ToolBox, ToolFailed
from coach.domain.advice import AdviceRequest, Cost, Counsel, ToolCall
from coach.domain.events import AdvisorAnswered, Summarised, ToolReturned

SUMMARY_SECONDS = 15.0
MOST_TOOLS = 8
"""Tools that may run at the same time; one more fails at once."""

_EARLY_MS = 20

_log = logging.getLogger(__name__)
_Key = tuple[str, int, int]


class Consulting:
    """The questions and lookups of one call that are under way."""

    def __init__(
        self, advisor: Advisor | None, tools: ToolBox | None, clock: Clock, post: EventSink
    ) -> None:
        self._advisor, self._tools, self._clock, self._post = advisor, tools, clock, post
        self._group: asyncio.TaskGroup | None = None
        self._questions: dict[_Key, asyncio.Task[None]] = {}
        self._lookups: set[asyncio.Task[None]] = set()
        self._writing: set[asyncio.Task[None]] = set()  # those of them that the rep approved

    def start(self, tasks: asyncio.TaskGroup) -> None:
        """Let the group own what is started from now on."""
        self._group = tasks

    def ask(self, request: AdviceRequest, image: bytes | None) -> None:
        """Put a question to the model."""
        key = ("question", request.turn_at_ms, request.round)
        self._begin(key, self._question(request, image))

    def cancel(self, turn_at_ms: int, round: int) -> None:
        """Stop the answer to a question: its tokens are not wanted."""
        task = self._questions.pop(("question", turn_at_ms, round), None)
        if task is not None:
            task.cancel()

    def summarise(self, text: str) -> None:
        """Have what was said condensed."""
        self._begin(("summary", self._clock.now_ms(), 0), self._summary(text))

    def run_tool(self, call: ToolCall, *, is_approved: bool) -> None:
        """Run a tool."""
        if self._group is None:
            return
        if self._tools is None or len(self._lookups) >= MOST_TOOLS:
            self._post(ToolReturned(call, is_ok=False, result="", error="full"))
            return
        lookup = self._lookup(self._tools, call, is_approved)
        task = self._group.create_task(lookup, name="coach.consulting.tool")
        for kept in (self._lookups, self._writing) if is_approved else (self._lookups,):
            kept.add(task)
            task.add_done_callback(kept.discard)

    def stop(self) -> None:
        """The call is over. A write that the rep approved goes on to its deadline."""
        self._cancel(self._lookups - self._writing)

    def forget(self) -> None:
        """What was said must be forgotten: nothing of it may leave any more, approved or not."""
        self._cancel(self._lookups)

    def _cancel(self, lookups: set[asyncio.Task[None]]) -> None:
        for task in [*self._questions.values(), *lookups]:
            task.cancel()
        self._questions.clear()

    def _begin(self, key: _Key, work: Coroutine[Any, Any, None]) -> None:
        if self._group is None:
            work.close()
            return
        task = self._group.create_task(work, name=f"coach.consulting.{key[0]}")
        self._questions[key] = task
        task.add_done_callback(lambda done: self._over(key, done))

    def _over(self, key: _Key, task: asyncio.Task[None]) -> None:
        if self._questions.get(key) is task:
            del self._questions[key]

    async def _question(self, request: AdviceRequest, image: bytes | None) -> None:
        def answered(
            counsel: Counsel | None, error: str | None = None, cost: Cost | None = None
        ) -> None:
            event = AdvisorAnswered(request.turn_at_ms, request.round, counsel, error, cost)
            self._post(event)

        # A little before the call itself gives up, so that the failure has a name and a count.
        left_ms = request.deadline_ms - self._clock.now_ms() - _EARLY_MS
        seconds = max(0.0, left_ms / 1000)
        try:
            if self._advisor is None:
                raise AdvisorFailed("refused")
            answers = self._advisor.ask(request, image, seconds)
            async with contextlib.aclosing(answers):
                async for counsel, cost in answers:
                    answered(counsel, cost=cost)
        except AdvisorFailed as error:
            answered(None, error.code)
        except Exception as error:  # an adapter that breaks must not end the call
            _log.error("advisor broke", extra={"error_type": type(error).__name__})
            answered(None, "broken")

    async def _summary(self, text: str) -> None:
        shorter = ""
        try:
            if self._advisor is not None:
                shorter = await self._advisor.summarise(text, SUMMARY_SECONDS)
        except AdvisorFailed:
            pass  # told by rule instead
        except Exception as error:  # as above
            _log.error("summary broke", extra={"error_type": type(error).__name__})
        self._post(Summarised(shorter))

    async def _lookup(self, tools: ToolBox, call: ToolCall, is_approved: bool) -> None:
        started = time.monotonic()
        result, failed = "", None
        try:
            result = await tools.run(call, is_approved=is_approved)
        except ToolFailed as error:
            failed = error.code
            _log.info("tool failed", extra={"tool": call.name, "code": failed})
        except Exception as error:  # as above
            failed = "broken"
            _log.error("tool broke", extra={"error_type": type(error).__name__})
        spent_ms = round((time.monotonic() - started) * 1000)
        self._post(ToolReturned(call, failed is None, result, spent_ms, failed))
