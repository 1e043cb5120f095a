"""The terminal's rep client in real rooms of a real LiveKit server."""

import asyncio
import contextlib
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from livekit import rtc

from coach_terminal.client import RepClient
from coach_terminal.coach_line import CoachCallError
from coach_terminal.events import AgentPresence, NudgeReceived
from coach_terminal.messages import Consent
from coach_terminal.panel_state import Condition, Connection
from integration.coach_terminal_support import (
    REP,
    ScriptedCoach,
    Server,
    coach_in,
    joined,
    running_server,
)

CALL_ID = "c-1"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("livekit")
    with running_server(folder) as running:
        yield running


@pytest.fixture
def room_name() -> str:
    return f"call-{uuid.uuid4().hex[:8]}"


def nudge(**changes: Any) -> dict[str, Any]:
    return {
        "v": 1,
        "run": "r1",
        "call_id": CALL_ID,
        "id": "n-1",
        "rev": 0,
        "final": True,
        "moment": "price_objection",
        "kind": "objection",
        "path": "trigger",
        "headline": "Price objection: anchor on payback",
        "say": "Most teams earn this back in six weeks.",
        "priority": 70,
        "created_ms": 60_000,
        "expires_in_ms": 6_000,
        "relevant_ms": 20_000,
        **changes,
    }


def status(**changes: Any) -> dict[str, Any]:
    return {
        "v": 1,
        "run": "r1",
        "call_id": CALL_ID,
        "at_ms": 60_000,
        "state": "listening",
        "consent": "granted",
        "stage": "discovery",
        "guidance": "Ask what it costs them today.",
        **changes,
    }


@contextlib.asynccontextmanager
async def call(server: Server, room_name: str) -> AsyncIterator[tuple[ScriptedCoach, RepClient]]:
    async with (
        coach_in(server, room_name) as coach,
        joined(server, REP, room_name) as room,
        RepClient(room) as client,
    ):
        yield coach, client


async def refusal(room: rtc.Room, method: str, payload: str = "{}") -> rtc.RpcError:
    with pytest.raises(rtc.RpcError) as refused:
        await room.local_participant.perform_rpc(
            destination_identity=REP, method=method, payload=payload
        )
    return refused.value


async def until_heard(coach: ScriptedCoach, method: str, **content: Any) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while True:
            for name, message in coach.heard:
                if name == method and content.items() <= message.items():
                    return message
            await asyncio.sleep(0.01)


async def test_nudge_is_shown_recorded_and_recognised_when_it_comes_again(
    server: Server, room_name: str
) -> None:
    async with call(server, room_name) as (coach, client):
        events = client.events()

        answers = [
            await coach.send("coach_nudge", nudge()),
            await coach.send("coach_nudge", nudge()),
            await coach.send("coach_nudge", nudge(rev=1, detail="Show the ROI slide.")),
        ]

        assert answers == ["shown", "duplicate", "shown"]
        assert client.state.latest is not None
        assert client.state.latest.nudge.detail == "Show the ROI slide."
        assert [received.answer for received in client.nudges] == answers
        assert client.nudges[0].caller == "call-assistant-1"
        assert isinstance(await anext(events), NudgeReceived)


async def test_nudge_that_waited_too_long_is_answered_expired(
    server: Server, room_name: str
) -> None:
    async with call(server, room_name) as (coach, client):
        assert await coach.send("coach_status", status(at_ms=60_000)) == "ok"

        answer = await coach.send("coach_nudge", nudge(created_ms=53_000))

        assert answer == "expired"
        assert client.state.latest is None


async def test_prospect_learns_only_what_an_unregistered_method_tells(
    server: Server, room_name: str
) -> None:
    async with (
        joined(server, "buyer-1", room_name) as prospect,
        joined(server, REP, room_name) as room,
        RepClient(room) as client,
    ):
        known = await refusal(prospect, "no_such_method")

        for method in ("coach_nudge", "coach_hello", "coach_status"):
            refused = await refusal(prospect, method)

            assert (refused.code, refused.message, refused.data) == (
                known.code,
                known.message,
                known.data,
            )
        assert known.code == 1400
        assert client.refused_count == 3
        assert client.state.condition(client.now()) is Condition.WAITING_FOR_COACH


async def test_only_the_agent_that_the_host_named_is_believed(
    server: Server, room_name: str
) -> None:
    async with (
        coach_in(server, room_name, "call-assistant-1") as coach,
        coach_in(server, room_name, "notetaker") as other,
        joined(server, REP, room_name) as room,
        RepClient(room, agent_identity="call-assistant-1"),
    ):
        refused = await refusal(other.room, "coach_nudge")
        answer = await coach.send("coach_nudge", nudge())

    assert refused.code == 1400
    assert answer == "shown"


async def test_broken_message_of_the_coach_is_named_to_the_coach(
    server: Server, room_name: str
) -> None:
    async with call(server, room_name) as (coach, _):
        invalid = await refusal(coach.room, "coach_nudge", "[]")
        large = await refusal(coach.room, "coach_nudge", '"' + "x" * 3000 + '"')
        await coach.send("coach_nudge", nudge())
        another = await refusal(
            coach.room, "coach_status", '{"run":"r1","call_id":"c-2","at_ms":1}'
        )

    assert (invalid.code, large.code, another.code) == (2400, 2413, 2400)


