"""The advisor against a real endpoint that answers, slowly or not."""

import asyncio
import contextlib
import time
from dataclasses import replace

import pytest

from coach.adapters.screen.pictures import FINE_PRINT_SIDE, SIDE, Frame
from coach.application.ports import AdvisorFailed
from coach.domain.advice import Counsel, ToolCall
from integration.advisor.asking import KEY, REQUEST, STALL, Open, answers, endpoint_of
from integration.model_server import ModelServer, Reply, advice
from integration.waiting import eventually


async def test_nothing_is_told_once(model: ModelServer, opened: Open) -> None:
    told = await answers(opened(model))

    assert [counsel for counsel, _ in told] == [Counsel(None)]


async def test_the_headline_is_told_before_the_rest_is_there(
    model: ModelServer, opened: Open
) -> None:
    model.say(Reply(STALL, first_token_ms=100, tokens_per_second=100))

    (early, early_cost), (final, cost) = await answers(opened(model))

    assert early == Counsel("stall", 0.9, "Ask what changed since May", is_final=False)
    assert (final.detail, final.stage, final.is_final) == ("Then wait.", "closing", True)
    assert final.headline == early.headline
    assert 95 <= cost.first_token_ms < early_cost.total_ms < cost.total_ms - 100
    assert cost.served_by == "test/m0"
    assert cost.tokens_in > 0
    assert cost.tokens_out > 20


async def test_a_request_holds_two_messages_and_little_else(
    model: ModelServer, opened: Open
) -> None:
    await answers(opened(model), image=b"\xff\xd8jpeg")

    asked = model.asked[0]
    assert (asked.system, asked.user) == ("canary-rules", "canary-speech")
    assert asked.images == [{"url": "data:image/jpeg;base64,/9hqcGVn", "detail": "low"}]
    assert asked.most_tokens_out == 150
    assert len(asked.body["messages"]) == 2
    assert set(asked.body) == {
        "max_tokens",
        "messages",
        "model",
        "response_format",
        "stream",
        "stream_options",
        "temperature",
        "tools",
    }


@pytest.mark.parametrize(
    ("side", "detail"), [(SIDE, "low"), (FINE_PRINT_SIDE, "high"), (1_600, "high")]
)
async def test_a_picture_for_fine_print_is_seen_in_full(
    side: int, detail: str, model: ModelServer, opened: Open
) -> None:
    """It was sent with 2,048 pixels, for the endpoint to scale down to 512."""
    frame = Frame(2_560, 1_440, bytes(2_560 * 1_440 * 3 // 2))

    await answers(opened(model), image=frame.jpeg(side))

    assert [image["detail"] for image in model.asked[0].images] == [detail]


async def test_what_comes_before_the_newest_words_is_the_same_each_time(
    model: ModelServer, opened: Open
) -> None:
    advisor = opened(model)

    await answers(advisor)
    await answers(advisor, replace(REQUEST, fresh="other", may_use_tools=False))

    first, second = (each.body for each in model.asked)
    assert first["messages"][0] == second["messages"][0]
    assert first["tools"] == second["tools"]
    assert first["response_format"] == second["response_format"]
    assert second["tool_choice"] == "none"


async def test_the_endpoint_learns_nothing_of_room_job_and_worker(
    model: ModelServer, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"X-LiveKit-Room-ID": "RM_x", "X-LiveKit-Worker-Token": "secret"}
    told = "livekit.agents.inference.llm.get_inference_headers"
    monkeypatch.setattr(told, lambda **_: dict(headers))  # as inside a job

    await answers(opened(model))

    sent = model.asked[0].headers
    assert [name for name in sent if "livekit" in name.lower()] == []
    assert sent["Authorization"] == f"Bearer {KEY}"


async def test_tools_wanted_are_told_at_the_end(model: ModelServer, opened: Open) -> None:
    model.say(
        Reply(
            "",
            tools=[
                ("get_battlecard", {"competitor": "Rival"}),
                ("check_discount_authority", {"percent": 15}),
            ],
        )
    )

    told = await answers(opened(model))

    wanted = (
        ToolCall("get_battlecard", (("competitor", "Rival"),)),
        ToolCall("check_discount_authority", (("percent", 15.0),)),
    )
    assert [counsel for counsel, _ in told] == [Counsel(None, tools=wanted)]


async def test_a_tool_that_must_not_be_used_is_nonsense(model: ModelServer, opened: Open) -> None:
    model.say(Reply("", tools=[("get_account_context", {})]))

    with pytest.raises(AdvisorFailed, match="nonsense"):
        await answers(opened(model), replace(REQUEST, may_use_tools=False))


async def test_detail_may_come_after_the_headline_s_deadline(
    model: ModelServer, opened: Open
) -> None:
    model.say(Reply(advice("stall", "Ask", detail="word " * 40), tokens_per_second=60))

    told = await answers(opened(model), seconds=0.7)

    assert [counsel.is_final for counsel, _ in told] == [False, True]
    assert told[0][1].total_ms < 700 < told[1][1].total_ms


@pytest.mark.parametrize("is_begun", [False, True])
async def test_a_question_that_is_cancelled_stops_its_tokens(
    is_begun: bool, model: ModelServer, opened: Open
) -> None:
    long = advice("stall", "Ask what changed", detail="word " * 200)
    model.say(Reply(long, tokens_per_second=100, first_token_ms=200 if is_begun else 5_000))
    advisor = opened(model)

    question = asyncio.create_task(answers(advisor))
    await eventually(lambda: model.asked, "the question arrives")
    if is_begun:
        await eventually(lambda: model.asked[0].sent_tokens, "the answer has begun")
    question.cancel()
    cancelled_at = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await question
    freed_at = time.monotonic()
    asked = model.asked[0]
    await eventually(lambda: asked.dropped_at, "the server sees that nobody listens", 2)

    assert asked.dropped_at is not None
    assert asked.dropped_at - cancelled_at < 0.2
    assert freed_at - cancelled_at < 0.2
    assert (asked.sent_tokens > 0) == is_begun
    assert (await answers(advisor))[-1][0] == Counsel(None)


async def test_a_cancelled_question_leaves_no_task(model: ModelServer, opened: Open) -> None:
    model.say(Reply(hangs="headers"))
    advisor = opened(model)
    before = asyncio.all_tasks()

    question = asyncio.create_task(answers(advisor))
    await asyncio.sleep(0.1)
    question.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await question
    await asyncio.sleep(0.05)

    left = {task.get_name() for task in asyncio.all_tasks() - before if not _is_servers(task)}
    assert left == set()


def _is_servers(task: "asyncio.Task[object]") -> bool:
    return "aiohttp" in repr(task)


async def test_a_summary_is_told_by_its_own_model(
    model: ModelServer, other: ModelServer, opened: Open
) -> None:
    other.say(Reply("They want SSO by May."))
    advisor = opened(model, summary=endpoint_of(other, "small"))

    told = await advisor.summarise("1 prospect: «We want SSO by May.»", 2.0)

    assert told == "They want SSO by May."
    assert model.asked == []
    assert other.asked[0].body["model"] == "small"
    assert other.asked[0].most_tokens_out == 120
    assert "tools" not in other.asked[0].body


async def test_without_a_model_for_summaries_there_is_none(
    model: ModelServer, opened: Open
) -> None:
    with pytest.raises(AdvisorFailed, match="refused"):
        await opened(model).summarise("text", 1.0)
