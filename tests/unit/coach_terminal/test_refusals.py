"""The rep says no: it holds here at once, and until the coach has confirmed it."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from livekit import rtc

from coach_terminal import panel_changes
from coach_terminal.client import RepClient
from coach_terminal.coach_line import CoachCallError
from coach_terminal.messages import Consent
from coach_terminal.panel_state import Condition, PanelState
from coach_terminal.requests import ControlAction
from unit.coach_terminal.samples import (
    AGENT,
    HandClock,
    MemoryParticipant,
    MemoryRoom,
    hello,
    nudge_content,
    status,
    status_content,
)

REVOKED = {"state": "waiting_for_consent", "consent": "revoked"}


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[tuple[MemoryRoom, RepClient]]:
    """Attach to a coach that has shown one nudge."""
    room = MemoryRoom(MemoryParticipant(AGENT))
    async with RepClient(room.as_room(), clock=HandClock()) as client:
        await told(room, at_ms=0)
        await room.call("coach_nudge", json.dumps(nudge_content(created_ms=1)))
        room.local_participant.calls.clear()
        yield room, client


async def told(room: MemoryRoom, **changes: Any) -> None:
    """Have the coach say how it is, and let what follows from that happen."""
    await room.call("coach_status", json.dumps(status_content(**changes)))
    await asyncio.sleep(0)


async def shown(room: MemoryRoom, **changes: Any) -> str:
    return await room.call("coach_nudge", json.dumps(nudge_content(**changes)))


def said(room: MemoryRoom) -> list[str]:
    return [content["action"] for _, _, content in room.local_participant.calls]


async def test_a_grant_under_way_does_not_undo_a_revocation_and_the_coach_is_told_again() -> None:
    """A status written before the revocation arrived after it, and hints were shown again."""
    async with listening() as (room, client):
        await client.consent_revoked()
        await told(room, at_ms=500, consent="granted")

        answer = await shown(room, id="n-2", created_ms=510)

        assert answer == "expired"
        assert client.state.shown_nudges() == ()
        assert client.state.condition(client.now()) is Condition.CONSENT_REVOKING
        assert said(room) == ["consent_revoked", "consent_revoked"]


@pytest.mark.parametrize("refusal", ["consent_revoked", "consent_denied"])
async def test_a_coach_that_restarts_with_consent_is_told_that_the_rep_said_no(
    refusal: str,
) -> None:
    async with listening() as (room, client):
        await client.control(refusal)
        await told(room, at_ms=900, **REVOKED | {"consent": refusal.removeprefix("consent_")})
        room.local_participant.calls.clear()

        greeting = {"run": "r2", "call_id": "c-1", "consent": {"state": "granted"}}
        await room.call("coach_hello", json.dumps(greeting))
        await asyncio.sleep(0)

        assert said(room) == [refusal]
        assert await shown(room, run="r2", created_ms=10) == "expired"
        assert client.state.is_withheld


async def test_a_restarted_coach_that_confirms_is_told_no_more() -> None:
    async with listening() as (room, client):
        await client.consent_revoked()
        await told(room, run="r2", at_ms=10, **REVOKED)
        await told(room, run="r2", at_ms=20, **REVOKED)

        assert said(room) == ["consent_revoked"]
        assert client.state.condition(client.now()) is Condition.CONSENT_REVOKED


async def test_a_coach_that_is_unreachable_is_told_again_when_it_next_claims_consent() -> None:
    async with listening() as (room, client):
        room.local_participant.answer = rtc.RpcError(1501, "Connection timeout")
        with pytest.raises(CoachCallError):
            await client.consent_revoked()
        await told(room, at_ms=500)
        await told(room, at_ms=600)

        assert said(room) == ["consent_revoked"] * 3
        assert client.state.condition(client.now()) is Condition.CONSENT_REVOKING


async def test_while_the_coach_is_being_told_it_is_not_told_twice() -> None:
    async with listening() as (room, client):
        room.local_participant.hold()
        revoking = asyncio.create_task(client.consent_revoked())
        await asyncio.sleep(0)
        await told(room, at_ms=500)
        room.local_participant.release()
        await revoking
        room.local_participant.hold()
        await told(room, at_ms=600)
        await told(room, at_ms=700)
        room.local_participant.release()

        assert said(room) == ["consent_revoked", "consent_revoked"]


async def test_consent_granted_again_lets_new_nudges_through() -> None:
    async with listening() as (room, client):
        await client.consent_revoked()
        await told(room, at_ms=700, **REVOKED)
        await client.consent_granted()
        await told(room, at_ms=900)

        assert await shown(room, id="n-2", created_ms=950) == "shown"
        assert said(room) == ["consent_revoked", "consent_granted"]


async def test_a_denial_clears_the_panel_and_the_record_before_the_coach_has_answered() -> None:
    async with listening() as (room, client):
        denying = asyncio.create_task(client.consent_denied())
        await asyncio.sleep(0)

        assert client.state.shown_nudges() == ()
        assert not client.nudges
        assert client.state.condition(client.now()) is Condition.CONSENT_DENIED
        await denying


def test_a_status_that_was_overtaken_by_a_confirmed_no_does_not_lift_it() -> None:
    """The no came with a hello, which no later status had confirmed yet."""
    state = panel_changes.refuse(PanelState(), ControlAction.CONSENT_REVOKED)
    refused = hello(at_ms=900, consent={"state": "revoked"})
    state = panel_changes.receive_hello(state, refused, 1.0)

    state = panel_changes.receive_status(state, status(at_ms=850), 1.1)

    assert state.consent is Consent.REVOKED


def test_a_rep_who_revoked_is_not_asked_for_consent_before_the_coach_has_confirmed() -> None:
    state = panel_changes.receive_hello(PanelState(), hello(), 1.0)

    state = panel_changes.refuse(state, ControlAction.CONSENT_DENIED)

    assert not state.needs_consent()
