"""Notices a recogniser that is frozen: it keeps its connection and answers nothing any more.

Silence from a recogniser proves nothing: nobody may be speaking, or there may be music. A ping
does: whatever lives answers it at once, without a word being heard. So the pings of the plugin's
WebSockets are sent more often than it asks for; one that stays unanswered ends the stream, and
the ear begins anew.
"""

from typing import Any, cast

import aiohttp

PING_AFTER_SECONDS = 6.0
"""Without any message for so long, a ping is sent. It must be answered in half the time, so that
a frozen recogniser is given up 9 s after its last message."""


class _AttentiveSession:
    """The part of an HTTP session that a streaming recogniser's client uses."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    @property
    def closed(self) -> bool:
        """Whether the session behind it is closed."""
        return self._http.closed

    async def ws_connect(self, url: str, **options: Any) -> aiohttp.ClientWebSocketResponse:
        """Connect, with our heartbeat in place of the caller's."""
        options["heartbeat"] = PING_AFTER_SECONDS
        socket: aiohttp.ClientWebSocketResponse = await self._http.ws_connect(url, **options)
        return socket


def attentive(http: aiohttp.ClientSession) -> aiohttp.ClientSession:
    """Return a session whose WebSockets end when the other side is frozen."""
    return cast(aiohttp.ClientSession, _AttentiveSession(http))
