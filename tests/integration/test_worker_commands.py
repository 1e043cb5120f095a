"""`coach dispatch` and `coach doctor` as people run them: what they say and their exit codes."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from coach.cli.ports import free_port
from integration.livekit_server import LiveKit, running_livekit
from integration.people import joined
from integration.recogniser import listen_url
from integration.rooms import close_room, metadata
from integration.worker_process import Worker, running_worker

COACH = [sys.executable, "-c", "from coach.cli.main import app; app()"]


@dataclass(frozen=True)
class Backbone:
    """A server and a worker."""

    livekit: LiveKit
    worker: Worker

    def environment(self) -> dict[str, str]:
        return {
            "LIVEKIT_URL": self.livekit.url,
            "LIVEKIT_API_KEY": self.livekit.key,
            "LIVEKIT_API_SECRET": self.livekit.secret,
        }


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backbone]:
    folder = tmp_path_factory.mktemp("commands")
    environment = {"COACH_STT_BASE_URL": listen_url(free_port())}
    with (
        running_livekit(folder) as livekit,
        running_worker(folder, livekit, environment) as worker,
    ):
        yield Backbone(livekit, worker)


def coach(
    *arguments: str, environment: dict[str, str], stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    ours = ("COACH_", "LIVEKIT_", "DEEPGRAM_", "OPENAI_")
    inherited = {name: v for name, v in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [*COACH, *arguments],
        env=inherited | {"COLUMNS": "200"} | environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_dispatch_prints_the_agents_identity(backbone: Backbone) -> None:
    done = coach("dispatch", "one", "--rep", "rep-1", environment=backbone.environment())

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("call-assistant-AJ_")


def test_dispatch_reads_the_job_from_a_file_and_from_standard_input(
    backbone: Backbone, tmp_path: Path
) -> None:
    file = tmp_path / "job.json"
    file.write_text(metadata())

    from_file = coach(
        "dispatch", "two", "--metadata", str(file), environment=backbone.environment()
    )
    from_input = coach(
        "dispatch", "three", "--metadata", "-", environment=backbone.environment(), stdin=metadata()
    )

    assert (from_file.returncode, from_input.returncode) == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        ((), "", "rep: is required"),
        (("--metadata", "/no/such/file"), "", "metadata: must be a readable file of JSON"),
        (("--metadata", "-"), "[]", "metadata: must be an object"),
        (("--metadata", "-"), '{"rep":{"identity":"r"},"call_id":"a b"}', "call_id: must match"),
    ],
)
def test_dispatch_refuses_a_bad_job_with_exit_code_2(
    arguments: tuple[str, ...], stdin: str, says: str
) -> None:
    done = coach("dispatch", "four", *arguments, environment={}, stdin=stdin)

    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_dispatch_says_that_nobody_came_with_exit_code_1(backbone: Backbone) -> None:
    environment = backbone.environment() | {"LIVEKIT_AGENT_NAME": "nobody"}

    done = coach("dispatch", "five", "--rep", "r", "--wait", "1", environment=environment)

    assert done.returncode == 1
    assert "no agent joined" in done.stderr


def test_dispatch_says_that_no_server_answers_with_exit_code_1() -> None:
    environment = {"LIVEKIT_URL": f"ws://127.0.0.1:{free_port()}"}

    done = coach("dispatch", "six", "--rep", "r", environment=environment)

    assert done.returncode == 1
    assert "no LiveKit server answers" in done.stderr


def test_dispatch_gives_up_a_server_that_accepts_and_never_answers_with_exit_code_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environment = {"LIVEKIT_URL": f"ws://127.0.0.1:{silent.getsockname()[1]}"}

        done = coach("dispatch", "seven", "--rep", "r", "--wait", "0.1", environment=environment)

    assert done.returncode == 1
    assert "no LiveKit server answers" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_finds_nothing_wrong_with_server_and_worker(backbone: Backbone) -> None:
    port = backbone.worker.health_url.rstrip("/").rpartition(":")[2]

    done = coach("doctor", environment=backbone.environment() | {"COACH_HTTP_PORT": port})

    assert done.returncode == 0, done.stdout
    assert "is up and registered" in done.stdout


@pytest.mark.parametrize(
    ("variables", "code", "says"),
    [
        ({"COACH_MAX_CALLS": "x"}, 2, "COACH_MAX_CALLS"),
        ({"COACH_PLAYBOOK": "/"}, 11, "coach playbook check"),
        ({"LIVEKIT_URL": "ws://127.0.0.1:9"}, 12, "no answer"),
        ({"LIVEKIT_API_KEY": "wrong", "LIVEKIT_API_SECRET": "x" * 40}, 13, "refused"),
        ({"COACH_STT_BASE_URL": "http://127.0.0.1:9/v1/listen"}, 14, "no answer at 127.0.0.1:9"),
    ],
)
def test_each_finding_of_the_doctor_has_a_remedy_and_a_code(
    backbone: Backbone, variables: dict[str, str], code: int, says: str
) -> None:
    port = str(free_port())

    done = coach(
        "doctor", environment=backbone.environment() | {"COACH_HTTP_PORT": port} | variables
    )

    assert done.returncode == code, done.stdout
    assert says in done.stdout
    assert backbone.livekit.secret not in done.stdout


async def test_doctor_sees_in_a_room_who_can_answer_and_whose_token_allows_much(
    backbone: Backbone,
) -> None:
    livekit, room = backbone.livekit, "looked-into"
    port = backbone.worker.health_url.rstrip("/").rpartition(":")[2]
    environment = backbone.environment() | {"COACH_HTTP_PORT": port}
    quiet = livekit.token("buyer-1", room, can_publish_data=False)

    def look(rep: str) -> subprocess.CompletedProcess[str]:
        return coach("doctor", "--room", room, "--rep", rep, environment=environment)

    async with joined(livekit, "rep-1", room), joined(livekit, "buyer-1", room, quiet):
        dispatched = ("dispatch", room, "--rep", "rep-1")
        await asyncio.to_thread(coach, *dispatched, environment=environment)
        good = await asyncio.to_thread(look, "rep-1")
        wrong = await asyncio.to_thread(look, "buyer-1")
        absent = await asyncio.to_thread(look, "rep-2")
    await close_room(livekit, room)

    assert good.returncode == 0, good.stdout
    assert "its token lets it answer to nudges" in good.stdout
    assert "listen and call the rep, and no more" in good.stdout
    assert "none of 1 tokens allows more" in good.stdout
    assert wrong.returncode == 17
    assert "1 of 1 tokens allow data" in wrong.stdout
    assert absent.returncode == 17


def test_a_program_that_is_no_livekit_server_is_no_matter_of_the_key(backbone: Backbone) -> None:
    """The worker's own health endpoint, asked for as a LiveKit server."""
    environment = backbone.environment() | {
        "COACH_HTTP_PORT": str(free_port()),
        "LIVEKIT_URL": backbone.worker.health_url.replace("http:", "ws:"),
    }

    done = coach("doctor", environment=environment)

    assert done.returncode == 12, done.stdout
    assert "where workers register" in done.stdout


def test_a_taken_port_is_found(backbone: Backbone) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])

        done = coach("doctor", environment=backbone.environment() | {"COACH_HTTP_PORT": port})

    assert done.returncode == 15
    assert "COACH_HTTP_PORT" in done.stdout


def test_every_verb_is_listed() -> None:
    done = coach("--help", environment={})

    assert done.returncode == 0, done.stderr
    for verb in ("demo", "replay", "playbook", "dispatch", "doctor", "stt-server"):
        assert verb in done.stdout
