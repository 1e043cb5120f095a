"""The worker among jobs: what it takes, refuses, survives, and how it goes."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from coach.cli.dispatch import DispatchFailed, dispatch_coach
from coach.cli.ports import free_port
from coach.errors import MetadataError
from integration.livekit_server import REPOSITORY, LiveKit, running_livekit
from integration.people import PROSPECT_HZ, joined
from integration.recogniser import ScriptedRecogniser, listen_url, scripted_recogniser
from integration.rooms import agents_in, close_room, dispatch, metadata
from integration.servers import open_call
from integration.waiting import eventually, never
from integration.worker_process import Worker, running_worker

# The SDK drops some handles of a client twice when it leaves a room; only tests notice.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FfiHandle")


@dataclass(frozen=True)
class Backbone:
    """What all tests of this module share."""

    livekit: LiveKit
    port: int

    @property
    def environment(self) -> dict[str, str]:
        return {"COACH_STT_BASE_URL": listen_url(self.port)}

    async def bring_coach(self, room: str, job: str, seconds: float = 20) -> str:
        livekit = self.livekit
        return await dispatch_coach(
            url=livekit.url,
            key=livekit.key,
            secret=livekit.secret,
            room=room,
            metadata=job,
            deadline_seconds=seconds,
        )


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backbone]:
    with running_livekit(tmp_path_factory.mktemp("livekit")) as livekit:
        yield Backbone(livekit, free_port())


@pytest.fixture(scope="module")
def worker(backbone: Backbone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    folder = tmp_path_factory.mktemp("worker")
    environment = backbone.environment | {"COACH_MAX_CALLS": "3"}
    with running_worker(folder, backbone.livekit, environment) as worker:
        yield worker


@pytest.fixture
async def recogniser(backbone: Backbone) -> AsyncIterator[ScriptedRecogniser]:
    async with scripted_recogniser(backbone.port) as recogniser:
        yield recogniser


def job_process_of(worker: Worker, agent: str) -> psutil.Process:
    """Return the process that runs an agent's job, which the log names."""
    job_id = agent.removeprefix("call-assistant-")
    for line in worker.lines():
        if line.get("job_id") == job_id and line["pid"] != worker.pid:
            return psutil.Process(line["pid"])
    raise AssertionError("no log line of that job")


@pytest.mark.parametrize(
    ("job", "field"),
    [
        ("", "metadata"),
        ("{}", "rep"),
        ('{"rep": {"identity": 7}}', "rep.identity"),
        (metadata(call_id="../../etc"), "call_id"),
        (metadata(playbook="other"), "playbook"),
        (metadata(consent={"state": "maybe"}), "consent.state"),
    ],
)
async def test_bad_metadata_is_rejected_with_one_line_and_the_worker_goes_on(
    backbone: Backbone, worker: Worker, job: str, field: str
) -> None:
    before = len(worker.logged("job rejected: bad metadata", field=field))

    await dispatch(backbone.livekit, "bad", job)

    await eventually(
        lambda: len(worker.logged("job rejected: bad metadata", field=field)) == before + 1,
        "one line naming the field",
    )
    assert worker.health() == 200


async def test_metadata_is_checked_before_anything_is_dispatched(backbone: Backbone) -> None:
    with pytest.raises(MetadataError):
        await backbone.bring_coach("unseen", "{}")


async def test_dispatch_returns_when_the_agent_is_there(backbone: Backbone, worker: Worker) -> None:
    try:
        agent = await backbone.bring_coach("there", metadata())

        assert agent.startswith("call-assistant-AJ_")
    finally:
        await close_room(backbone.livekit, "there")


async def test_two_dispatches_at_once_both_arrive(backbone: Backbone, worker: Worker) -> None:
    rooms = ["burst-1", "burst-2"]
    try:
        agents = await asyncio.gather(*(backbone.bring_coach(room, metadata()) for room in rooms))

        assert len(set(agents)) == 2
        assert len(worker.logged("received job request", room="burst-1")) == 1
        assert len(worker.logged("received job request", room="burst-2")) == 1
    finally:
        for room in rooms:
            await close_room(backbone.livekit, room)


