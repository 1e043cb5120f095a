"""Four calls at once on one real server and one worker: none lost, doubled, crossed or dragged."""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from coach.cli.ports import free_port
from integration.livekit_server import LiveKit, running_livekit
from integration.people import Person, joined
from integration.recogniser import ScriptedRecogniser, listen_url, scripted_recogniser
from integration.rep_panel import RepPanel
from integration.rooms import agents_in, close_room, dispatch, metadata
from integration.waiting import eventually, never
from integration.worker_process import Worker, running_worker

# The SDK drops some handles of a client twice when it leaves a room; only tests notice.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FfiHandle")

REPOSITORY = Path(__file__).resolve().parents[2]
COACH = REPOSITORY / ".venv" / "bin" / "coach"
SAID = (
    ("price_objection", "that is way over our budget"),
    ("discount_request", "can you give us a discount"),
    ("authority", "i have to ask my boss"),
    ("buying_signal", "how soon could we start"),
)
LATER = ("competitor_mention", "we are also looking at route king")
TONES_HZ = ((300.0, 450.0), (620.0, 800.0), (1000.0, 1220.0), (1460.0, 1720.0))
"""Rep and prospect of each call, far enough apart to be told from torn audio, too."""
START_SECONDS = 30.0
GONE_SECONDS = 45.0
"""The server waits for a client that vanished to come back before it says that it is gone."""
QUIET_SECONDS = 2.0
REPLAY_SECONDS = 60


@dataclass(frozen=True)
class Stage:
    """What the calls of this module share."""

    livekit: LiveKit
    worker: Worker
    traces: Path
    port: int


@dataclass(frozen=True)
class OneCall:
    """One of the calls; its prospect hums at a pitch of its own."""

    name: str
    rep: Person
    panel: RepPanel
    prospect_hz: float

    def moments(self) -> list[str]:
        return [nudge["moment"] for nudge in self.panel.nudges]

    async def has_begun(self) -> None:
        await eventually(lambda: self.panel.hellos, f"hello in {self.name}", START_SECONDS)

    async def has_nudges(self, count: int) -> None:
        await eventually(lambda: len(self.panel.nudges) == count, f"{count} in {self.name}")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("many")
    port, traces = free_port(), folder / "traces"
    traces.mkdir()
    environment = {"COACH_STT_BASE_URL": listen_url(port), "COACH_TRACE_DIR": str(traces)}
    with (
        running_livekit(folder) as livekit,
        running_worker(folder, livekit, environment) as worker,
    ):
        yield Stage(livekit, worker, traces, port)


@asynccontextmanager
async def four_calls(stage: Stage, prefix: str) -> AsyncIterator[list[OneCall]]:
    """Begin four calls with the same identities in four rooms."""
    async with AsyncExitStack() as stack:
        calls = []
        for number in range(4):
            name = f"{prefix}-{number}"
            rep = await stack.enter_async_context(joined(stage.livekit, "rep-1", name))
            buyer = await stack.enter_async_context(joined(stage.livekit, "buyer-1", name))
            panel = RepPanel().register(rep)
            rep_hz, prospect_hz = TONES_HZ[number]
            await rep.publish_microphone(rep_hz)
            await buyer.publish_microphone(prospect_hz)
            await dispatch(stage.livekit, name, metadata(call_id=name))
            stack.push_async_callback(close_room, stage.livekit, name)
            calls.append(OneCall(name, rep, panel, prospect_hz))
        for call in calls:
            await call.has_begun()
        yield calls


async def say(recogniser: ScriptedRecogniser, call: OneCall, text: str) -> None:
    """Speak as the call's prospect: a partial for each word, then the final."""
    stream = await recogniser.stream_of(call.prospect_hz, 30)
    words = text.split()
    for count in range(1, len(words) + 1):
        await stream.say(" ".join(words[:count]))
    await stream.say(text, is_final=True)


def decisions(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the decision lines without the one field that a replay need not repeat."""
    found = [line for line in lines if line["type"] == "decision"]
    return [{k: v for k, v in line.items() if k != "spent_us"} for line in found]


def trace_of(stage: Stage, call: OneCall) -> Path:
    [path] = stage.traces.glob(f"{call.name}.*.jsonl")
    return path


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in path.read_text().splitlines()]


async def has_its_last_line(path: Path) -> None:
    await eventually(lambda: lines_of(path)[-1]["type"] == "meters", "the trace's last line")


def replayed(path: Path) -> list[dict[str, Any]]:
    """Return what `coach replay` makes of a trace."""
    out = path.with_suffix(".out")
    command = [str(COACH), "replay", str(path), "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True, timeout=REPLAY_SECONDS)
    return lines_of(out)


async def test_each_rep_gets_the_hint_of_the_own_call_once_and_the_traces_replay(
    stage: Stage,
) -> None:
    async with scripted_recogniser(stage.port) as recogniser:
        async with four_calls(stage, "crossed") as calls:
            for call, (_, text) in zip(calls, SAID, strict=True):
                await say(recogniser, call, text)
            for call in calls:
                await call.has_nudges(1)
            await never(
                lambda: any(len(call.panel.nudges) > 1 for call in calls),
                "a second nudge",
                QUIET_SECONDS,
            )
        for call in calls:
            await has_its_last_line(trace_of(stage, call))

    assert [call.moments() for call in calls] == [[moment] for moment, _ in SAID]
    assert [call.panel.nudges[0]["call_id"] for call in calls] == [call.name for call in calls]
    for call in calls:
        path = trace_of(stage, call)
        live, again = decisions(lines_of(path)), decisions(await asyncio.to_thread(replayed, path))
        assert live
        assert live == again


async def test_killing_one_calls_process_leaves_the_others_untouched(stage: Stage) -> None:
    async with (
        scripted_recogniser(stage.port) as recogniser,
        four_calls(stage, "killed") as calls,
    ):
        victim, *others = calls
        for call, (_, text) in zip(calls, SAID, strict=True):
            await say(recogniser, call, text)
            await call.has_nudges(1)

        [first, *_] = stage.worker.logged("call state", call_id=victim.name)
        os.kill(int(first["pid"]), signal.SIGKILL)
        for call in others:
            await say(recogniser, call, LATER[1])
            await call.has_nudges(2)

        assert all(call.moments()[-1] == LATER[0] for call in others)
        assert stage.worker.health() == 200
        await eventually(
            lambda: not agents_in(victim.rep.room), "the victim's agent is gone", GONE_SECONDS
        )
