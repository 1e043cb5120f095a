"""Questions to a model, as the tests of its adapter put them."""

import contextlib
from collections.abc import Callable

import pytest

from coach.adapters.models.advisor import ModelAdvisor
from coach.adapters.profile import ModelEndpoint
from coach.application.ports import AdvisorFailed
from coach.domain.advice import AdviceRequest, Cost, Counsel
from integration.model_server import ModelServer, advice

SECONDS = 2.0


KEY = "canary-key"


REQUEST = AdviceRequest(
    turn_at_ms=1,
    round=1,
    deadline_ms=2_000,
    stable="canary-rules",
    fresh="canary-speech",
    moments=("stall", "price_question"),
    stages=("discovery", "closing"),
    may_use_tools=True,
)


STALL = advice("stall", "Ask what changed since May", detail="Then wait.", stage="closing")


Notices = list[tuple[str, bool]]


Open = Callable[..., ModelAdvisor]


def endpoint_of(server: ModelServer, name: str) -> ModelEndpoint:
    return ModelEndpoint(server.url, name, KEY)


async def answers(
    advisor: ModelAdvisor,
    request: AdviceRequest = REQUEST,
    image: bytes | None = None,
    seconds: float = SECONDS,
) -> list[tuple[Counsel, Cost]]:
    """Ask, and return all that came."""
    async with contextlib.aclosing(advisor.ask(request, image, seconds)) as told:
        return [each async for each in told]


async def failure(advisor: ModelAdvisor, seconds: float = SECONDS) -> str:
    """Ask, and return why nothing came."""
    with pytest.raises(AdvisorFailed) as caught:
        await answers(advisor, seconds=seconds)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value.code
