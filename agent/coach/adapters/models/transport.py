"""The HTTP client below the plugin: what may reach a model's endpoint, and what it may ask for.

The plugin is given this client and is otherwise unmodified. It would tell every endpoint the
room, the job and the agent (headers meant for LiveKit's own gateway); none of that leaves here.
Nor does an answer come in that is packed, too large, or faster than the call's loop can take it.
"""

import asyncio
import contextlib
import functools
import importlib
import ssl
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
import openai

from coach.adapters.profile import ModelEndpoint
from coach.setting_types import is_loopback

KEEP_SECONDS = 120.0
"""Calls pause; a new connection to a distant endpoint costs more than an idle one."""
TOO_MANY_REQUESTS = 429
UNTOLD_PAUSE_SECONDS = 2.0
LARGEST_ANSWER_BYTES = 512 * 1024
"""Five times what 150 tokens take where each is an event of its own with a filter's verdict."""
MOST_LINES = 4_000
"""An event is two at least; an empty one costs the loop as much as one with words."""
SLICE_BYTES = 1024
"""Read at once; then it is the call's turn."""
_OURS = "x-livekit-"
_LATE_MODULES = ("httpcore2", "anyio._backends._asyncio", "openai.resources.chat.chat")
_NO_KEY = "none"

# The client imports these with its first question, and a call's loop would stand still for 0.2 s.
for _name in _LATE_MODULES:
    with contextlib.suppress(ImportError):
        importlib.import_module(_name)


def open_client(
    endpoint: ModelEndpoint,
    on_pause: Callable[[float], None],
    transport: httpx2.AsyncBaseTransport | None = None,
) -> openai.AsyncClient:
    """Return a client that never retries or follows another address by itself.

    Args:
        endpoint: whom it asks.
        on_pause: told the seconds for which the endpoint wants to be left alone.
        transport: instead of the network.
    """

    async def clean(request: httpx2.Request) -> None:
        for name in [name for name in request.headers if name.lower().startswith(_OURS)]:
            del request.headers[name]
        request.headers["Accept-Encoding"] = "identity"

    async def listen(response: httpx2.Response) -> None:
        bound(response)
        if response.status_code == TOO_MANY_REQUESTS:
            on_pause(pause_seconds(response.headers.get("retry-after"), time.time()))

    is_local = is_loopback(endpoint.base_url)
    http = httpx2.AsyncClient(
        timeout=None,  # each question brings its own
        follow_redirects=False,  # a question holds speech: it goes where the operator said
        verify=_tls() if endpoint.base_url.startswith("https") else False,
        trust_env=not is_local,
        limits=httpx2.Limits(keepalive_expiry=KEEP_SECONDS),
        event_hooks={"request": [clean], "response": [listen]},
        transport=transport,
    )
    return openai.AsyncClient(
        api_key=endpoint.key or _NO_KEY,
        base_url=endpoint.base_url,
        max_retries=0,
        http_client=http,
    )


def bound(response: httpx2.Response) -> None:
    """Let no more be read of an answer than one could be, and not all of it at a time.

    Raises:
        httpx2.RemoteProtocolError: it is packed: not asked for, and no telling how large it is.
    """
    if response.headers.get("content-encoding", "identity") != "identity":
        raise httpx2.RemoteProtocolError("the answer is packed")
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    response.stream = _Bounded(response.stream)


class _Bounded(httpx2.AsyncByteStream):
    """A body that breaks off where it becomes too large."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        byte_count = line_count = 0
        pieces = aiter(self._stream)
        try:
            async for piece in pieces:
                for start in range(0, len(piece), SLICE_BYTES):
                    part = piece[start : start + SLICE_BYTES]
                    byte_count += len(part)
                    line_count += part.count(b"\n")
                    if byte_count > LARGEST_ANSWER_BYTES or line_count > MOST_LINES:
                        raise httpx2.RemoteProtocolError("the answer is too large")
                    if start:
                        await asyncio.sleep(0)
                    yield part
        finally:
            if isinstance(pieces, AsyncGenerator):
                await pieces.aclose()

    async def aclose(self) -> None:
        await self._stream.aclose()


def pause_seconds(retry_after: str | None, now: float) -> float:
    """Return how long a `Retry-After` asks to wait: seconds or a date.

    Args:
        retry_after: the header; None or unreadable: a short pause.
        now: seconds since 1970.
    """
    text = (retry_after or "").strip()
    if text.replace(".", "", 1).isdecimal() and text.isascii():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return UNTOLD_PAUSE_SECONDS
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.fromtimestamp(now, UTC)).total_seconds())


@functools.cache
def _tls() -> ssl.SSLContext:
    """Reading the authorities takes 20 ms and more: once per process."""
    return httpx2.create_ssl_context()
