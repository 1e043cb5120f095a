"""The rep's client against a room in memory: who is believed, what is answered, what is sent."""

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit import rtc

from coach_terminal import callers
from coach_terminal.client import RepClient
from coach_terminal.coach_line import CoachCallError
from coach_terminal.events import (
    STREAM_LIMIT,
    AgentPresence,
    Event,
    NudgeReceived,
    StatusReceived,
)
from coach_terminal.panel_state import Condition, Connection
from unit.coach_terminal.samples import (
    AGENT,
    HandClock,
    MemoryParticipant,
    MemoryRoom,
    nudge_content,
    status_content,
)

METHODS = {"coach_nudge", "coach_hello", "coach_status"}
PROSPECT = MemoryParticipant("buyer-1", rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD)


def nudge_json(**changes: Any) -> str:
    return json.dumps(nudge_content(**changes))


async def test_nudge_is_answered_recorded_and_reported() -> None:
    room, clock, heard = MemoryRoom(MemoryParticipant(AGENT)), HandClock(), list[Event]()
    async with RepClient(room.as_room(), clock=clock, on_event=heard.append) as client:
        stream = client.events()

        reply = await room.call("coach_nudge", nudge_json())

        received = client.nudges[0]
        assert reply == "shown"
        assert (received.received_at, received.answer, received.caller) == (1000.0, "shown", AGENT)
        assert heard == [received]
        assert await anext(stream) == received


@pytest.mark.parametrize("standing", ["monotonic_seconds", "wall_seconds"])
async def test_nudge_that_waited_while_one_clock_stood_still_is_expired(standing: str) -> None:
    room, clock = MemoryRoom(MemoryParticipant(AGENT)), HandClock()
    async with RepClient(room.as_room(), clock=clock) as client:
        await room.call("coach_status", json.dumps(status_content()))
        before = getattr(clock, standing)
        clock.pass_seconds(8.0)
        setattr(clock, standing, before)

        reply = await room.call("coach_nudge", nudge_json(created_ms=11_000))

        assert reply == "expired"
        assert client.nudges[0].age_seconds == pytest.approx(7.0)


@pytest.mark.parametrize("method", sorted(METHODS))
@pytest.mark.parametrize("caller", ["buyer-1", ""])
async def test_whoever_is_no_agent_gets_the_error_of_an_unknown_method(
    method: str, caller: str
) -> None:
    room = MemoryRoom(PROSPECT)
    async with RepClient(room.as_room()) as client:
        with pytest.raises(rtc.RpcError) as refused:
            await room.call(method, nudge_json(), caller)

        assert (refused.value.code, refused.value.message, refused.value.data) == (
            1400,
            "Method not supported at destination",
            None,
        )
        assert client.refused_count == 1
        assert not client.nudges


async def test_caller_that_is_announced_later_is_waited_for() -> None:
    room = MemoryRoom()
    async with RepClient(room.as_room()):
        calling = asyncio.create_task(room.call("coach_nudge", nudge_json()))
        await asyncio.sleep(0)
        room.emit("participant_connected", PROSPECT)
        await asyncio.sleep(0)
        assert not calling.done()

        room.remote_participants[AGENT] = MemoryParticipant(AGENT)
        room.emit("participant_connected", room.remote_participants[AGENT])

        assert await calling == "shown"


async def test_caller_that_is_never_announced_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "KNOWN_WITHIN_SECONDS", 0.01)
    room = MemoryRoom()
    async with RepClient(room.as_room()):
        with pytest.raises(rtc.RpcError) as refused:
            await room.call("coach_nudge", nudge_json())

    assert refused.value.code == 1400


async def test_calls_that_wait_for_their_caller_are_bounded() -> None:
    room = MemoryRoom()
    async with RepClient(room.as_room()):
        waiting = [
            asyncio.create_task(room.call("coach_nudge", nudge_json()))
            for _ in range(callers.WAITING_LIMIT)
        ]
        await asyncio.sleep(0)

        with pytest.raises(rtc.RpcError):
            await room.call("coach_nudge", nudge_json())

        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_other_agents_are_strangers_when_the_host_named_one() -> None:
    room = MemoryRoom(MemoryParticipant("notetaker"), MemoryParticipant(AGENT))
    async with RepClient(room.as_room(), agent_identity=AGENT) as client:
        with pytest.raises(rtc.RpcError):
            await room.call("coach_nudge", nudge_json(), "notetaker")
        await client.control("unmute")

    assert {identity for identity, _, _ in room.local_participant.calls} == {AGENT}


async def test_rep_speaks_to_the_agent_that_spoke_to_the_rep() -> None:
    room = MemoryRoom(MemoryParticipant("a-notetaker"), MemoryParticipant("own-coach"))
    async with RepClient(room.as_room()) as client:
        await room.call("coach_nudge", nudge_json(), "own-coach")
        await client.feedback("n-1", "used")

    assert room.local_participant.calls[-1] == (
        "own-coach",
        "coach_feedback",
        {"v": 1, "nudge_id": "n-1", "action": "used"},
    )


async def test_attaching_greets_a_coach_that_is_there_and_closing_leaves_nothing() -> None:
    room = MemoryRoom(MemoryParticipant(AGENT), PROSPECT)
    client = RepClient(room.as_room())
    await client.attach()
    await client.attach()
    assert set(room.local_participant.handlers) == METHODS
    await asyncio.sleep(0)

    await client.aclose()
    await client.aclose()

    assert room.local_participant.calls == [(AGENT, "coach_control", {"v": 1, "action": "hello"})]
    assert room.local_participant.handlers == {}
    assert not any(room.listeners.values())


