"""A real model for `coach replay --advisor live`: its answers take the time they took."""

import asyncio
import contextlib
import time

from coach.adapters.models.advisor import ModelAdvisor, open_advisor
from coach.adapters.providers.profiles import profile_of
from coach.application.ports import AdvisorFailed
from coach.application.replaying import AskModel, Timed
from coach.domain.advice import AdviceRequest
from coach.domain.events import AdvisorAnswered
from coach.errors import ConfigError
from coach.settings import Settings


def check_model(settings: Settings) -> None:
    """See that there is a model to ask.

    Raises:
        ConfigError: there is none.
    """
    if settings.llm_model is None:
        raise ConfigError("COACH_LLM_MODEL", "is unset: --advisor live needs a model to ask")


def live_model(settings: Settings) -> AskModel:
    """Return what puts each question to the configured model, with the call's own deadlines."""
    profile = profile_of(settings)

    def ask(request: AdviceRequest) -> list[Timed]:
        return asyncio.run(answers(request))

    async def answers(request: AdviceRequest) -> list[Timed]:
        advisor = open_advisor(profile, data=settings.data, notice=lambda served_by, is_up: None)
        assert advisor is not None, "checked by `check_model`"
        try:
            return await _answers(advisor, request)
        finally:
            await advisor.aclose()

    return ask


async def _answers(advisor: ModelAdvisor, request: AdviceRequest) -> list[Timed]:
    started = time.monotonic()
    answers: list[Timed] = []

    def elapsed_ms() -> int:
        return round((time.monotonic() - started) * 1000)

    # Frames are not sent: the recording may hold none.
    seconds = (request.deadline_ms - request.turn_at_ms) / 1000
    names = (request.turn_at_ms, request.round)
    try:
        async with contextlib.aclosing(advisor.ask(request, None, seconds)) as heard:
            async for counsel, cost in heard:
                answers.append((elapsed_ms(), AdvisorAnswered(*names, counsel, None, cost)))
    except AdvisorFailed as error:
        answers.append((elapsed_ms(), AdvisorAnswered(*names, None, error.code)))
    return answers
