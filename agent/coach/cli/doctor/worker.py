"""The worker on this machine, and the port that it needs."""

import asyncio
import errno
import json
from typing import Any

import aiohttp

from coach.cli.doctor.finding import ANSWER_SECONDS, Code, Finding
from coach.settings import Settings

MOST_BYTES = 4096
"""A worker describes itself in far fewer."""


async def check_worker(settings: Settings) -> Finding:
    """Ask the health endpoint of a worker on this machine, if one runs."""
    if settings.http_port == 0:
        return Finding("worker", "on any free port: see the first line of its log")
    where = _where(settings)
    try:
        told = await _described(f"http://{where}/worker")
    except (aiohttp.ClientError, TimeoutError):
        return await _free_port(settings)
    if told.get("agent_name") != settings.agent_name or "problem" not in told:
        return _taken(where, "a program that is not this worker")
    if told["problem"] is not None:
        remedy = "look at its log; it registers again by itself when the server is back"
        return Finding("worker", f"{where}: {told['problem']}", remedy, Code.WORKER)
    return Finding("worker", f"{where} is up and registered")


async def _described(url: str) -> dict[str, Any]:
    """Return how a worker describes itself; nothing, when it is another program that answers."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout) as http,
        http.get(url, allow_redirects=False) as answer,
    ):
        try:
            await answer.content.readexactly(MOST_BYTES)
        except asyncio.IncompleteReadError as whole:
            return _object(whole.partial)
    return {}


def _object(text: bytes) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


async def _free_port(settings: Settings) -> Finding:
    """No worker answers: then its port has to be free."""
    host, port, where = settings.http_host, settings.http_port, _where(settings)
    loop = asyncio.get_running_loop()
    try:
        # As the worker will do it, for each address that the host has, of either family.
        server = await loop.create_server(asyncio.Protocol, host, port, start_serving=False)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return _taken(where, "a program that does not answer")
        remedy = "set COACH_HTTP_HOST to an address of this machine, or COACH_HTTP_PORT to 0"
        return Finding("worker's port", f"{where} cannot be listened on", remedy, Code.PORT)
    server.close()
    remedy = "start one: cd agent && python agent.py start"
    seen = f"none on this machine ({where} is free)"
    return Finding("worker", seen, remedy, Code.WORKER, is_blocking=False)


def _taken(where: str, by: str) -> Finding:
    remedy = "set COACH_HTTP_PORT to a free port, or to 0"
    return Finding("worker's port", f"{where} is taken by {by}", remedy, Code.PORT)


def _where(settings: Settings) -> str:
    host = settings.http_host
    return f"{f'[{host}]' if ':' in host else host}:{settings.http_port}"
