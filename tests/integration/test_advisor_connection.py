"""The connection to a model's endpoint, made ahead of the first question."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from coach.adapters.models.advisor import ModelAdvisor, open_advisor
from coach.adapters.profile import ModelEndpoint, Profile
from coach.domain.advice import AdviceRequest, Counsel
from integration.model_server import ModelServer, Reply, model_server
from integration.waiting import eventually

KEY = "canary-key"
REQUEST = AdviceRequest(1, 1, 2_000, "canary-rules", "canary-speech", ("stall",), (), True)


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with model_server() as server:
        yield server


@contextlib.asynccontextmanager
async def connected(model: ModelServer, folder: Path) -> AsyncIterator[ModelAdvisor]:
    """Return an advisor that was told to connect ahead, once the endpoint has heard of it."""
    profile = Profile("test", llm=(ModelEndpoint(model.url, "m", KEY),))
    advisor = open_advisor(profile, data=folder, notice=lambda *_: None)
    assert advisor is not None
    advisor.connect_ahead()
    try:
        await eventually(lambda: model.listed, "the endpoint is connected to")
        yield advisor
    finally:
        await advisor.aclose()


async def answer(advisor: ModelAdvisor) -> Counsel:
    """Ask, and return what was answered last."""
    async with contextlib.aclosing(advisor.ask(REQUEST, None, 2.0)) as told:
        return [each async for each in told][-1][0]


async def test_the_first_question_finds_its_connection_open(
    model: ModelServer, tmp_path: Path
) -> None:
    async with connected(model, tmp_path) as advisor:
        await asyncio.sleep(0.1)  # its answer is read to the end

        assert await answer(advisor) == Counsel(None)

    (listed,), (asked,) = model.listed, model.asked
    assert asked.port == listed.port != 0


async def test_what_connects_ahead_holds_the_key_and_nothing_else(
    model: ModelServer, tmp_path: Path
) -> None:
    async with connected(model, tmp_path):
        pass

    (listed,) = model.listed
    told = {name.lower(): value for name, value in listed.headers.items()}
    assert told.pop("authorization") == f"Bearer {KEY}"
    assert not [name for name in told if name.startswith("x-livekit-")]
    assert model.asked == []


@pytest.mark.parametrize(
    "reply", [Reply(status=404), Reply(status=500), Reply(status=401), Reply(hangs="headers")]
)
async def test_an_endpoint_that_lists_no_models_is_asked_all_the_same(
    reply: Reply, model: ModelServer, tmp_path: Path
) -> None:
    model.list_reply = reply
    async with connected(model, tmp_path) as advisor:
        assert await answer(advisor) == Counsel(None)

    assert "prewarm" not in " ".join(map(repr, asyncio.all_tasks()))  # closing has ended it


async def test_an_endpoint_that_is_not_there_is_no_error_until_it_is_asked(tmp_path: Path) -> None:
    profile = Profile("test", llm=(ModelEndpoint("http://127.0.0.1:9/v1", "m", KEY),))
    advisor = open_advisor(profile, data=tmp_path, notice=lambda *_: None)
    assert advisor is not None

    advisor.connect_ahead()
    await asyncio.sleep(0.2)

    await advisor.aclose()
