"""Provider profiles on a real server: a switch without a restart, and who stands in for whom."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from integration.model_server import ModelServer, Reply, advice, model_server
from integration.people import PROSPECT_HZ, REP_HZ
from integration.recogniser import ScriptedRecogniser, Stream, scripted_recogniser
from integration.rooms import dispatch, metadata
from integration.servers import OpenCall, open_call
from integration.services import Ports, Profiles, Services, running_services
from integration.waiting import eventually, never

# The SDK drops some handles of a client twice when it leaves a room; only tests notice.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FfiHandle")

OBJECTION = "that is way over our budget"
QUESTIONS = (
    "so how would the two of us go on from here if everybody on my side agrees to it",
    "and who of your people would then be there for my crews in the first two weeks of it",
)
"""Of sixteen words and more, so that each is asked about however soon after the other."""
HEADLINE = "Offer a plan for the first weeks"
HEARING_SECONDS = 2.0
"""What a switch of the recogniser may cost."""
LOSSES = 5

_log = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    ports = Ports()
    folder: Path = tmp_path_factory.mktemp("profiles")
    with running_services(folder, profiles(ports), ports) as services:
        yield services


def profiles(ports: Ports) -> Profiles:
    """Return a profile of the first services, one of the others, and one with stand-ins."""
    first = {
        "stt": [ports.stt_section(ports.stt, "ear-1")],
        "llm": [ports.llm_section(ports.llm, "model-1")],
    }
    other = {
        "stt": [ports.stt_section(ports.other_stt, "ear-2")],
        "llm": [ports.llm_section(ports.other_llm, "model-2")],
    }
    chain = {"stt": [*first["stt"], *other["stt"]], "llm": [*first["llm"], *other["llm"]]}
    return {"a": first, "b": other, "chain": chain}


@pytest.fixture
async def first_ear(services: Services) -> AsyncIterator[ScriptedRecogniser]:
    async with scripted_recogniser(services.ports.stt) as recogniser:
        yield recogniser


@pytest.fixture
async def other_ear(services: Services) -> AsyncIterator[ScriptedRecogniser]:
    async with scripted_recogniser(services.ports.other_stt) as recogniser:
        yield recogniser


@pytest.fixture
async def first_model(services: Services) -> AsyncIterator[ModelServer]:
    async with model_server(services.ports.llm) as model:
        yield model


@pytest.fixture
async def other_model(services: Services) -> AsyncIterator[ModelServer]:
    async with model_server(services.ports.other_llm) as model:
        yield model


async def is_asked(model: ModelServer, call: OpenCall, question: str) -> None:
    """Let the prospect ask something; wait until this model has answered."""
    count = len(model.asked)
    await call.says(PROSPECT_HZ, question, is_final=True)
    await eventually(
        lambda: len(model.asked) > count and model.asked[-1].ended_at, "the model answers"
    )


async def test_a_call_keeps_its_profile_while_the_next_begins_with_the_new_one(
    services: Services,
    first_ear: ScriptedRecogniser,
    other_ear: ScriptedRecogniser,
    first_model: ModelServer,
    other_model: ModelServer,
) -> None:
    before = profiles(services.ports)
    async with open_call(
        services.livekit, first_ear, "keeps", call_id="keeps", providers="a"
    ) as call:
        await is_asked(first_model, call, QUESTIONS[0])
        services.write_profiles(before | {"a": before["b"]})
        try:
            async with open_call(
                services.livekit, other_ear, "switches", call_id="switches", providers="a"
            ) as next_call:
                await is_asked(other_model, next_call, QUESTIONS[0])
                stream = await first_ear.stream_of(PROSPECT_HZ)
                await stream.close()  # a session that begins now begins with the old profile
                await is_asked(first_model, call, QUESTIONS[1])
        finally:
            services.write_profiles(before)

    assert (len(first_model.asked), len(other_model.asked)) == (2, 1)
    for name, served_by in (("keeps", "a/model-1"), ("switches", "a/model-2")):
        lines = services.traced(name, "advisor")
        assert {line["served_by"] for line in lines} == {served_by}
    assert {stream.query["model"] for stream in first_ear.streams} == {"ear-1"}
    assert {stream.query["model"] for stream in other_ear.streams} == {"ear-2"}


async def test_a_job_that_names_no_profile_there_is_gets_one_line_and_no_agent(
    services: Services, first_ear: ScriptedRecogniser
) -> None:
    await dispatch(services.livekit, "nowhere", metadata(call_id="nowhere", providers="secret-x"))

    rejections = await eventually(
        lambda: services.worker.logged("job rejected: bad metadata"), "the rejection"
    )
    await never(lambda: services.traced("nowhere", "call"), "a call of it", 1.5)
    [line] = rejections
    assert line["field"] == "providers" and line["level"] == "ERROR"
    assert "COACH_PROVIDERS: a, b, chain, default" in line["reason"]
    assert len(services.worker.logged("job rejected: bad metadata")) == 1
    assert "secret-x" not in services.worker.log.read_text()


async def loses_its_recogniser(
    services: Services, name: str, first: ScriptedRecogniser, other: ScriptedRecogniser
) -> tuple[float, float]:
    """Let the first recogniser die in a call.

    Return the seconds until the other one hears the prospect, and until the rep sees a nudge on
    what was said just then.
    """
    async with open_call(services.livekit, first, name, call_id=name, providers="chain") as call:
        streams = [await first.stream_of(tone_hz) for tone_hz in (PROSPECT_HZ, REP_HZ)]
        first.refuses = True
        lost_at = time.monotonic()
        await asyncio.gather(*(stream.close() for stream in streams))

        heard = await eventually(lambda: hears(other, PROSPECT_HZ), "the other one hears")
        heard_seconds = time.monotonic() - lost_at
        await heard.say(OBJECTION)
        await eventually(lambda: call.panel.nudges, "a nudge on it")
        shown_seconds = call.panel.arrived[0] - lost_at

        await call.wait_for_status(state="degraded", reasons=["stt_first_choice_down"])
        [line] = services.traced(name, "service", name="stt_first_choice")
        assert (line["up"], line["served_by"]) == (False, "chain/ear-2")
        assert not first.open_streams
        assert len(other.open_streams) == 2
    return heard_seconds, shown_seconds


def hears(recogniser: ScriptedRecogniser, tone_hz: float) -> Stream | None:
    """Return a stream that has got sound of this pitch, be it ever so little."""
    found = (s for s in recogniser.open_streams if abs(s.pitch_hz - tone_hz) < tone_hz / 4)
    return next(found, None)


async def test_a_recogniser_that_dies_costs_two_seconds_of_hearing_at_most(
    services: Services,
    other_ear: ScriptedRecogniser,
) -> None:
    heard, shown = [], []
    for number in range(LOSSES):
        async with scripted_recogniser(services.ports.stt) as first_ear:
            taken = await loses_its_recogniser(services, f"dies-{number}", first_ear, other_ear)
        heard.append(taken[0])
        shown.append(taken[1])

    for what, seconds in (("heard again", heard), ("nudge shown", shown)):
        ordered = sorted(round(each, 3) for each in seconds)
        _log.info("%s: p50 %s s, all %s", what, ordered[len(ordered) // 2], ordered)
    assert max(heard) < HEARING_SECONDS


async def test_a_recogniser_that_never_answers_costs_two_seconds_of_hearing_at_most(
    services: Services,
    first_ear: ScriptedRecogniser,
    other_ear: ScriptedRecogniser,
) -> None:
    first_ear.answers_after_seconds = 30.0
    pending = {"state": "pending", "policy": "call"}
    async with open_call(
        services.livekit,
        other_ear,
        "silent",
        call_id="silent",
        providers="chain",
        consent=pending,
    ) as call:
        granted_at = time.monotonic()
        await call.control("consent_granted")
        await eventually(lambda: hears(other_ear, PROSPECT_HZ), "the other one hears")
        heard_seconds = time.monotonic() - granted_at
        _log.info("heard after %.3f s", heard_seconds)
        await call.says(PROSPECT_HZ, OBJECTION)
        await eventually(lambda: call.panel.nudges, "a nudge on it")

        assert heard_seconds < HEARING_SECONDS
        await call.wait_for_status(reasons=["stt_first_choice_down"])


async def test_a_model_that_fails_is_stood_in_for_in_the_same_turn(
    services: Services,
    first_ear: ScriptedRecogniser,
    first_model: ModelServer,
    other_model: ModelServer,
) -> None:
    first_model.default = Reply(status=500)
    evidence = {"utterance": 1, "words": "how would the two of us go on from here"}
    other_model.default = Reply(advice("buying_signal", HEADLINE, evidence=evidence))
    async with open_call(
        services.livekit, first_ear, "stands-in", call_id="stands-in", providers="chain"
    ) as call:
        await call.says(PROSPECT_HZ, QUESTIONS[0], is_final=True)
        await eventually(lambda: call.panel.nudges, "the stand-in's hint")
        await eventually(
            lambda: services.traced("stands-in", "receipt", served_by="chain/model-2"),
            "the receipt",
        )

        assert call.panel.nudges[0]["headline"] == HEADLINE
        assert (len(first_model.asked), len(other_model.asked)) == (1, 1)
        assert services.traced("stands-in", "advisor", served_by="chain/model-2")
        await call.wait_for_status(state="degraded", reasons=["llm_first_choice_down"])
        [line] = services.traced("stands-in", "service", name="llm_first_choice")
        assert (line["up"], line["served_by"]) == (False, "chain/model-2")

        first_model.default = Reply()
        await is_asked(first_model, call, QUESTIONS[1])
        await call.wait_for_status(state="listening", reasons=[])
