"""How the doctor tells a worker from whatever else may hold its port."""

import json
import socket
from urllib.parse import urlsplit

import pytest

from coach.adapters.livekit.health import Health, serving_health
from coach.cli.doctor import worker
from coach.cli.doctor.finding import Code, Finding
from coach.settings import Settings
from fakes.web import web_server


def at(port: int | None, host: str = "127.0.0.1") -> Settings:
    return Settings(COACH_HTTP_HOST=host, COACH_HTTP_PORT=port)  # type: ignore[arg-type]


async def seen_of(health: Health) -> Finding:
    async with serving_health("127.0.0.1", 0, lambda: health) as port:
        return await worker.check_worker(at(port))


async def test_a_registered_worker_is_found() -> None:
    finding = await seen_of(Health(True, False, 0, 3, agent_name="call-assistant"))

    assert finding.is_good
    assert finding.seen.endswith("is up and registered")


@pytest.mark.parametrize(
    ("health", "says"),
    [
        (Health(False, False, 0, 3, agent_name="call-assistant"), "not registered with LiveKit"),
        (Health(True, True, 1, 3, agent_name="call-assistant"), "draining"),
    ],
)
async def test_a_worker_that_takes_no_calls_says_why(health: Health, says: str) -> None:
    finding = await seen_of(health)

    assert finding.code is Code.WORKER
    assert finding.seen.endswith(says)
    assert finding.remedy


async def test_a_worker_of_another_name_is_not_ours() -> None:
    finding = await seen_of(Health(True, False, 0, 3, agent_name="another"))

    assert finding.code is Code.PORT
    assert "COACH_HTTP_PORT" in finding.remedy


FRAMEWORKS_OWN = json.dumps({"agent_name": "call-assistant", "sdk_version": "1.8.9"}).encode()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"OK"),
        (200, b"\xff\xfe\xfd"),
        (200, b"[1]"),
        (200, b"[" * 4_000),
        (200, b" " * 100_000),
        (200, FRAMEWORKS_OWN),
        (404, b"404: Not Found"),
    ],
)
async def test_any_other_program_is_no_worker(status: int, body: bytes) -> None:
    """`python -m http.server` on the port was "up and registered", or a worker of code 16."""
    async with web_server(status, body) as url:
        finding = await worker.check_worker(at(urlsplit(url).port))

    assert finding.code is Code.PORT
    assert "taken by a program that is not this worker" in finding.seen
    assert "COACH_HTTP_PORT" in finding.remedy


async def test_a_program_that_takes_the_port_and_never_answers_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "ANSWER_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        finding = await worker.check_worker(at(silent.getsockname()[1]))

    assert finding.code is Code.PORT
    assert "taken by a program that does not answer" in finding.seen


def free_at(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as probe:
        return int(probe.getsockname()[1])


def has_ipv6() -> bool:
    try:
        return free_at("::1") > 0
    except OSError:
        return False


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("::1", marks=needs_ipv6)])
async def test_a_free_port_is_free_on_addresses_of_either_family(host: str) -> None:
    """`COACH_HTTP_HOST=::1` was called taken, though the worker could have had it."""
    finding = await worker.check_worker(at(free_at(host), host))

    assert finding.seen.endswith("is free)")
    assert not finding.is_blocking
    assert "python agent.py start" in finding.remedy


@needs_ipv6
async def test_a_worker_is_found_on_ipv6() -> None:
    health = Health(True, False, 0, 3, agent_name="call-assistant")
    async with serving_health("::1", 0, lambda: health) as port:
        finding = await worker.check_worker(at(port, "::1"))

    assert finding.seen == f"[::1]:{port} is up and registered"


async def test_a_host_that_is_not_this_machine_is_told_as_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "ANSWER_SECONDS", 0.1)

    finding = await worker.check_worker(at(8081, "192.0.2.1"))

    assert finding.code is Code.PORT
    assert "cannot be listened on" in finding.seen
    assert "COACH_HTTP_HOST" in finding.remedy
