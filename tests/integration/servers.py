"""A whole call of a test: room, people and scripted recogniser around a real server and worker.

Everything runs on free loopback ports, whatever LIVEKIT_URL says, and is stopped by its process
id when its block ends. Processes are started synchronously so that one can serve a whole module;
people and the recogniser live on the test's own event loop.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from livekit import api

from integration.livekit_server import LiveKit, running_livekit
from integration.people import PROSPECT_HZ, REP_HZ, Person, joined
from integration.recogniser import ScriptedRecogniser, scripted_recogniser
from integration.rep_panel import RepPanel
from integration.rooms import agents_in, close_room, dispatch, metadata
from integration.waiting import POLL_SECONDS, WAIT_SECONDS, eventually, never
from integration.worker_process import running_worker

__all__ = [
    # what nearly every test of a whole call needs, in one place
    "OpenCall",
    "RepPanel",
    "eventually",
    "never",
    "open_call",
    "running_livekit",
    "running_worker",
    "scripted_recogniser",
]


@dataclass(slots=True)
class OpenCall:
    """A room with rep and prospect, dispatched to the worker."""

    livekit: LiveKit
    name: str
    rep: Person
    prospect: Person
    panel: RepPanel
    recogniser: ScriptedRecogniser

    @property
    def agent(self) -> str:
        """The agent's identity."""
        identities = self.panel.callers or {p.identity for p in agents_in(self.rep.room)}
        return next(iter(identities))

    async def ask_agent(
        self, method: str, payload: str | dict[str, Any], caller: Person | None = None
    ) -> str:
        """Call a method of the agent, as the rep unless somebody else is given."""
        text = payload if isinstance(payload, str) else json.dumps({"v": 1} | payload)
        return await (caller or self.rep).room.local_participant.perform_rpc(
            destination_identity=self.agent,
            method=method,
            payload=text,
            response_timeout=5,
            max_round_trip_latency=2,
        )

    async def control(self, action: str, **fields: Any) -> str:
        """Give an order as the rep."""
        return await self.ask_agent("coach_control", {"action": action, **fields})

    async def says(self, tone_hz: float, text: str, *, is_final: bool = False) -> float:
        """Let the recogniser hear words in this tone; return when it sent them."""
        stream = await self.recogniser.stream_of(tone_hz)
        return await stream.say(text, is_final=is_final)

    async def wait_for_status(self, seconds: float = WAIT_SECONDS, **fields: Any) -> dict[str, Any]:
        """Wait until the rep's newest status has these fields."""
        await eventually(
            lambda: fields.items() <= self.panel.status.items(), f"status {fields}", seconds
        )
        return self.panel.status

    async def has_ended(self, seconds: float = WAIT_SECONDS) -> None:
        """Wait until the server says that the agent has left; clients learn of it late."""
        request = api.ListParticipantsRequest(room=self.name)
        deadline = time.monotonic() + seconds
        async with self.livekit.api() as client:
            while any(
                p.identity == self.agent
                for p in (await client.room.list_participants(request)).participants
            ):
                assert time.monotonic() < deadline, f"not within {seconds} s: the agent leaves"
                await asyncio.sleep(POLL_SECONDS)


@contextlib.asynccontextmanager
async def open_call(
    livekit: LiveKit, recogniser: ScriptedRecogniser, name: str, **job: Any
) -> AsyncIterator[OpenCall]:
    """Begin a call, dispatch the coach, and wait until it says hello; the room is closed after.

    Args:
        livekit: the server.
        recogniser: hears what the two publish.
        name: of the room; each call needs its own.
        job: fields of the job's metadata.
    """
    async with joined(livekit, "rep-1", name) as rep, joined(livekit, "buyer-1", name) as prospect:
        panel = RepPanel().register(rep)
        await rep.publish_microphone(REP_HZ)
        await prospect.publish_microphone(PROSPECT_HZ)
        await dispatch(livekit, name, metadata(**job))
        await eventually(lambda: panel.hellos, "the coach says hello")
        try:
            yield OpenCall(livekit, name, rep, prospect, panel, recogniser)
        finally:
            await close_room(livekit, name)
