"""How the doctor tells a LiveKit server from any other, and a refused key from other failures."""

import socket
from collections.abc import Mapping

import pytest

from coach.cli.doctor import server
from coach.cli.doctor.finding import Code, Finding
from coach.settings import Settings
from fakes.web import OPEN, Page, web_server

DOOR = "/agent"
ROOMS = "/twirp/livekit.RoomService/ListRooms"
PEOPLE = "/twirp/livekit.RoomService/ListParticipants"
LIVEKIT: Mapping[str, Page] = {DOOR: (OPEN, b""), ROOMS: (200, b""), PEOPLE: (200, b"")}


def at(url: str) -> Settings:
    return Settings(LIVEKIT_URL=url, LIVEKIT_API_KEY="key", LIVEKIT_API_SECRET="s" * 40)  # type: ignore[arg-type]


async def seen_of(pages: Mapping[str, Page], status: int = 404, body: bytes = b"") -> Finding:
    async with web_server(status, body, pages) as url:
        return await server.check_server(at(url))


async def test_a_server_that_takes_workers_and_dispatches_is_well() -> None:
    finding = await seen_of(LIVEKIT)

    assert finding.is_good
    assert "may register workers and dispatch them" in finding.seen


async def test_a_server_that_knows_no_such_room_is_well() -> None:
    missing = (404, b'{"code": "not_found"}')

    assert (await seen_of({**LIVEKIT, PEOPLE: missing})).is_good


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b""), (200, b"<html>"), (404, b"nothing"), (500, b"broken"), (301, b"")],
)
async def test_any_other_web_server_is_no_livekit_server(status: int, body: bytes) -> None:
    """A plain page was a valid key pair, and a page that is not there a refused one."""
    finding = await seen_of({}, status, body)

    assert finding.code is Code.SERVER
    assert f"answers {status} where workers register" in finding.seen
    assert "LIVEKIT_URL" in finding.remedy


@pytest.mark.parametrize(
    "page", [(200, b"<html>"), (404, b"nothing"), (500, b"[]"), (503, b'{"code": "unavailable"}')]
)
@pytest.mark.parametrize("path", [ROOMS, PEOPLE])
async def test_a_door_with_no_livekit_server_behind_it_is_found(path: str, page: Page) -> None:
    finding = await seen_of({**LIVEKIT, path: page})

    assert finding.code is Code.SERVER
    assert "LIVEKIT_URL" in finding.remedy


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("path", "right"),
    [(DOOR, "to register a worker"), (ROOMS, "to look into rooms"), (PEOPLE, "to look into rooms")],
)
async def test_a_right_that_the_key_has_not_is_named(path: str, right: str, status: int) -> None:
    finding = await seen_of({**LIVEKIT, path: (status, b"{}")})

    assert finding.code is Code.KEY
    assert finding.seen.endswith(f"refused it {right} ({status})")
    assert "LIVEKIT_API_KEY" in finding.remedy


async def test_a_server_that_accepts_and_never_answers_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "ANSWER_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        finding = await server.check_server(at(f"ws://127.0.0.1:{silent.getsockname()[1]}"))

    assert finding.code is Code.SERVER
    assert "no answer" in finding.seen
    assert finding.remedy
