"""A web server that knows nothing of LiveKit, or only as much as it is told."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

OPEN = 101
"""Status of a page that is a WebSocket."""

Page = tuple[int, bytes]
"""Status and body."""


@asynccontextmanager
async def web_server(
    status: int, body: bytes = b"", pages: Mapping[str, Page] | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[str]:
    """Answer everything alike until the block ends; yields the URL.

    Args:
        status: of every answer that is not one of the `pages`.
        body: of those answers; all are sent as JSON, whatever they hold.
        pages: path → what is answered there.
        host: address to listen on.
    """

    async def answer(request: web.Request) -> web.StreamResponse:
        code, content = (pages or {}).get(request.path, (status, body))
        if code == OPEN:
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            await socket.receive()
            return socket
        return web.Response(status=code, body=content, content_type="application/json")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, 0).start()
        name = f"[{host}]" if ":" in host else host
        yield f"http://{name}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
