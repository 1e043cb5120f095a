"""`coach dispatch`: bring the coach into a room, and see that it comes.

A LiveKit server drops a dispatch silently when no worker is free at that moment, and never tries
again (livekit.md A). So whoever dispatches has to see the agent join, or dispatch once more.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import typer
from livekit import api
from livekit.protocol.models import ParticipantInfo

from coach.adapters.job import parse_job
from coach.adapters.providers.profiles import check_name
from coach.cli.answers import UNREADABLE, is_refusal
from coach.domain.job import AGENT_IDENTITY_PREFIX, ConsentState
from coach.errors import CoachError, ConfigError, MetadataError
from coach.settings import Settings

DEADLINE_SECONDS = 30.0
AGAIN_SECONDS = 5.0
"""A free worker's agent is there well within this; if none is, the dispatch was dropped."""
POLL_SECONDS = 0.1
GRACE_SECONDS = 5.0
"""For a server that accepts and does not answer: how long beyond the deadline."""


class DispatchFailed(CoachError):
    """No agent came."""

    code = "dispatch_failed"


async def dispatch_coach(
    *,
    url: str,
    key: str,
    secret: str,
    room: str,
    metadata: str,
    agent_name: str = "call-assistant",
    deadline_seconds: float = DEADLINE_SECONDS,
) -> str:
    """Dispatch the coach and return its identity once it has joined.

    Args:
        url: the LiveKit server.
        key: of the pair that may dispatch.
        secret: of that pair.
        room: created if it does not exist.
        metadata: the job (contracts 2).
        agent_name: the worker's name.
        deadline_seconds: how long to try.

    Raises:
        MetadataError: the metadata does not validate; nothing was dispatched.
        DispatchFailed: no agent joined in time, or the server refused.
    """
    parse_job(metadata)
    request = api.CreateAgentDispatchRequest(agent_name=agent_name, room=room, metadata=metadata)
    try:
        async with (
            asyncio.timeout(deadline_seconds + GRACE_SECONDS),
            api.LiveKitAPI(url, key, secret) as server,
        ):
            return await _until_joined(server, request, deadline_seconds)
    except api.TwirpError as error:
        raise DispatchFailed(_told(error, url)) from None
    except UNREADABLE:
        raise DispatchFailed(f"{url} is not a LiveKit server: set LIVEKIT_URL") from None
    except (aiohttp.ClientError, TimeoutError):
        raise DispatchFailed(f"no LiveKit server answers at {url}") from None


def _told(error: api.TwirpError, url: str) -> str:
    if is_refusal(error):
        remedy = "set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a pair of that server"
        return f"{url} refused the key pair ({error.status}): {remedy}"
    if error.code == api.TwirpErrorCode.UNKNOWN:  # what LiveKit's client says of any other page
        return f"{url} answers {error.status}: is it a LiveKit server? Set LIVEKIT_URL"
    return f"{url} refused: {error.code}"


async def _until_joined(
    server: api.LiveKitAPI, request: api.CreateAgentDispatchRequest, deadline_seconds: float
) -> str:
    earlier = await _agents(server, request.room)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + deadline_seconds
    attempt_count = 0
    while loop.time() < deadline:
        attempt_count += 1
        dispatch = await server.agent_dispatch.create_dispatch(request)
        until = min(deadline, loop.time() + AGAIN_SECONDS)
        if joined := await _joined(server, request.room, earlier, until):
            return joined
        # Ends the job if it was only slow, so that no second agent comes.
        await server.agent_dispatch.delete_dispatch(dispatch.id, request.room)
    raise DispatchFailed(
        f"no agent joined the room within {deadline_seconds:.0f} s ({attempt_count} attempts): "
        f"is a worker named {request.agent_name} registered, and not full?"
    )


async def _joined(server: api.LiveKitAPI, room: str, earlier: set[str], until: float) -> str | None:
    loop = asyncio.get_running_loop()
    while loop.time() < until:
        if new := await _agents(server, room) - earlier:
            return min(new)
        await asyncio.sleep(POLL_SECONDS)
    return None


async def _agents(server: api.LiveKitAPI, room: str) -> set[str]:
    """Return the identities of the coaches that are in the room now."""
    try:
        found = await server.room.list_participants(api.ListParticipantsRequest(room=room))
    except api.TwirpError as error:
        if error.code == api.TwirpErrorCode.NOT_FOUND:
            return set()
        raise
    return {
        p.identity
        for p in found.participants
        if p.kind == ParticipantInfo.Kind.AGENT
        and p.state == ParticipantInfo.State.ACTIVE
        and p.identity.startswith(AGENT_IDENTITY_PREFIX)
    }


def dispatch(
    room: Annotated[str, typer.Argument(help="Name of the room.")],
    rep: Annotated[str | None, typer.Option(help="Identity of the rep, who is coached.")] = None,
    metadata: Annotated[
        str | None, typer.Option(help="File with the job as JSON; - for standard input.")
    ] = None,
    team: Annotated[list[str] | None, typer.Option(help="Identity of a colleague.")] = None,
    consent: Annotated[ConsentState | None, typer.Option(help="State of consent.")] = None,
    account: Annotated[str | None, typer.Option(help="Id of the customer's account.")] = None,
    wait: Annotated[float, typer.Option(help="Seconds to wait for the agent.")] = DEADLINE_SECONDS,
) -> None:
    """Bring the coach into a room and wait until it has joined.

    Exit codes: 0 it is there, 1 it did not come, 2 the job or a setting is wrong.
    """
    try:
        settings = Settings.from_env()
        fields = _merged(_read(metadata), _options(rep, team, consent, account))
        text = json.dumps(fields, ensure_ascii=False)
        check_name(settings, parse_job(text).providers)
        key, secret = settings.livekit_pair
        joined = asyncio.run(
            dispatch_coach(
                url=settings.livekit_url,
                key=key,
                secret=secret,
                room=room,
                metadata=text,
                agent_name=settings.agent_name,
                deadline_seconds=wait,
            )
        )
    except (ConfigError, MetadataError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    except DispatchFailed as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(joined)


def _options(
    rep: str | None, team: list[str] | None, consent: ConsentState | None, account: str | None
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if rep is not None:
        fields["rep"] = {"identity": rep}
    if team:
        fields["team"] = team
    if consent is not None:
        fields["consent"] = {"state": consent.value}
    if account is not None:
        fields["account"] = {"id": account}
    return fields


def _merged(fields: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Let an option override its own field, and keep what stands beside it in the same object."""
    merged = dict(fields)
    for name, value in options.items():
        beside = fields.get(name)
        both_objects = isinstance(beside, dict) and isinstance(value, dict)
        merged[name] = beside | value if both_objects else value
    return merged


def _read(source: str | None) -> dict[str, Any]:
    if source is None:
        return {}
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text("utf-8")
        fields = json.loads(text)
    except (OSError, ValueError):
        raise MetadataError("metadata", "must be a readable file of JSON") from None
    if not isinstance(fields, dict):
        raise MetadataError("metadata", "must be an object")
    return fields
