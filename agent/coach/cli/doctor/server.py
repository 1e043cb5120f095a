"""The LiveKit server, and what it lets our key pair do."""

import asyncio
from datetime import timedelta

import aiohttp
from livekit import api

from coach.cli.answers import UNREADABLE, is_refusal
from coach.cli.doctor.finding import ANSWER_SECONDS, Code, Finding
from coach.settings import Settings

TOKEN_LIFE = timedelta(minutes=1)
NO_ROOM = "coach-doctor-looks-at-no-room"
"""Of this name there is none: nobody's call is looked at, and none is made."""


async def check_server(settings: Settings) -> Finding:
    """Ask the server for what worker and dispatch will ask it, with tokens of our own.

    It begins with the door for workers: no other program opens it, and behind it stands nobody
    until somebody registers, which the doctor does not: it must not be given a call.
    """
    url = settings.livekit_url
    try:
        await _knock_as_worker(settings)
        await _ask_as_dispatcher(settings)
    except aiohttp.WSServerHandshakeError as error:
        if error.status in (401, 403):
            return _refused(url, "to register a worker", error.status)
        return _no_livekit(url, f"answers {error.status} where workers register")
    except api.TwirpError as error:
        if is_refusal(error):
            return _refused(url, "to look into rooms", error.status)
        return _no_livekit(url, f"answers {error.status} to what a dispatch asks")
    except UNREADABLE:
        return _no_livekit(url, "answers what cannot be read")
    except (aiohttp.ClientError, TimeoutError) as error:
        remedy = "start it, or set LIVEKIT_URL; locally: livekit-server --config livekit.yaml"
        seen = f"no answer at {url} ({type(error).__name__})"
        return Finding("LiveKit server", seen, remedy, Code.SERVER)
    seen = f"{url} answers; the key pair may register workers and dispatch them"
    return Finding("LiveKit server", seen)


async def _knock_as_worker(settings: Settings) -> None:
    key, secret = settings.livekit_pair
    token = api.AccessToken(key, secret).with_grants(api.VideoGrants(agent=True))
    headers = {"Authorization": f"Bearer {token.with_ttl(TOKEN_LIFE).to_jwt()}"}
    async with asyncio.timeout(ANSWER_SECONDS), aiohttp.ClientSession() as http:
        door = await http.ws_connect(f"{settings.livekit_url}/agent", headers=headers)
        await door.close()


async def _ask_as_dispatcher(settings: Settings) -> None:
    key, secret = settings.livekit_pair
    async with (
        asyncio.timeout(ANSWER_SECONDS),
        api.LiveKitAPI(settings.livekit_url, key, secret) as server,
    ):
        await server.room.list_rooms(api.ListRoomsRequest(names=[NO_ROOM]))
        try:
            await server.room.list_participants(api.ListParticipantsRequest(room=NO_ROOM))
        except api.TwirpError as error:
            if error.code != api.TwirpErrorCode.NOT_FOUND:
                raise


def _refused(url: str, what: str, status: int) -> Finding:
    remedy = "set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a pair of that server"
    return Finding("LiveKit key", f"{url} refused it {what} ({status})", remedy, Code.KEY)


def _no_livekit(url: str, seen: str) -> Finding:
    remedy = "set LIVEKIT_URL to a LiveKit server; a proxy before it must pass WebSockets and paths"
    return Finding("LiveKit server", f"{url} {seen}", remedy, Code.SERVER)