async def test_a_full_worker_refuses_and_a_dispatch_that_fails_says_so(
    backbone: Backbone, worker: Worker
) -> None:
    await eventually(lambda: _calls_of(worker) == 0, "earlier calls are over", 30)
    rooms = ["full-1", "full-2", "full-3"]
    try:
        for room in rooms:
            await backbone.bring_coach(room, metadata())

        with pytest.raises(DispatchFailed, match="no agent joined"):
            await backbone.bring_coach("full-4", metadata(), seconds=2)
        assert worker.logged("job left to another worker: full")
    finally:
        for room in rooms:
            await close_room(backbone.livekit, room)


def _calls_of(worker: Worker) -> int:
    with urllib.request.urlopen(worker.health_url + "worker", timeout=2) as answer:
        return int(json.load(answer)["calls"])


async def test_a_dispatch_that_found_no_worker_is_made_again(
    backbone: Backbone, tmp_path: Path
) -> None:
    livekit = backbone.livekit
    other = "late-worker"
    waiting = asyncio.create_task(
        dispatch_coach(
            url=livekit.url,
            key=livekit.key,
            secret=livekit.secret,
            room="dropped",
            metadata=metadata(),
            agent_name=other,
            deadline_seconds=60,
        )
    )
    environment = backbone.environment | {"LIVEKIT_AGENT_NAME": other}

    def start() -> Iterator[Worker]:
        with running_worker(tmp_path, livekit, environment) as late:
            yield late

    workers = start()
    try:
        await asyncio.to_thread(next, workers)
        assert await waiting
    finally:
        await close_room(livekit, "dropped")
        workers.close()  # type: ignore[attr-defined]


async def test_one_calls_process_killed_leaves_the_others_untouched(
    backbone: Backbone, worker: Worker, recogniser: ScriptedRecogniser
) -> None:
    livekit = backbone.livekit
    async with (
        open_call(livekit, recogniser, "killed", transcribe_rep=False) as killed,
        open_call(livekit, recogniser, "spared", transcribe_rep=False) as spared,
    ):
        await eventually(lambda: len(recogniser.open_streams) == 2, "both are heard")

        job_process_of(worker, killed.agent).kill()
        await eventually(lambda: len(recogniser.open_streams) == 1, "one stream is left")
        await recogniser.open_streams[0].say("that is way over our budget")

        await eventually(lambda: spared.panel.nudges, "a nudge in the other call")
        assert not killed.panel.nudges
        assert worker.health() == 200


async def test_a_terminated_worker_takes_nothing_new_and_lets_its_call_finish(
    backbone: Backbone, recogniser: ScriptedRecogniser, tmp_path: Path
) -> None:
    livekit = backbone.livekit
    name = {"LIVEKIT_AGENT_NAME": "draining"}
    with running_worker(tmp_path, livekit, backbone.environment | name) as worker:
        async with joined(livekit, "rep-1", "drain") as rep:
            agent = await dispatch_coach(
                url=livekit.url,
                key=livekit.key,
                secret=livekit.secret,
                room="drain",
                metadata=metadata(),
                agent_name="draining",
            )
            worker.terminate()
            await eventually(lambda: worker.health() == 503, "health says 503")
            await never(lambda: worker.process.poll() is not None, "the worker left its call", 1.0)
            await eventually(lambda: agents_in(rep.room), "the agent is still there")

            assert (
                await rep.room.local_participant.perform_rpc(
                    destination_identity=agent,
                    method="coach_control",
                    payload='{"v":1,"action":"stop"}',
                )
                == "ok"
            )
            await eventually(lambda: worker.process.poll() is not None, "the worker exits", 20)
    assert worker.process.returncode == 0


async def test_health_is_503_while_the_server_is_away(backbone: Backbone, tmp_path: Path) -> None:
    away = LiveKit(f"ws://127.0.0.1:{free_port()}", "devkey", backbone.livekit.secret, tmp_path)
    with running_worker(tmp_path, away, backbone.environment, ready=False) as worker:
        await eventually(lambda: worker.logged("health endpoint"), "the first log line", 30)
        [line] = worker.logged("health endpoint")
        worker.health_url = f"http://{line['host']}:{line['port']}/"

        assert worker.lines()[0] == line
        assert worker.health() == 503


