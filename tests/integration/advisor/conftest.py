"""A model's endpoint or two, and advisors that ask them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from coach.adapters.models.advisor import ModelAdvisor, open_advisor
from coach.adapters.profile import Profile
from integration.advisor.asking import Notices, Open, endpoint_of
from integration.model_server import ModelServer, model_server


@pytest.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with model_server() as server:
        yield server


@pytest.fixture
async def other() -> AsyncIterator[ModelServer]:
    async with model_server() as server:
        yield server


@pytest.fixture
def notices() -> Notices:
    return []


@pytest.fixture
async def opened(tmp_path: Path, notices: Notices) -> AsyncIterator[Open]:
    advisors: list[ModelAdvisor] = []

    def opened(*servers: ModelServer, slot_count: int = 8, **fields: object) -> ModelAdvisor:
        profile = Profile(
            "test",
            llm=tuple(endpoint_of(server, f"m{n}") for n, server in enumerate(servers)),
            **fields,  # type: ignore[arg-type] # handed on
        )
        advisor = open_advisor(
            profile,
            data=tmp_path,
            notice=lambda by, is_up: notices.append((by, is_up)),
            slot_count=slot_count,
        )
        assert advisor is not None
        advisors.append(advisor)
        return advisor

    yield opened
    for advisor in advisors:
        await advisor.aclose()
