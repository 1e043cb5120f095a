"""The connection to a model's endpoint, made ahead of the first question."""

import asyncio
from pathlib import Path

import pytest

from coach.adapters.models.advisor import ModelAdvisor, open_advisor
from coach.adapters.profile import ModelEndpoint, Profile
from coach.domain.advice import Counsel
from integration.advisor.asking import KEY, Notices, Open, answers
from integration.model_server import ModelServer, Reply
from integration.waiting import eventually


async def connected(model: ModelServer, opened: Open) -> ModelAdvisor:
    """Return an advisor that has connected ahead."""
    advisor = opened(model)
    advisor.connect_ahead()
    await eventually(lambda: model.listed, "the endpoint is connected to")
    await asyncio.sleep(0.1)  # its answer is read to the end
    return advisor


async def test_the_first_question_finds_its_connection_open(
    model: ModelServer, opened: Open
) -> None:
    advisor = await connected(model, opened)

    assert await answers(advisor)

    (listed,), (asked,) = model.listed, model.asked
    assert asked.port == listed.port != 0


async def test_what_connects_ahead_holds_the_key_and_nothing_else(
    model: ModelServer, opened: Open
) -> None:
    await connected(model, opened)

    (listed,) = model.listed
    told = {name.lower(): value for name, value in listed.headers.items()}
    assert told.pop("authorization") == f"Bearer {KEY}"
    assert not [name for name in told if name.startswith("x-livekit-")]
    assert model.asked == []


@pytest.mark.parametrize(
    "reply", [Reply(status=404), Reply(status=500), Reply(status=401), Reply(hangs="headers")]
)
async def test_an_endpoint_that_lists_no_models_is_asked_all_the_same(
    reply: Reply, model: ModelServer, opened: Open, notices: Notices
) -> None:
    model.list_reply = reply
    advisor = await connected(model, opened)

    assert (await answers(advisor))[-1][0] == Counsel(None)

    await advisor.aclose()
    assert notices == []
    assert "prewarm" not in " ".join(map(repr, asyncio.all_tasks()))  # closing has ended it


async def test_an_endpoint_that_is_not_there_is_no_error_until_it_is_asked(
    tmp_path: Path, notices: Notices
) -> None:
    profile = Profile("test", llm=(ModelEndpoint("http://127.0.0.1:9/v1", "m", KEY),))
    advisor = open_advisor(profile, data=tmp_path, notice=lambda *told: notices.append(told))
    assert advisor is not None

    advisor.connect_ahead()
    await asyncio.sleep(0.2)

    await advisor.aclose()
    assert notices == []