async def test_health_follows_a_server_that_goes_and_comes_back(
    backbone: Backbone, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(ExitStack())
        livekit = server.enter_context(running_livekit(tmp_path))
        worker = stack.enter_context(running_worker(tmp_path, livekit, backbone.environment))

        server.close()
        await eventually(lambda: worker.health() == 503, "health says 503", 10)

        server.enter_context(running_livekit(tmp_path))
        await eventually(lambda: worker.health() == 200, "it has registered again", 30)
        assert worker.process.poll() is None


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"COACH_MAX_CALLS": "many"}, r"COACH_MAX_CALLS: must be a whole number from 1 to 1000"),
        (
            {"COACH_MAXCALLS": "3"},
            "COACH_MAXCALLS: is not a setting; accepted are .*_MAX_CALLS",
        ),
        ({"LIVEKIT_URL": "wss://example.com"}, r"LIVEKIT_API_KEY: the public development pair"),
    ],
)
def test_bad_configuration_stops_the_worker_with_one_line(
    variables: dict[str, str], expected: str
) -> None:
    inherited = {n: v for n, v in os.environ.items() if not n.startswith(("COACH_", "LIVEKIT_"))}

    done = subprocess.run(
        [sys.executable, "agent.py", "start"],
        cwd=REPOSITORY / "agent",
        env=inherited | variables,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 2
    assert re.fullmatch(expected + r".*\n", done.stderr)
    assert done.stdout == ""


async def test_nobody_is_left_behind_by_a_worker_that_is_killed(
    backbone: Backbone, tmp_path: Path
) -> None:
    """Job processes notice that their parent is gone; they must not coach on as orphans."""
    name = {"LIVEKIT_AGENT_NAME": "killed"}
    environment = backbone.environment | name
    with running_worker(tmp_path, backbone.livekit, environment) as worker:
        family = psutil.Process(worker.pid).children(recursive=True)
        worker.process.send_signal(signal.SIGKILL)

        await eventually(
            lambda: not any(_is_alive(process) for process in family), "all children end", 20
        )


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_speech_never_reaches_the_logs(
    backbone: Backbone, worker: Worker, recogniser: ScriptedRecogniser
) -> None:
    canary = "xylophone"
    rep = {"identity": "rep-1", "name": f"Rep {canary}"}
    account = {"id": "acme", "name": f"Acme {canary}"}
    async with open_call(
        backbone.livekit, recogniser, "logs", transcribe_rep=False, rep=rep, account=account
    ) as call:
        stream = await recogniser.stream_of(PROSPECT_HZ)
        await stream.say(f"the {canary} is over our budget", is_final=True)
        await eventually(lambda: call.panel.nudges, "a nudge")
        text = await call.prospect.room.local_participant.stream_text(topic=f"lk.{canary}")
        await text.write("hello")
        await text.aclose()
        await eventually(
            lambda: worker.logged("ignoring a data stream: nothing listens to its topic"),
            "the stream is logged",
        )
        await call.control("stop")
        await call.has_ended()

    assert canary not in worker.log.read_text()
    assert canary not in worker.errors.read_text()


async def test_a_second_dispatch_for_a_rep_replaces_the_first_coach(
    backbone: Backbone, worker: Worker, recogniser: ScriptedRecogniser
) -> None:
    """Two would both talk to one panel: nothing may listen behind what it says."""
    async with open_call(backbone.livekit, recogniser, "twice", transcribe_rep=False) as call:
        await eventually(lambda: recogniser.open_streams, "the first one hears")

        pending = {"state": "pending", "policy": "call"}
        second = await backbone.bring_coach("twice", metadata(consent=pending))

        await eventually(
            lambda: [agent.identity for agent in agents_in(call.rep.room)] == [second],
            "only the second one is there",
        )
        await eventually(lambda: not recogniser.open_streams, "nobody hears without consent")
        await eventually(
            lambda: call.panel.hellos[-1]["consent"]["state"] == "pending", "the panel asks"
        )
        await never(lambda: agents_in(call.rep.room) == [], "the second one goes", 1.0)


async def test_the_coach_of_another_rep_stays(
    backbone: Backbone, worker: Worker, recogniser: ScriptedRecogniser
) -> None:
    async with open_call(backbone.livekit, recogniser, "pair", transcribe_rep=False) as call:
        other = metadata(rep={"identity": "rep-2"}, call_id="other")

        second = await backbone.bring_coach("pair", other)

        both = {call.agent, second}
        await eventually(lambda: {a.identity for a in agents_in(call.rep.room)} == both, "both")
        await never(lambda: len(agents_in(call.rep.room)) != 2, "one of the two goes", 2.0)
