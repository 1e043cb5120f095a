"""Which model answers a question: the first of a chain that does, within the deadline."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TypeVar

from coach.adapters.models.client import Limits, ModelClient
from coach.adapters.models.failures import NONSENSE, TIMEOUT, AttemptFailed
from coach.application.ports import AdvisorFailed

T = TypeVar("T")

Ask = Callable[[ModelClient, Limits], AsyncGenerator[T, None]]
"""Puts the question to one model. Raises `AttemptFailed`."""
Notice = Callable[[str, bool], None]
"""Told (served by, True) when another model serves than before or one serves again, and
(served by, False) when none can. Must not block."""

SHORTEST_SECONDS = 0.3
"""With less than this left no answer can come: nothing is asked."""
FIRST_TOKEN_SHARE = 0.5
"""Of the time left, for a model's first token, while another model could still be asked."""
FAIR_SECONDS = 0.5
"""A timeout after less than this says nothing about the endpoint."""

_log = logging.getLogger(__name__)


class Chain:
    """Models in order of preference, and which of them serves."""

    def __init__(self, clients: Sequence[ModelClient], notice: Notice) -> None:
        """Begin as served by the first of the models, of which there is at least one."""
        self._clients, self._notice = tuple(clients), notice
        self._serving = self._clients[0]
        self._is_up = True

    async def run(self, ask: Ask[T], until: float) -> AsyncGenerator[T, None]:
        """Yield the answer of the first model that gives one.

        Once a part of an answer is out it is that model's: nobody else is asked. One retry in
        all, of the last model that may be asked.

        Raises:
            AdvisorFailed: no usable answer.
        """
        waiting, code, may_retry = list(self._clients), "", True
        while waiting and until - _now() >= SHORTEST_SECONDS:
            client = waiting[0]
            if refusal := client.breaker.refusal(_now()):
                code = code or refusal
                waiting.pop(0)
                continue
            has_other = any(other.breaker.refusal(_now()) is None for other in waiting[1:])
            has_begun = False
            try:
                async with contextlib.aclosing(self._try(client, ask, until, has_other)) as answers:
                    async for answer in answers:
                        has_begun = True
                        yield answer
                return
            except AttemptFailed as caught:
                failure = caught
            code = failure.code
            if has_begun:
                break
            pause = failure.again_seconds
            if may_retry and pause is not None and not has_other:
                may_retry = False
                if until - _now() - pause < SHORTEST_SECONDS:
                    break
                await asyncio.sleep(pause)
            else:
                waiting.pop(0)
        raise AdvisorFailed(code or TIMEOUT)

    def connect_ahead(self) -> None:
        """Connect to the model that is asked first. What comes of it, the first question shows."""
        self._clients[0].connect_ahead()

    async def aclose(self) -> None:
        """Close the connections. Safe to call twice."""
        for client in self._clients:
            await client.aclose()

    async def _try(
        self, client: ModelClient, ask: Ask[T], until: float, has_other: bool
    ) -> AsyncGenerator[T, None]:
        """Put the question to one model, and keep its breaker's account."""
        attempt, begun_at, has_answered = client.breaker.begin(), _now(), False
        share = FIRST_TOKEN_SHARE if has_other else 1.0
        limits = Limits(begun_at + share * (until - begun_at), until)
        try:
            async with contextlib.aclosing(ask(client, limits)) as answers:
                async for answer in answers:
                    has_answered = True
                    yield answer
            attempt.succeeded(_now())
            self._serves(client)
        except AttemptFailed as failure:
            is_fair = failure.code != TIMEOUT or _now() - begun_at >= FAIR_SECONDS
            if failure.is_its_fault and is_fair:
                attempt.failed(_now())
                self._look_whether_down(client)
            elif failure.code == NONSENSE:
                attempt.succeeded(_now())
            raise
        finally:  # the first end counts; this one is for a question that was overtaken
            (attempt.succeeded if has_answered else attempt.abandoned)(_now())

    def _serves(self, client: ModelClient) -> None:
        if self._is_up and self._serving is client:
            return
        self._is_up, self._serving = True, client
        _log.info("advisor served by", extra={"served_by": client.served_by})
        self._notice(client.served_by, True)

    def _look_whether_down(self, client: ModelClient) -> None:
        if not self._is_up or any(each.breaker.is_closed for each in self._clients):
            return
        self._is_up = False
        _log.warning("advisor down: no model can be asked", extra={"last": client.served_by})
        self._notice(client.served_by, False)


def _now() -> float:
    return asyncio.get_running_loop().time()
