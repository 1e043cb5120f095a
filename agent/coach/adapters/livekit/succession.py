"""One coach for a rep in a room: the newest. Whoever is dispatched again replaces the first.

Two coaches would both talk to the rep's panel, which listens to one of them: "nothing is heard"
could stand there while the other one listens. An agent's place tells nothing of whom it coaches,
so the server's list of dispatches is asked; only who has the worker's key pair can read it.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterable

import aiohttp
from livekit import api, rtc
from livekit.protocol.agent_dispatch import AgentDispatch

from coach.adapters.job import parse_job
from coach.adapters.livekit.backoff import Backoff
from coach.application.ports import EventSink
from coach.domain.events import Ended, EndReason
from coach.domain.job import AGENT_IDENTITY_PREFIX
from coach.errors import MetadataError

_log = logging.getLogger(__name__)


class Succession:
    """Ends the call when a newer coach of the same rep has come."""

    def __init__(self, room: rtc.Room, rep: str, dispatch_id: str, post: EventSink) -> None:
        """Bind to a room that is not connected yet.

        Args:
            room: the call's.
            rep: identity of who is coached.
            dispatch_id: of the own job.
            post: is told when another coach takes over.
        """
        self._room, self._rep, self._dispatch_id, self._post = room, rep, dispatch_id, post
        self._came = asyncio.Event()

    @contextlib.asynccontextmanager
    async def watching(self, url: str, key: str, secret: str) -> AsyncIterator[None]:
        """Look whenever an agent is in the room, until the block ends. Enter before connecting."""
        server = (url, key, secret)
        self._room.on("participant_connected", self._look)
        async with asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(self._watch(server), name="coach.succession")
            try:
                yield
            finally:
                self._room.off("participant_connected", self._look)
                watch.cancel()

    def look(self) -> None:
        """Look at those who were there before us. Call once, after connecting."""
        self._came.set()

    def _look(self, _: rtc.RemoteParticipant) -> None:
        self._came.set()

    async def _watch(self, server: tuple[str, str, str]) -> None:
        backoff = Backoff()
        while True:
            await self._came.wait()
            self._came.clear()
            if not self._is_with_another():
                continue
            try:
                async with api.LiveKitAPI(*server) as service:
                    dispatches = await service.agent_dispatch.list_dispatch(self._room.name)
            except (api.TwirpError, aiohttp.ClientError, TimeoutError) as error:
                _log.warning("other coach unknown", extra={"error": type(error).__name__})
                await asyncio.sleep(backoff.next_seconds())
                self._came.set()
                continue
            backoff.reset()
            if is_replaced(dispatches, self._dispatch_id, self._rep):
                _log.info("another coach of this rep has come: this one goes")
                self._post(Ended(EndReason.REPLACED))
                return

    def _is_with_another(self) -> bool:
        return any(
            participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
            and identity.startswith(AGENT_IDENTITY_PREFIX)
            for identity, participant in self._room.remote_participants.items()
        )


def is_replaced(dispatches: Iterable[AgentDispatch], own_id: str, rep: str) -> bool:
    """Return whether a coach of the same rep was dispatched after our own.

    The server's list does not say which agent came by which dispatch, nor whether one came at all:
    whoever asks has seen that another coach is there. So a dispatch for this rep that no worker
    took, and that was left in the list, ends the call when a coach of another rep comes. Of the
    two mistakes that is the quiet one; `dispatch_coach` takes back what no worker took.

    Args:
        dispatches: all of the room.
        own_id: of our own.
        rep: identity of who is coached.
    """
    of_rep = {each.id: _age(each) for each in dispatches if _rep(each) == rep}
    return own_id in of_rep and max(of_rep.values()) > of_rep[own_id]


def _age(dispatch: AgentDispatch) -> tuple[int, str]:
    return dispatch.state.created_at, dispatch.id


def _rep(dispatch: AgentDispatch) -> str | None:
    try:
        return parse_job(dispatch.metadata).rep.identity
    except MetadataError:
        return None
