"""The health endpoint: 200 while jobs can be taken, 503 while draining or not registered."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from coach.errors import ConfigError

FAILED_STARTS = 2
"""One process may die of bad luck; two in a row mean that the next will, too."""


@dataclass(frozen=True, slots=True)
class Health:
    """How the worker is."""

    is_registered: bool
    is_draining: bool
    call_count: int
    max_calls: int
    failed_start_count: int = 0
    """Job processes in a row that ended before they were ready."""
    agent_name: str = ""
    """By which it is dispatched; whoever asks can tell this worker from any other program."""

    @property
    def problem(self) -> str | None:
        """Why no job can be taken now; None when one can. A full worker is a healthy one."""
        if self.is_draining:
            return "draining"
        if self.failed_start_count >= FAILED_STARTS:
            return "no job process starts; see the log"
        return None if self.is_registered else "not registered with LiveKit"


@asynccontextmanager
async def serving_health(host: str, port: int, health: Callable[[], Health]) -> AsyncIterator[int]:
    """Serve `GET /` and `GET /worker` until the block ends; yields the port.

    Raises:
        ConfigError: the port is taken, or there is no such address.
    """

    async def answer(_: web.Request) -> web.Response:
        problem = health().problem
        return web.Response(status=503 if problem else 200, text=problem or "OK")

    async def describe(_: web.Request) -> web.Response:
        now = health()
        return web.json_response(
            {
                "agent_name": now.agent_name,
                "problem": now.problem,
                "registered": now.is_registered,
                "draining": now.is_draining,
                "calls": now.call_count,
                "max_calls": now.max_calls,
            }
        )

    app = web.Application()
    app.add_routes([web.get("/", answer), web.get("/worker", describe)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError:
            raise ConfigError("COACH_HTTP_PORT", f"{host}:{port} cannot be listened on") from None
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
