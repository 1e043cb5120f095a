"""The advisor against a real endpoint that stalls, refuses and breaks."""

import asyncio
import contextlib
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from coach.adapters.models.advisor import open_advisor
from coach.adapters.profile import Profile
from coach.application.ports import AdvisorFailed
from coach.domain.advice import Counsel
from integration.advisor.asking import (
    REQUEST,
    SECONDS,
    STALL,
    Notices,
    Open,
    answers,
    endpoint_of,
    failure,
)
from integration.model_server import ModelServer, Reply, advice

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


async def test_timeouts_without_time_to_answer_are_not_held_against_theendpoint_of(
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
    advisor = opened(model, summary=endpoint_of(model, "small"))
    broken = replace(REQUEST, stable="rules \ud83d", fresh="speech \udc00")

    told = [await answers(advisor, broken) for _ in range(6)]
    model.say(Reply("They want SSO."))
    summary = await advisor.summarise("said \ud83d", 2.0)

    assert [each[-1][0] for each in told] == [Counsel(None)] * 6
    assert summary == "They want SSO."
    assert (model.asked[0].system, model.asked[0].user) == ("rules ?", "speech ?")


async def test_what_we_cannot_encode_is_not_held_against_theendpoint_of(
    model: ModelServer, tmp_path: Path, notices: Notices
) -> None:
    endpoint = replace(endpoint_of(model, "m"), key="schlüssel")
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
