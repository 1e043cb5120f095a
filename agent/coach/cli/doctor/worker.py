"""The worker on this machine, and the port that it needs."""

import socket

import aiohttp

from coach.cli.doctor.finding import ANSWER_SECONDS, Code, Finding
from coach.settings import Settings


async def check_worker(settings: Settings) -> Finding:
    """Ask the health endpoint of a worker on this machine, if one runs."""
    if settings.http_port == 0:
        return Finding("worker", "on any free port: see the first line of its log")
    url = f"http://{settings.http_host}:{settings.http_port}/"
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(url) as answer:
            text = (await answer.text())[:60]
            if answer.status == 200:
                return Finding("worker", f"{url} is up and registered")
            remedy = "look at its log; it registers again by itself when the server is back"
            return Finding("worker", f"{answer.status} {text}", remedy, Code.WORKER)
    except (aiohttp.ClientError, TimeoutError):
        return await _free_port(settings)


async def _free_port(settings: Settings) -> Finding:
    """No worker answers: then its port has to be free."""
    where = f"{settings.http_host}:{settings.http_port}"
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.http_host, settings.http_port))
    except OSError:
        remedy = "set COACH_HTTP_PORT to a free port, or to 0"
        return Finding("worker's port", f"{where} is taken", remedy, Code.PORT)
    remedy = "start one: cd agent && python agent.py start"
    seen = f"none on this machine ({where} is free)"
    return Finding("worker", seen, remedy, Code.WORKER, is_blocking=False)
