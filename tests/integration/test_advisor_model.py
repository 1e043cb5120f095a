"""The advisor against a real endpoint that answers, stalls, refuses and breaks."""

import asyncio
import contextlib
import json
import logging
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx2
import pytest

from coach.adapters.models.advisor import ModelAdvisor, open_advisor
from coach.adapters.models.slots import Slots
from coach.adapters.profile import ModelEndpoint, Profile, Structured
from coach.adapters.screen.pictures import FINE_PRINT_SIDE, SIDE, Frame
from coach.application.ports import AdvisorFailed
from coach.domain.advice import AdviceRequest, Cost, Counsel, ToolCall
from coach.domain.tokens import tokens
from integration.model_server import ModelServer, Reply, advice, model_server
from integration.processes import stop, wait_until
from integration.waiting import eventually

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
            llm=tuple(_endpoint(server, f"m{n}") for n, server in enumerate(servers)),
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


def _endpoint(server: ModelServer, name: str) -> ModelEndpoint:
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


FAULTS = {
    "hang": (Reply(hangs="headers"), "timeout"),
    "hang mid": (Reply(STALL, hangs="mid"), "timeout"),
    "slow first token": (Reply(first_token_ms=8_000), "timeout"),
    "429": (Reply(status=429, retry_after="0"), "busy"),
    "400": (Reply(status=400), "refused"),
    "401": (Reply(status=401), "refused"),
    "redirect": (Reply(status=307), "refused"),
    "garbage": (Reply(raw="data: \x00{]garbage\n\n"), "broken"),
    "cut mid-stream": (Reply(STALL, cuts="mid"), "broken"),
    "ended mid-stream": (Reply(STALL, cuts="end"), "nonsense"),
    "no events": (Reply(raw="<html>not here</html>"), "nonsense"),
    "not JSON": (Reply("I would rather say nothing."), "nonsense"),
    "wrong schema": (Reply('{"moment": "stall", "confidence": "high"}'), "nonsense"),
    "unknown moment": (Reply(advice("made_up", "Do it")), "nonsense"),
    "endless": (Reply('{"moment":"nothing","x":"' + "y" * 5_000), "nonsense"),
    "unknown tool": (Reply("", tools=[("delete_account", {})]), "nonsense"),
    "bad arguments": (Reply("", tools=[("get_battlecard", {"account": "other"})]), "nonsense"),
    "cut arguments": (Reply("", tools=[("get_battlecard", '{"competitor": "Ri')]), "nonsense"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_the_next_question_after_a_fault_is_answered(
    name: str, model: ModelServer, opened: Open
) -> None:
    fault, code = FAULTS[name]
    advisor = opened(model)
    # What is tried again must fail again: a form three times, a server's error twice.
    model.say(*([fault] * {"400": 3, "garbage": 2}.get(name, 1)))

    assert await failure(advisor, seconds=1.0 if code == "timeout" else 5.0) == code
    model.say(Reply(STALL))

    assert (await answers(advisor))[-1][0].moment == "stall"


@pytest.mark.parametrize("flood", ["events", "error", "packed"])
async def test_an_answer_without_end_is_broken_off_and_the_next_question_is_answered(
    flood: str, model: ModelServer, opened: Open
) -> None:
    """The call's loop stood still while a packed body grew, or empty events were counted."""
    advisor = opened(model)
    model.say(*[Reply(flood=flood)] * 2)

    assert await failure(advisor, seconds=10.0) == "broken"
    assert len(model.asked) == 2
    assert model.asked[0].headers["Accept-Encoding"] == "identity"
    assert (await answers(advisor))[-1][0] == Counsel(None)


async def test_a_server_error_is_tried_again_once_after_half_a_second(
    model: ModelServer, opened: Open
) -> None:
    model.say(Reply(status=503), Reply(STALL))

    told = await answers(opened(model))

    first, second = model.asked
    assert told[-1][0].moment == "stall"
    assert 0.45 < second.at - first.at < 1.5


async def test_a_second_server_error_is_the_end(model: ModelServer, opened: Open) -> None:
    model.say(*[Reply(status=500)] * 3)

    assert await failure(opened(model)) == "broken"
    assert len(model.asked) == 2


async def test_nothing_is_tried_again_without_time_for_it(model: ModelServer, opened: Open) -> None:
    model.say(*[Reply(status=500)] * 2)

    assert await failure(opened(model), seconds=0.7) == "broken"
    assert len(model.asked) == 1


@pytest.mark.parametrize("is_date", [False, True])
async def test_an_endpoint_that_asks_for_a_pause_gets_it(
    is_date: bool, model: ModelServer, opened: Open
) -> None:
    until = datetime.now(UTC) + timedelta(seconds=2)
    model.say(Reply(status=429, retry_after=format_datetime(until, True) if is_date else "1"))
    advisor = opened(model)

    assert await failure(advisor) == "busy"
    assert await failure(advisor) == "busy"
    assert len(model.asked) == 1
    await asyncio.sleep(2.1 if is_date else 1.1)

    assert (await answers(advisor))[-1][0] == Counsel(None)


async def test_the_breaker_opens_after_five_failures_and_is_told(
    model: ModelServer, opened: Open, notices: Notices
) -> None:
    advisor = opened(model)
    model.say(*[Reply(status=401)] * 5)

    codes = [await failure(advisor) for _ in range(7)]

    assert codes == ["refused"] * 5 + ["breaker"] * 2
    assert len(model.asked) == 5
    assert notices == [("test/m0", False)]


async def test_timeouts_without_time_to_answer_are_not_held_against_the_endpoint(
    model: ModelServer, opened: Open
) -> None:
    advisor = opened(model)
    model.say(*[Reply(hangs="headers")] * 6)

    codes = [await failure(advisor, seconds=0.35) for _ in range(6)]

    assert codes == ["timeout"] * 6
    assert (await answers(advisor))[-1][0] == Counsel(None)


async def test_half_a_character_costs_itself_and_no_question(
    model: ModelServer, opened: Open
) -> None:
    """JSON may escape one. Five such questions opened the breaker of a sound endpoint."""
    advisor = opened(model, summary=_endpoint(model, "small"))
    broken = replace(REQUEST, stable="rules \ud83d", fresh="speech \udc00")

    told = [await answers(advisor, broken) for _ in range(6)]
    model.say(Reply("They want SSO."))
    summary = await advisor.summarise("said \ud83d", 2.0)

    assert [each[-1][0] for each in told] == [Counsel(None)] * 6
    assert summary == "They want SSO."
    assert (model.asked[0].system, model.asked[0].user) == ("rules ?", "speech ?")


async def test_what_we_cannot_encode_is_not_held_against_the_endpoint(
    model: ModelServer, tmp_path: Path, notices: Notices
) -> None:
    endpoint = replace(_endpoint(model, "m"), key="schlüssel")
    advisor = open_advisor(
        Profile("p", llm=(endpoint,)),
        data=tmp_path,
        notice=lambda by, is_up: notices.append((by, is_up)),
    )
    assert advisor is not None

    codes = [await failure(advisor) for _ in range(6)]
    await advisor.aclose()

    assert codes == ["broken"] * 6
    assert (model.asked, notices) == ([], [])


async def test_one_trial_closes_the_breaker_after_thirty_seconds(
    model: ModelServer, opened: Open, notices: Notices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coach.adapters.models.breaker.OPEN_SECONDS", 0.6)
    advisor = opened(model)
    model.say(*[Reply(status=401)] * 6)
    for _ in range(5):
        await failure(advisor)

    await asyncio.sleep(0.7)
    codes = [await failure(advisor), await failure(advisor)]
    await asyncio.sleep(0.7)
    told = await answers(advisor)

    assert codes == ["refused", "breaker"]
    assert told[-1][0] == Counsel(None)
    assert notices == [("test/m0", False), ("test/m0", True)]


async def test_the_next_model_answers_when_the_first_fails(
    model: ModelServer, other: ModelServer, opened: Open, notices: Notices
) -> None:
    model.say(Reply(status=500))
    other.say(Reply(STALL))
    advisor = opened(model, other)

    told = await answers(advisor)
    again = await answers(advisor)

    assert [cost.served_by for _, cost in told + again] == ["test/m1", "test/m1", "test/m0"]
    assert other.asked[0].at - model.asked[0].at < 0.5  # without the pause of a retry
    assert notices == [("test/m1", True), ("test/m0", True)]


async def test_a_first_model_that_hangs_leaves_the_next_one_time(
    model: ModelServer, other: ModelServer, opened: Open
) -> None:
    model.say(Reply(hangs="headers"))
    other.say(Reply(STALL))

    told = await answers(opened(model, other), seconds=3.0)

    assert told[-1][0].moment == "stall"
    assert 1.4 < other.asked[0].at - model.asked[0].at < 2.7


async def test_while_one_endpoint_wants_a_pause_the_next_one_answers(
    model: ModelServer, other: ModelServer, opened: Open
) -> None:
    model.say(Reply(status=429, retry_after="30"))
    advisor = opened(model, other)

    told = [(await answers(advisor))[-1] for _ in range(3)]

    assert {cost.served_by for _, cost in told} == {"test/m1"}
    assert (len(model.asked), len(other.asked)) == (1, 3)


async def test_detail_may_come_after_the_headline_s_deadline(
    model: ModelServer, opened: Open
) -> None:
    model.say(Reply(advice("stall", "Ask", detail="word " * 40), tokens_per_second=60))

    told = await answers(opened(model), seconds=0.7)

    assert [counsel.is_final for counsel, _ in told] == [False, True]
    assert told[0][1].total_ms < 700 < told[1][1].total_ms


async def test_no_other_model_finishes_what_one_has_begun(
    model: ModelServer, other: ModelServer, opened: Open
) -> None:
    model.say(Reply(STALL, cuts="mid"))
    advisor = opened(model, other)
    told: list[Counsel] = []

    with pytest.raises(AdvisorFailed, match="broken"):
        async for counsel, _ in advisor.ask(REQUEST, None, SECONDS):
            told.append(counsel)

    assert [counsel.is_final for counsel in told] == [False]
    assert other.asked == []


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
    advisor = opened(model, summary=_endpoint(model, "small"))
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
    endpoint = replace(_endpoint(model, "m"), structured=structured, has_tools=False)
    advisor = open_advisor(Profile("p", llm=(endpoint,)), data=tmp_path, notice=lambda *_: None)
    assert advisor is not None

    await answers(advisor)
    await advisor.aclose()

    assert model.asked[0].body.get("response_format") == sent
    assert "tools" not in model.asked[0].body


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


async def test_one_question_too_many_is_not_asked(
    model: ModelServer, opened: Open, tmp_path: Path
) -> None:
    model.say(Reply(STALL, first_token_ms=300))
    first, second = opened(model, slot_count=1), opened(model, slot_count=1)

    under_way = asyncio.create_task(answers(first))
    await eventually(lambda: model.asked, "the first is asked")
    code = await failure(second)
    await under_way

    assert code == "full"
    assert (await answers(second))[-1][0] == Counsel(None)


async def test_a_summary_is_told_by_its_own_model(
    model: ModelServer, other: ModelServer, opened: Open
) -> None:
    other.say(Reply("They want SSO by May."))
    advisor = opened(model, summary=_endpoint(other, "small"))

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
    advisor = opened(model, summary=_endpoint(other, "small"))
    other.say(Reply("They want SSO by May.", has_usage=False))

    await advisor.summarise("1 prospect: «We want SSO by May.»", 2.0)

    told = len(other.asked[0].system.encode()) // 4
    assert told < spent(advisor) < told + 30


async def test_no_speech_key_or_stranger_s_text_reaches_a_log(
    model: ModelServer, opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx2", "httpcore2", "livekit", "livekit.agents", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    asyncio.get_running_loop().set_debug(True)
    for fault, _ in FAULTS.values():
        text = fault.text.replace("Ask", "canary-answer").replace("Ri", "canary-argument")
        model.say(replace(fault, message="canary-error", text=text))
        with contextlib.suppress(AdvisorFailed):
            await answers(opened(model), image=b"canary-image", seconds=0.6)
    await answers(opened(model))

    records = [f"{record.getMessage()} {record.__dict__}" for record in caplog.records]
    assert len(records) > 50, "debugging is on"
    assert [record for record in records if "canary" in record] == []


CRASH = """
import asyncio, os, sys
from pathlib import Path
from coach.adapters.models.slots import Slots

async def main():
    async with Slots(Path(sys.argv[1]), 1).taken():
        os._exit(9)

asyncio.run(main())
"""


async def test_a_crash_frees_its_slot(tmp_path: Path) -> None:
    """A process that dies with a question under way must not use up the machine's limit."""
    command = [sys.executable, "-c", CRASH, str(tmp_path)]
    crashed = await asyncio.to_thread(subprocess.run, command, timeout=60, check=False)

    assert crashed.returncode == 9
    async with Slots(tmp_path, 1).taken():
        with pytest.raises(AdvisorFailed, match="full"):
            async with Slots(tmp_path, 1).taken():
                pass


def test_the_scripted_model_runs_as_a_process(tmp_path: Path) -> None:
    """Workers' job processes connect to it: it has to be one of its own."""
    script, port_file = tmp_path / "script.json", tmp_path / "port"
    script.write_text(json.dumps({"rules": [{"match": "too dear", "text": STALL}]}))
    program = Path(__file__).with_name("model_server.py")
    command = [sys.executable, *map(str, (program, "--port-file", port_file, "--script", script))]
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        wait_until(port_file.exists, process, "the scripted model serves", log)
        url = f"http://127.0.0.1:{port_file.read_text()}"
        told = [
            httpx2.post(f"{url}/v1/chat/completions", json=_chat(text)).text
            for text in ("It is too dear.", "Hello.")
        ]
        asked = httpx2.get(f"{url}/requests").json()
    finally:
        stop(process)

    assert "stal" in told[0]
    assert "othi" in told[1]
    assert [each["body"]["messages"][-1]["content"] for each in asked] == [
        "It is too dear.",
        "Hello.",
    ]


def _chat(text: str) -> dict[str, object]:
    return {"model": "m", "messages": [{"role": "user", "content": text}]}


FIRST_QUESTION = """
import asyncio, contextlib, json, sys
from pathlib import Path
from coach.adapters.models.advisor import open_advisor
from coach.adapters.profile import ModelEndpoint, Profile
from coach.domain.advice import AdviceRequest

async def main():
    endpoint = ModelEndpoint(sys.argv[1], "m", "")
    before = set(sys.modules)
    advisor = open_advisor(
        Profile("p", llm=(endpoint,)), data=Path(sys.argv[2]), notice=lambda *_: None
    )
    request = AdviceRequest(0, 1, 0, "", "", ("stall",), (), True)
    async with contextlib.aclosing(advisor.ask(request, None, 10.0)) as told:
        [each async for each in told]
    print(json.dumps(sorted(set(sys.modules) - before)))
    await advisor.aclose()

asyncio.run(main())
"""


async def test_the_first_question_imports_nothing_large(model: ModelServer, tmp_path: Path) -> None:
    """The client loaded 80 modules with it: the call's loop stood still for 0.2 s."""
    command = [sys.executable, "-c", FIRST_QUESTION, model.url, str(tmp_path)]

    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=60)

    loaded = json.loads(done.stdout)
    assert [name for name in loaded if name.split(".")[0] not in ("encodings", "stringprep")] == []
