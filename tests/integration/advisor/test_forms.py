"""The form of an answer, and endpoints that do not take it."""

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest

from coach.adapters.models.advisor import open_advisor
from coach.adapters.profile import Profile, Structured
from coach.application.ports import AdvisorFailed
from coach.domain.advice import Counsel
from integration.advisor.asking import STALL, Notices, Open, answers, endpoint_of, failure
from integration.model_server import ModelServer, Reply


async def test_a_form_that_is_refused_is_left_out_from_then_on(
    model: ModelServer, opened: Open, notices: Notices
) -> None:
    model.say(Reply(status=400), Reply(STALL), Reply(STALL))
    advisor = opened(model)

    told = [await answers(advisor), await answers(advisor)]

    assert [len(each) for each in told] == [2, 2]
    assert ["response_format" in asked.body for asked in model.asked] == [True, False, False]
    assert all("tools" in asked.body for asked in model.asked)


async def test_tools_that_are_refused_are_left_out_from_then_on(
    model: ModelServer, opened: Open
) -> None:
    model.say(Reply(status=400), Reply(status=400))
    advisor = opened(model)

    told = [await answers(advisor), await answers(advisor)]

    assert [each[-1][0] for each in told] == [Counsel(None)] * 2
    assert ["tools" in asked.body for asked in model.asked] == [True, True, False, False]


@pytest.mark.parametrize("refusals", [1, 2, 3])
async def test_a_question_that_is_refused_for_itself_costs_the_next_ones_nothing(
    refusals: int, model: ModelServer, opened: Open
) -> None:
    """A content filter answers 400, too: the call lost its tools and the form for good."""
    advisor = opened(model)
    model.say(Reply(), *[Reply(status=400)] * refusals)

    await answers(advisor)
    with contextlib.suppress(AdvisorFailed):
        await answers(advisor)
    await answers(advisor)

    assert "tools" in model.asked[-1].body
    assert "response_format" in model.asked[-1].body


async def test_questions_that_a_filter_refuses_do_not_open_the_breaker(
    model: ModelServer, opened: Open
) -> None:
    advisor = opened(model)
    await answers(advisor)
    model.say(*[Reply(status=400)] * 18)

    codes = [await failure(advisor) for _ in range(6)]

    assert codes == ["refused"] * 6
    assert (await answers(advisor))[-1][0] == Counsel(None)


async def test_a_question_without_a_form_that_is_refused_is_asked_once(
    model: ModelServer, opened: Open
) -> None:
    advisor = opened(model, summary=endpoint_of(model, "small"))
    model.say(Reply(status=400))

    with pytest.raises(AdvisorFailed, match="refused"):
        await advisor.summarise("1 prospect: «We want SSO.»", 2.0)

    assert len(model.asked) == 1


@pytest.mark.parametrize(
    ("structured", "sent"),
    [(Structured.JSON_OBJECT, {"type": "json_object"}), (Structured.NONE, None)],
)
async def test_a_profile_says_how_the_form_is_told(
    structured: Structured, sent: object, model: ModelServer, tmp_path: Path
) -> None:
    endpoint = replace(endpoint_of(model, "m"), structured=structured, has_tools=False)
    advisor = open_advisor(Profile("p", llm=(endpoint,)), data=tmp_path, notice=lambda *_: None)
    assert advisor is not None

    await answers(advisor)
    await advisor.aclose()

    assert model.asked[0].body.get("response_format") == sent
    assert "tools" not in model.asked[0].body
