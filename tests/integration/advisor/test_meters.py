"""What questions cost, whatever became of them."""

import asyncio

import pytest

from coach.adapters.models.advisor import ModelAdvisor
from coach.application.ports import AdvisorFailed
from coach.domain.tokens import tokens
from integration.advisor.asking import STALL, Open, answers, endpoint_of
from integration.model_server import ModelServer, Reply
from integration.waiting import eventually

ASKED_TOKENS = 470 + 3 + 4
"""What is estimated for `REQUEST`: tools and form, "canary-rules", "canary-speech"."""


def spent(advisor: ModelAdvisor) -> int:
    return advisor.meters()["text_tokens"]


async def test_an_answer_is_metered_as_the_endpoint_counts_it_or_else_estimated(
    model: ModelServer, opened: Open
) -> None:
    counted, silent = opened(model), opened(model)
    model.say(Reply(STALL), Reply(STALL, has_usage=False))

    (_, cost), (_, estimated) = (await answers(counted))[-1], (await answers(silent))[-1]

    assert spent(counted) == cost.tokens_in + cost.tokens_out
    assert estimated.tokens_in == ASKED_TOKENS
    assert estimated.tokens_out == tokens(STALL)
    assert spent(silent) == estimated.tokens_in + estimated.tokens_out


@pytest.mark.parametrize(
    ("reply", "code", "has_begun"),
    [
        (Reply(hangs="headers"), "timeout", True),
        (Reply(STALL, hangs="mid"), "timeout", True),
        (Reply("I would rather say nothing.", has_usage=False), "nonsense", True),
        (Reply(STALL, cuts="mid"), "broken", True),
        (Reply(status=401), "refused", False),
        (Reply(status=429, retry_after="0"), "busy", False),
        (Reply(status=500), "broken", False),
    ],
)
async def test_an_answer_that_failed_is_metered_unless_the_endpoint_refused_it(
    reply: Reply, code: str, has_begun: bool, model: ModelServer, opened: Open
) -> None:
    advisor = opened(model)
    model.default = reply

    with pytest.raises(AdvisorFailed, match=code):
        await answers(advisor, seconds=0.6)

    assert spent(advisor) >= ASKED_TOKENS if has_begun else spent(advisor) == 0


@pytest.mark.parametrize("has_usage", [True, False])
async def test_a_picture_is_metered_once_and_apart_from_the_text(
    has_usage: bool, model: ModelServer, opened: Open
) -> None:
    model.say(Reply(STALL, has_usage=has_usage))
    advisor = opened(model)

    (_, cost) = (await answers(advisor, image=b"small"))[-1]

    seen = advisor.meters()["vision_tokens"]
    assert seen == cost.vision_tokens == min(85, cost.tokens_in)  # the server's usage counts words
    assert spent(advisor) + seen == cost.tokens_in + cost.tokens_out


async def test_a_question_that_was_called_back_is_metered(model: ModelServer, opened: Open) -> None:
    model.say(Reply(STALL, first_token_ms=5_000))
    advisor = opened(model)

    question = asyncio.create_task(answers(advisor))
    await eventually(lambda: model.asked, "the question arrives")
    question.cancel()
    await asyncio.wait({question})

    assert spent(advisor) == ASKED_TOKENS


async def test_a_refused_form_costs_nothing_and_each_model_that_answered_counts(
    model: ModelServer, other: ModelServer, opened: Open
) -> None:
    advisor = opened(model, other)
    model.say(Reply(status=400), Reply("no form at all", has_usage=False))

    (_, cost) = (await answers(advisor))[-1]

    wasted = ASKED_TOKENS + 4  # "no form at all"
    assert (len(model.asked), len(other.asked)) == (2, 1)
    assert spent(advisor) == wasted + cost.tokens_in + cost.tokens_out


async def test_a_summary_is_metered(model: ModelServer, other: ModelServer, opened: Open) -> None:
    advisor = opened(model, summary=endpoint_of(other, "small"))
    other.say(Reply("They want SSO by May.", has_usage=False))

    await advisor.summarise("1 prospect: «We want SSO by May.»", 2.0)

    told = len(other.asked[0].system.encode()) // 4
    assert told < spent(advisor) < told + 30
