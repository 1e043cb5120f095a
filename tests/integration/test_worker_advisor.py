"""The advisor on a real server: a scripted model behind a real socket, a real worker before it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from coach.cli.ports import free_port
from integration.livekit_server import LiveKit, running_livekit
from integration.model_server import ModelServer, Reply, advice, model_server
from integration.people import PROSPECT_HZ, REP_HZ
from integration.recogniser import ScriptedRecogniser, listen_url, scripted_recogniser
from integration.servers import OpenCall, open_call
from integration.waiting import eventually, never
from integration.worker_process import Worker, running_worker

pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FfiHandle")

WORRY = "the crews mostly talk on the radio all day and like it"
HEADLINE = "Ask what the radio cannot do"


def counsel(words: str = "talk on the radio all day", **fields: Any) -> str:
    """Return the model's answer to WORRY."""
    evidence = {"utterance": 1, "words": words}
    detail = "Let them tell it in their own words."
    return advice("trust_concern", HEADLINE, evidence=evidence, detail=detail, **fields)


@dataclass(frozen=True)
class Backbone:
    """What all tests of this module share."""

    livekit: LiveKit
    worker: Worker
    traces: Path
    stt_port: int
    llm_port: int


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backbone]:
    folder: Path = tmp_path_factory.mktemp("advisor")
    stt_port, llm_port, traces = free_port(), free_port(), folder / "traces"
    environment = {
        "COACH_STT_BASE_URL": listen_url(stt_port),
        "COACH_LLM_BASE_URL": f"http://127.0.0.1:{llm_port}/v1",
        "COACH_LLM_MODEL": "scripted",
        "COACH_DATA": str(folder / "data"),
        "COACH_TRACE_DIR": str(traces),
    }
    with (
        running_livekit(folder) as livekit,
        running_worker(folder, livekit, environment) as worker,
    ):
        yield Backbone(livekit, worker, traces, stt_port, llm_port)


@pytest.fixture
async def recogniser(backbone: Backbone) -> AsyncIterator[ScriptedRecogniser]:
    async with scripted_recogniser(backbone.stt_port) as recogniser:
        yield recogniser


@pytest.fixture
async def model(backbone: Backbone) -> AsyncIterator[ModelServer]:
    async with model_server(backbone.llm_port) as model:
        yield model


def trace(backbone: Backbone, call: OpenCall) -> list[dict[str, Any]]:
    """Return the lines of a call's trace so far."""
    (path,) = backbone.traces.glob(f"{call.name}.*.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


async def has_been_asked(model: ModelServer, count: int) -> None:
    """Wait until the model has got so many questions."""
    await eventually(lambda: len(model.asked) >= count, f"question {count}")


async def test_a_headline_comes_before_its_detail_and_nobody_but_the_rep_is_told(
    backbone: Backbone, recogniser: ScriptedRecogniser, model: ModelServer
) -> None:
    model.default = Reply(counsel(), first_token_ms=100, tokens_per_second=60)
    async with open_call(backbone.livekit, recogniser, "headline", call_id="headline") as call:
        await call.says(PROSPECT_HZ, WORRY, is_final=True)
        await eventually(lambda: len(call.panel.nudges) == 2, "headline and detail")

        first, later = call.panel.nudges
        assert (first["headline"], first["rev"], first["final"]) == (HEADLINE, 0, False)
        assert (later["id"], later["rev"], later["final"]) == (first["id"], 1, True)
        assert later["detail"] == "Let them tell it in their own words."
        assert later["path"] == "advisor" and later["evidence"]["quote"] in WORRY
        assert any(status["thinking"] for status in call.panel.statuses)
        await call.wait_for_status(thinking=False)


async def test_before_consent_no_model_is_asked_and_revocation_stops_the_question(
    backbone: Backbone, recogniser: ScriptedRecogniser, model: ModelServer
) -> None:
    model.default = Reply(counsel(), first_token_ms=1_500)
    async with open_call(
        backbone.livekit,
        recogniser,
        "revoked",
        call_id="revoked",
        consent={"state": "pending"},
    ) as call:
        await never(lambda: bool(model.asked), "a question before consent", 1.0)
        await call.control("consent_granted")
        await call.says(PROSPECT_HZ, WORRY, is_final=True)
        await eventually(lambda: bool(model.asked), "the question")

        await call.control("consent_revoked")

        await eventually(
            lambda: model.asked[0].dropped_at is not None, "its answer is stopped", 1.0
        )
        await never(lambda: bool(call.panel.nudges), "a nudge of it", 2.0)
        assert not re.search("radio|advisor", json.dumps(trace(backbone, call)))


async def test_a_broken_model_costs_its_hint_and_nothing_else(
    backbone: Backbone, recogniser: ScriptedRecogniser, model: ModelServer
) -> None:
    faults = (Reply(raw="garbage"), Reply(hangs="headers"))
    async with open_call(backbone.livekit, recogniser, "faults", call_id="faults") as call:
        for fault in faults:
            model.default = fault
            asked = len(model.asked)
            await call.says(PROSPECT_HZ, f"{WORRY}, and that is question {asked}?", is_final=True)
            await has_been_asked(model, asked + 1)
            await call.wait_for_status(thinking=False)
        await call.wait_for_status(state="degraded", reasons=["llm_down"])

        await call.says(PROSPECT_HZ, "that is way over our budget")
        await eventually(lambda: bool(call.panel.nudges), "a trigger's nudge all the same")

        model.default = Reply(counsel())
        await call.says(PROSPECT_HZ, f"{WORRY}, so how would we do that?", is_final=True)
        await call.wait_for_status(state="listening", reasons=[])


async def test_the_trace_of_an_advised_call_replays_to_the_same_decisions(
    backbone: Backbone, recogniser: ScriptedRecogniser, model: ModelServer, tmp_path: Path
) -> None:
    model.default = Reply(counsel(), first_token_ms=100, tokens_per_second=60)
    async with open_call(backbone.livekit, recogniser, "replayed", call_id="replayed") as call:
        await call.says(REP_HZ, "so how do you decide about a tool like this", is_final=True)
        await call.says(PROSPECT_HZ, WORRY, is_final=True)
        await eventually(lambda: len(call.panel.nudges) == 2, "headline and detail")
        await call.control("stop")
        await call.has_ended()
        lines = trace(backbone, call)
    path, out = tmp_path / "call.jsonl", tmp_path / "out.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)) + "\n")

    coach = Path(__file__).parents[2] / ".venv" / "bin" / "coach"
    process = await asyncio.create_subprocess_exec(coach, "replay", path, "--out", out)
    assert await process.wait() == 0

    def decisions(lines: list[dict[str, Any]]) -> list[Any]:
        return [
            {k: v for k, v in line.items() if k != "spent_us"}
            for line in lines
            if line["type"] == "decision"
        ]

    replayed = [json.loads(line) for line in out.read_text().splitlines()]
    assert decisions(replayed) == decisions(lines) != []
    assert lines[-1]["type"] == "meters" and lines[-1]["text_tokens"] > 0
