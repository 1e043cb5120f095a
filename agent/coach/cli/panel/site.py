"""Serves the meeting page and its endpoints on loopback, to nobody but this machine's browser.

A web page of somebody else in the same browser could also reach a loopback port; hence the checks
of Host (a name that was made to point here) and Origin (a form or script of theirs).
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from coach.cli.demo.processes import CHECKOUT, LiveKit
from coach.cli.panel.endpoints import Dispatch, Endpoints, Meeting
from coach.errors import ConfigError

PAGES: Final = CHECKOUT / "rep_client" / "dist" / "host"
HOST: Final = "127.0.0.1"
INDEX: Final = "index.html"
MAX_BODY_BYTES: Final = 4096
_KINDS: Final = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_PERMISSIONS: Final = "camera=(self), microphone=(self), display-capture=(self)"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Links:
    """Where the two sides of a meeting join."""

    rep: str
    """Secret: whoever has it gets the nudges."""
    prospect: str


@contextlib.asynccontextmanager
async def serving(
    meeting: Meeting, *, port: int = 0, dispatch: Dispatch | None = None, pages: Path = PAGES
) -> AsyncIterator[Links]:
    """Serve a meeting until the block ends.

    Args:
        meeting: the call.
        port: 0 is any free one.
        dispatch: brings the coach in; by default the meeting's LiveKit server does.
        pages: folder of the built page.

    Raises:
        ConfigError: the page is not built, or the port is taken.
    """
    app = web.Application(middlewares=[_only_this_site], client_max_size=MAX_BODY_BYTES)
    files = _Files(pages, meeting)
    app.add_routes([*Endpoints(meeting, dispatch).routes(), *files.routes()])
    app.on_response_prepare.append(_with_headers(meeting.server))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)  # a log would hold the secrets
    await runner.setup()
    try:
        site = web.TCPSite(runner, HOST, port)
        try:
            await site.start()
        except OSError:
            raise ConfigError("--port", f"{port} is taken") from None
        base = f"http://{HOST}:{runner.addresses[0][1]}/join"
        yield Links(f"{base}/{meeting.rep_secret}", f"{base}/{meeting.prospect_secret}")
    finally:
        await runner.cleanup()


class _Files:
    """The built page: files known by name when it starts, so that no path is ever put together."""

    def __init__(self, folder: Path, meeting: Meeting) -> None:
        self._meeting = meeting
        found = folder.iterdir() if folder.is_dir() else ()
        self._files = {path.name: path for path in found if path.suffix in _KINDS}
        if INDEX not in self._files:
            raise ConfigError("rep_client/dist", "the panel is not built; run: make panel")

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/join/{secret}", self.page), web.get("/assets/{name}", self.asset)]

    async def page(self, request: web.Request) -> web.StreamResponse:
        if self._meeting.role_of(request.match_info["secret"]) is None:
            raise web.HTTPNotFound
        return self._file(INDEX)

    async def asset(self, request: web.Request) -> web.StreamResponse:
        return self._file(request.match_info["name"])

    def _file(self, name: str) -> web.StreamResponse:
        path = self._files.get(name)
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Content-Type": f"{_KINDS[path.suffix]}"})


@web.middleware
async def _only_this_site(request: web.Request, handler: Handler) -> web.StreamResponse:
    port = request.url.port
    if request.host not in (f"{HOST}:{port}", f"localhost:{port}"):
        raise web.HTTPMisdirectedRequest
    if request.method not in ("GET", "HEAD"):
        if request.headers.get("Origin") != f"http://{request.host}":
            raise web.HTTPForbidden
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
    return await handler(request)


def _with_headers(
    server: LiveKit,
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Return what adds the headers of a strict site to every answer."""
    headers = {
        "Content-Security-Policy": _policy(server.url),
        "Permissions-Policy": _PERMISSIONS,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }

    async def add(_: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(headers)

    return add


def _policy(livekit_url: str) -> str:
    """Return a policy without inline script, style or markup from text; LiveKit is reachable."""
    place = urlsplit(livekit_url)
    scheme = "s" if place.scheme in ("wss", "https") else ""
    livekit = f"ws{scheme}://{place.netloc} http{scheme}://{place.netloc}"
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            f"connect-src 'self' {livekit}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
