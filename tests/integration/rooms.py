"""Rooms of a test: dispatching the coach to them, seeing it there, closing them."""

import contextlib
import json
from typing import Any

from livekit import api, rtc

from integration.livekit_server import LiveKit

AGENT_NAME = "call-assistant"


def metadata(**fields: Any) -> str:
    """Return job metadata for `rep-1`; consent is granted unless the fields say otherwise."""
    consent = {"state": "granted", "policy": "call"}
    return json.dumps({"v": 1, "rep": {"identity": "rep-1"}, "consent": consent} | fields)


async def dispatch(livekit: LiveKit, room: str, job_metadata: str) -> None:
    """Ask the server for an agent, once."""
    request = api.CreateAgentDispatchRequest(
        agent_name=AGENT_NAME, room=room, metadata=job_metadata
    )
    async with livekit.api() as client:
        await client.agent_dispatch.create_dispatch(request)


def agents_in(room: rtc.Room) -> list[rtc.RemoteParticipant]:
    """Return the agents that a client sees."""
    agent = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
    return [p for p in room.remote_participants.values() if p.kind == agent]


async def close_room(livekit: LiveKit, name: str) -> None:
    """Send everybody home, the agent included."""
    async with livekit.api() as client:
        with contextlib.suppress(api.TwirpError):
            await client.room.delete_room(api.DeleteRoomRequest(room=name))