async def test_room_that_connects_later_or_anew_gets_the_methods_then() -> None:
    room = MemoryRoom(is_connected=False)
    async with RepClient(room.as_room()) as client:
        assert client.state.condition(client.now()) is Condition.DISCONNECTED
        connected = rtc.ConnectionState.CONN_CONNECTED
        room.connection_state = connected
        room.emit("connection_state_changed", connected)
        first = room.local_participant

        room.local_participant = type(first)()
        room.emit("connection_state_changed", rtc.ConnectionState.CONN_DISCONNECTED)
        room.emit("connection_state_changed", connected)

        assert set(first.handlers) == set(room.local_participant.handlers) == METHODS
        assert client.state.connection is Connection.CONNECTED


async def test_agents_that_come_and_go_are_reported_and_a_new_one_is_greeted() -> None:
    room = MemoryRoom()
    async with RepClient(room.as_room()) as client:
        stream = client.events()
        room.emit("participant_connected", MemoryParticipant(AGENT))
        room.emit("participant_disconnected", MemoryParticipant(AGENT))
        room.emit("participant_connected", PROSPECT)
        await asyncio.sleep(0)

    assert [event async for event in stream] == [
        AgentPresence(AGENT, is_present=True),
        AgentPresence(AGENT, is_present=False),
    ]
    assert len(room.local_participant.calls) == 1


async def test_slow_reader_loses_the_oldest_events() -> None:
    room = MemoryRoom(MemoryParticipant(AGENT))
    async with RepClient(room.as_room()) as client:
        stream = client.events()
        for number in range(STREAM_LIMIT + 10):
            await room.call("coach_status", json.dumps(status_content(at_ms=number)))

    first = await anext(stream)
    assert isinstance(first, StatusReceived)
    assert first.status.at_ms == 10
    assert stream.dropped_count == 10


async def test_refused_consent_empties_the_record_of_nudges_too() -> None:
    room = MemoryRoom(MemoryParticipant(AGENT))
    async with RepClient(room.as_room()) as client:
        await room.call("coach_nudge", nudge_json())
        await client.consent_revoked()
        assert not client.nudges

        await room.call("coach_nudge", nudge_json(created_ms=9_000))
        await room.call("coach_status", json.dumps(status_content(consent="revoked")))

        assert not client.nudges


async def test_answer_of_the_coach_is_shown() -> None:
    room = MemoryRoom(MemoryParticipant(AGENT))
    async with RepClient(room.as_room()) as client:
        room.local_participant.answer = nudge_json(kind="card")
        nudge = await client.ask(text="what do we have on payback")

        assert nudge is not None
        assert client.state.latest is not None
        assert client.state.latest.nudge == nudge


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("what?", 2400),
        (nudge_json(call_id="c-2"), None),
        (rtc.RpcError(2404, "unknown card"), 2404),
        (rtc.RpcError(1502, "Response timeout"), 1502),
    ],
)
async def test_question_that_fails_says_why(answer: str | rtc.RpcError, code: int | None) -> None:
    room = MemoryRoom(MemoryParticipant(AGENT))
    async with RepClient(room.as_room()) as client:
        await room.call("coach_nudge", nudge_json())
        room.local_participant.answer = answer

        with pytest.raises(CoachCallError) as failed:
            await client.ask(card="roi")

    assert failed.value.code == code


async def test_question_that_is_too_long_or_empty_is_not_sent() -> None:
    room = MemoryRoom(MemoryParticipant(AGENT))
    async with RepClient(room.as_room()) as client:
        with pytest.raises(CoachCallError, match="too long"):
            await client.ask(text="é" * 1100)
        with pytest.raises(CoachCallError):
            await client.ask()

    assert all(method != "coach_ask" for _, method, _ in room.local_participant.calls)


@given(
    st.sampled_from(sorted(METHODS)),
    st.text(max_size=120)
    | st.builds(
        lambda name, value: nudge_json(**{name: value}),
        st.sampled_from(sorted(nudge_content())),
        st.none() | st.integers() | st.text(max_size=3000) | st.lists(st.integers(), max_size=3),
    ),
)
def test_whatever_the_coach_sends_gets_a_defined_answer(method: str, payload: str) -> None:
    asyncio.run(_has_a_defined_answer(method, payload))


async def _has_a_defined_answer(method: str, payload: str) -> None:
    room = MemoryRoom(MemoryParticipant(AGENT))
    async with RepClient(room.as_room()):
        try:
            reply = await room.call(method, payload)
        except rtc.RpcError as refused:
            assert refused.code in {2400, 2413}
        else:
            assert reply in {"shown", "expired", "muted", "duplicate", "ok", '{"v":1,"ready":true}'}


async def test_nudges_are_kept_in_the_order_of_their_arrival() -> None:
    room = MemoryRoom(MemoryParticipant(AGENT))
    async with RepClient(room.as_room()) as client:
        for answer in ("shown", "duplicate"):
            assert await room.call("coach_nudge", nudge_json()) == answer

        assert all(isinstance(each, NudgeReceived) for each in client.nudges)
        assert [each.answer for each in client.nudges] == ["shown", "duplicate"]
