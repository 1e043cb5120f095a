"""Joins a room as the rep, or says in one line why that failed."""

import asyncio
import contextlib
import datetime
import logging
import re
from collections.abc import AsyncIterator, Mapping
from typing import Final

from livekit import api, rtc

from coach_terminal.plain_text import plain

CONNECT_SECONDS: Final = 15.0
CONNECT_ATTEMPT_SECONDS: Final = 4.0
TOKEN_LIFETIME: Final = datetime.timedelta(hours=2)

_URL: Final = re.compile(r"(?:wss?|https?)://\S+")


class CannotJoin(Exception):
    """The room could not be joined; the text is one line for a person."""


@contextlib.asynccontextmanager
async def joined_room(url: str, token: str) -> AsyncIterator[rtc.Room]:
    """Join the room that the token names, without subscribing to anybody, until the block ends.

    Raises:
        CannotJoin: The address or the token is no good, or nobody answers.
    """
    # what the media library logs would be written across the panel
    logging.getLogger("livekit").setLevel(logging.CRITICAL)
    address = plain(url, 200)
    if not _URL.fullmatch(url):
        raise CannotJoin(f"not the address of a LiveKit server: {address!r}")
    room = rtc.Room()
    options = rtc.RoomOptions(auto_subscribe=False, connect_timeout=CONNECT_ATTEMPT_SECONDS)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await room.connect(url, token, options)
    except TimeoutError:
        raise CannotJoin(f"no LiveKit server answers at {address}") from None
    except rtc.ConnectError as error:
        # the server repeats the whole token in its answer, so that is not passed on
        raise CannotJoin(_reason(error.message, address)) from None
    try:
        yield room
    finally:
        await room.disconnect()


def convenience_token(room: str, identity: str, environment: Mapping[str, str]) -> str:
    """Sign a token for whoever holds the server's key pair: development, tests, demos.

    Raises:
        CannotJoin: The environment has no key pair.
    """
    key, secret = environment.get("LIVEKIT_API_KEY"), environment.get("LIVEKIT_API_SECRET")
    if not key or not secret:
        raise CannotJoin("give --token, or --room with LIVEKIT_API_KEY and LIVEKIT_API_SECRET set")
    grants = api.VideoGrants(
        room_join=True, room=room, can_publish=False, can_subscribe=False, can_publish_data=True
    )
    token = api.AccessToken(key, secret).with_identity(identity).with_ttl(TOKEN_LIFETIME)
    return token.with_grants(grants).to_jwt()


def _reason(message: str, address: str) -> str:
    if "401" in message or "403" in message:
        return f"{address} does not accept the token: expired, incomplete or signed by another key"
    if "parse the url" in message:
        return f"not the address of a LiveKit server: {address!r}"
    return f"no LiveKit server answers at {address}"
