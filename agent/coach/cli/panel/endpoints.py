"""What a product's backend does to embed the coach: sign tokens, and bring the coach in.

This is the example to copy. Who somebody is follows from the link that they were given, never
from what their page says: whoever holds the rep's identity gets the nudges, so only the rep's
secret link signs for it. Which pages exist and who may call is not decided here.
"""

import asyncio
import datetime
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from aiohttp import web
from livekit import api
from livekit.protocol.models import ParticipantInfo

from coach.cli.demo.processes import LiveKit
from coach.cli.dispatch import dispatch_coach
from coach.domain.job import AGENT_IDENTITY_PREFIX
from coach.errors import CoachError

REP: Final = "rep-1"
TOKEN_LIFE: Final = datetime.timedelta(hours=1)
MAX_NAME_LENGTH: Final = 60
_SECRET_BYTES: Final = 16

Dispatch = Callable[[str], Awaitable[str]]
"""Brings the coach into the room with this job metadata, and returns its identity."""


class Role(StrEnum):
    """Which link somebody came by."""

    REP = "rep"
    PROSPECT = "prospect"


@dataclass(frozen=True, slots=True)
class Meeting:
    """One call: its room, and the secrets in the links to it."""

    server: LiveKit
    room: str
    agent_name: str
    rep_secret: str
    prospect_secret: str

    @classmethod
    def fresh(cls, server: LiveKit, room: str, agent_name: str) -> "Meeting":
        """Make a meeting whose links nobody can guess."""
        rep, prospect = (secrets.token_urlsafe(_SECRET_BYTES) for _ in Role)
        return cls(server, room, agent_name, rep, prospect)

    def role_of(self, secret: str) -> Role | None:
        """Return whose link a secret stands in, or None."""
        given = secret.encode()
        if hmac.compare_digest(given, self.rep_secret.encode()):
            return Role.REP
        if hmac.compare_digest(given, self.prospect_secret.encode()):
            return Role.PROSPECT
        return None

    def token(self, role: Role, identity: str, name: str) -> str:
        """Sign a token with the least that a role needs: one room, one identity, one hour.

        The prospect may not send data: that is what calls to the rep's panel would travel in.
        Nobody may rename themselves.
        """
        grants = api.VideoGrants(
            room_join=True,
            room=self.room,
            can_subscribe=True,
            can_publish=True,
            can_publish_sources=["microphone", "camera", "screen_share"],
            can_publish_data=role is Role.REP,
            can_update_own_metadata=False,
        )
        token = api.AccessToken(self.server.key, self.server.secret)
        token = token.with_identity(identity).with_name(name).with_kind("standard")
        return token.with_ttl(TOKEN_LIFE).with_grants(grants).to_jwt()

    def job(self, rep_name: str) -> str:
        """Return the job's metadata: it alone tells the coach who is the rep."""
        fields = {
            "v": 1,
            "call_id": self.room,
            "rep": {"identity": REP, "name": rep_name},
            "account": {"id": "harbor-heating"},
            "consent": {"state": "pending", "policy": "call"},
        }
        return json.dumps(fields, ensure_ascii=False)


class Endpoints:
    """The two endpoints of one meeting.

    Args:
        meeting: the call.
        dispatch: brings the coach in; None asks the meeting's LiveKit server.
    """

    def __init__(self, meeting: Meeting, dispatch: Dispatch | None = None) -> None:
        self._meeting = meeting
        self._dispatch = dispatch
        self._one_at_a_time = asyncio.Lock()  # two clicks bring one coach
        self._rep_name = "Rep"

    def routes(self) -> list[web.RouteDef]:
        """Return where they are."""
        return [
            web.post("/join/{secret}/token", self.token),
            web.post("/join/{secret}/coach", self.coach),
        ]

    async def token(self, request: web.Request) -> web.Response:
        """Answer `{"name"}` with everything that the page needs to join."""
        role, fields = self._role_of(request), await _fields_of(request)
        name = _name_in(fields) or role.value.capitalize()
        identity = REP
        if role is Role.REP:
            self._rep_name = name
        else:  # of one's own each time: no prospect can put another one out
            identity = f"prospect-{secrets.token_hex(4)}"
        answer = {
            "url": self._meeting.server.url,
            "token": self._meeting.token(role, identity, name),
            "role": role.value,
            "call_id": self._meeting.room,
        }
        if role is Role.REP:
            answer["invitation"] = f"/join/{self._meeting.prospect_secret}"
        return web.json_response(answer)

    async def coach(self, request: web.Request) -> web.Response:
        """Bring the coach in, or find it there. Answer its identity.

        `{"lost": identity}` names a coach that the rep's panel has given up: it is sent away.
        """
        if self._role_of(request) is not Role.REP:
            raise web.HTTPNotFound
        lost = (await _fields_of(request)).get("lost")
        try:
            async with self._one_at_a_time:
                identity = await self._coach(lost if isinstance(lost, str) else None)
        except (CoachError, api.TwirpError):
            return web.json_response({"error": "no coach came"}, status=503)
        return web.json_response({"agent": identity})

    async def _coach(self, lost: str | None) -> str:
        job = self._meeting.job(self._rep_name)
        if self._dispatch is not None:
            return await self._dispatch(job)
        present = await self._present_coaches()
        if lost in present:
            present.remove(lost)
            await self._send_away(lost)
        if present:
            return min(present)
        server = self._meeting.server
        return await dispatch_coach(
            url=server.url,
            key=server.key,
            secret=server.secret,
            room=self._meeting.room,
            metadata=job,
            agent_name=self._meeting.agent_name,
        )

    async def _present_coaches(self) -> set[str]:
        async with self._api() as server:
            request = api.ListParticipantsRequest(room=self._meeting.room)
            try:
                people = (await server.room.list_participants(request)).participants
            except api.TwirpError as error:
                if error.code == api.TwirpErrorCode.NOT_FOUND:  # the room is still to be made
                    return set()
                raise
        agents = {p.identity for p in people if p.kind == ParticipantInfo.Kind.AGENT}
        return {identity for identity in agents if identity.startswith(AGENT_IDENTITY_PREFIX)}

    async def _send_away(self, identity: str) -> None:
        async with self._api() as server:
            await server.room.remove_participant(
                api.RoomParticipantIdentity(room=self._meeting.room, identity=identity)
            )

    def _api(self) -> api.LiveKitAPI:
        server = self._meeting.server
        return api.LiveKitAPI(server.url, server.key, server.secret)

    def _role_of(self, request: web.Request) -> Role:
        role = self._meeting.role_of(request.match_info["secret"])
        if role is None:
            raise web.HTTPNotFound
        return role


async def _fields_of(request: web.Request) -> dict[str, Any]:
    try:
        fields = await request.json()
    except ValueError:
        raise web.HTTPBadRequest from None
    if not isinstance(fields, dict):
        raise web.HTTPBadRequest
    return fields


def _name_in(fields: dict[str, Any]) -> str:
    name = fields.get("name")
    if not isinstance(name, str):
        return ""
    return "".join(c for c in name if c.isprintable()).strip()[:MAX_NAME_LENGTH]