async def test_feedback_control_and_questions_reach_the_coach(
    server: Server, room_name: str
) -> None:
    async with call(server, room_name) as (coach, client):
        await coach.send("coach_nudge", nudge())
        await client.feedback("n-1", "useful", note="schön")
        await client.control("mute", seconds=60)
        muted_answer = await coach.send("coach_nudge", nudge(id="n-2"))
        coach.answer = "null"
        nothing = await client.ask(card="roi")

    assert ("coach_control", {"v": 1, "action": "hello"}) in coach.heard
    assert coach.heard[-3:] == [
        ("coach_feedback", {"v": 1, "nudge_id": "n-1", "action": "useful", "note": "schön"}),
        ("coach_control", {"v": 1, "action": "mute", "seconds": 60}),
        ("coach_ask", {"v": 1, "card": "roi"}),
    ]
    assert muted_answer == "muted"
    assert nothing is None


async def test_revoking_consent_clears_the_panel_before_the_coach_has_answered(
    server: Server, room_name: str
) -> None:
    async with call(server, room_name) as (coach, client):
        await coach.send("coach_status", status())
        await coach.send("coach_nudge", nudge(created_ms=61_000))

        revoking = asyncio.create_task(client.consent_revoked())
        await asyncio.sleep(0)
        shown = client.state.shown_nudges()
        await revoking
        await coach.send("coach_status", status(at_ms=62_000, consent="revoked"))

        assert shown == ()
        assert client.state.consent is Consent.REVOKED


async def test_coach_that_restarts_with_consent_is_told_of_the_revocation_again(
    server: Server, room_name: str
) -> None:
    async with (
        joined(server, REP, room_name) as room,
        RepClient(room) as client,
    ):
        async with coach_in(server, room_name, "call-assistant-1") as coach:
            await coach.send("coach_status", status())
            await client.consent_revoked()
            late = await coach.send("coach_status", status(at_ms=60_100))
            await coach.send("coach_status", status(at_ms=60_900, consent="revoked"))
        async with coach_in(server, room_name, "call-assistant-2") as successor:
            await successor.send("coach_status", status(run="r2", at_ms=100))
            told = await until_heard(successor, "coach_control", action="consent_revoked")
            answer = await successor.send("coach_nudge", nudge(run="r2", created_ms=200))

    assert late == "ok"
    assert told == {"v": 1, "action": "consent_revoked"}
    assert answer == "expired"
    assert client.state.shown_nudges() == ()


async def test_proposal_with_line_breaks_is_read_exactly_and_approved(
    server: Server, room_name: str
) -> None:
    proposal = {"id": "p-1", "text": "Log outcome: won\n\x1b[2J  next: Friday"}
    async with call(server, room_name) as (coach, client):
        await coach.send("coach_nudge", nudge(kind="approval", proposal=proposal))
        shown = client.state.proposal(client.now())
        await client.approve("n-1")
        heard = await until_heard(coach, "coach_feedback")

    assert shown is not None
    assert shown.nudge.proposal is not None
    assert shown.nudge.proposal.text == "Log outcome: won\n\ufffd[2J  next: Friday"
    assert heard == {"v": 1, "nudge_id": "n-1", "action": "approve"}


async def test_client_attached_before_connecting_meets_a_coach_that_is_already_there(
    server: Server, room_name: str
) -> None:
    room = rtc.Room()
    async with coach_in(server, room_name) as coach, RepClient(room) as client:
        before = client.state.connection
        await room.connect(server.url, server.token(REP, room_name))

        greeting = await until_heard(coach, "coach_control")
        answer = await coach.send("coach_nudge", nudge())
        await room.disconnect()

        assert before is client.state.connection is Connection.DISCONNECTED
        assert greeting["action"] == "hello"
        assert answer == "shown"


async def test_closed_client_is_gone_for_the_coach_too(server: Server, room_name: str) -> None:
    async with call(server, room_name) as (coach, client):
        events = client.events()
        await client.aclose()

        refused = await refusal(coach.room, "coach_nudge")

        assert refused.code == 1400
        assert [event async for event in events] == []


async def test_coach_that_the_server_has_not_announced_yet_is_waited_for(
    server: Server, room_name: str
) -> None:
    """The server announces a participant without tracks up to three seconds late."""
    async with joined(server, REP, room_name) as room, RepClient(room) as client:
        events = client.events()
        async with coach_in(server, room_name) as coach:
            was_known = "call-assistant-1" in room.remote_participants

            answer = await coach.send("coach_nudge", nudge())

            assert not was_known
            assert answer == "shown"
            assert isinstance(await anext(events), AgentPresence)


async def test_without_a_coach_the_rep_is_told_so(server: Server, room_name: str) -> None:
    async with joined(server, REP, room_name) as room, RepClient(room) as client:
        with pytest.raises(CoachCallError, match="no coach in the room") as error:
            await client.ask(text="encryption?")

        assert error.value.code is None


@pytest.mark.parametrize(
    ("url", "complaint"),
    [("", "does not accept the token"), ("nonsense", "not the address of a LiveKit server")],
)
async def test_program_that_cannot_join_says_so_in_one_line(
    server: Server, url: str, complaint: str
) -> None:
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "coach_terminal", "--url", url or server.url, "--token", "x.y.z"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await program.communicate()

    assert program.returncode == 2
    assert output == b""
    assert len(errors.splitlines()) == 1
    assert complaint in errors.decode()
    assert "x.y.z" not in errors.decode()
