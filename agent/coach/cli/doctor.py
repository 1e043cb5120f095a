"""`coach doctor`: is everything there that a call needs, and if not, what to do about it.

The exit code names the first finding that stops a call, so that scripts can tell them apart.
"""

import asyncio
import contextlib
import importlib
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from urllib.parse import urlsplit

import aiohttp
import typer
from livekit import api
from rich.console import Console
from rich.table import Table

from coach.adapters.playbook.files import load_playbook
from coach.adapters.providers.profiles import Profiles
from coach.errors import CoachError, ConfigError
from coach.settings import Settings

ANSWER_SECONDS = 5.0
NATIVE_MODULES = (
    "livekit.rtc",
    "livekit.local_inference",  # the voice detector; the worker's import of the framework loads it
    "ahocorasick",
    "re2",
    "rapidfuzz",
    "pydantic_core",
)
RECOGNISER_MODULES = ("pocketsphinx", "livekit.plugins.silero")


class Code(IntEnum):
    """Exit codes of `coach doctor`; 0: nothing stops a call."""

    OK = 0
    SETTINGS = 2
    LIBRARIES = 10
    PLAYBOOK = 11
    SERVER = 12
    KEY = 13
    RECOGNISER = 14
    PORT = 15
    WORKER = 16


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    seen: str
    remedy: str = ""
    code: Code = Code.OK
    is_blocking: bool = True

    @property
    def is_good(self) -> bool:
        """Whether nothing has to be done."""
        return self.code is Code.OK


Check = Callable[[Settings], Awaitable[Finding]]


async def check_libraries(settings: Settings) -> Finding:
    """Import the native libraries."""
    wanted = NATIVE_MODULES + (RECOGNISER_MODULES if settings.stt_url is None else ())
    missing = [name for name in wanted if not _imports(name)]
    if missing:
        remedy = "make setup; the wheels are for Python 3.11 and 3.13"
        return Finding("native libraries", ", ".join(missing), remedy, Code.LIBRARIES)
    return Finding("native libraries", "all load")


async def check_playbook(settings: Settings) -> Finding:
    """Load the playbook."""
    try:
        playbook = await asyncio.to_thread(load_playbook, settings.playbook)
    except CoachError as error:
        remedy = f"coach playbook check {settings.playbook}"
        return Finding("playbook", str(error), remedy, Code.PLAYBOOK)
    moments, cards = len(playbook.moments), len(playbook.battlecards)
    return Finding("playbook", f"{playbook.name}: {moments} moments, {cards} battlecards")


async def check_providers(settings: Settings) -> Finding:
    """Read the provider profiles, and see that the keys they name are set."""
    try:
        profiles = await asyncio.to_thread(Profiles, settings)
    except ConfigError as error:
        remedy = "correct the file, or set the variable that it names"
        return Finding("providers", str(error), remedy, Code.SETTINGS)
    models = [f"{p.name}: {len(p.llm) or 'no'} model(s)" for p in profiles.all()]
    return Finding("providers", "; ".join(models))


async def check_server(settings: Settings) -> Finding:
    """Ask the LiveKit server for its rooms, which needs a valid pair."""
    key, secret = settings.livekit_pair
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    try:
        async with api.LiveKitAPI(settings.livekit_url, key, secret, timeout=timeout) as server:
            await server.room.list_rooms(api.ListRoomsRequest())
    except api.TwirpError as error:
        remedy = "set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a pair of that server"
        return Finding("LiveKit key", f"refused ({error.code})", remedy, Code.KEY)
    except (aiohttp.ClientError, TimeoutError):
        remedy = "start it, or set LIVEKIT_URL; locally: livekit-server --config livekit.yaml"
        seen = f"no answer at {settings.livekit_url}"
        return Finding("LiveKit server", seen, remedy, Code.SERVER)
    return Finding("LiveKit server", f"{settings.livekit_url} answers, the key pair is valid")


async def check_recogniser(settings: Settings) -> Finding:
    """Open the recogniser's port; its key is not tried. The embedded one is the worker's."""
    url = settings.stt_url
    if url is None:
        return Finding("recogniser", "embedded, started by the worker; for demonstrations only")
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme in ("https", "wss") else 80)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, TimeoutError):
        remedy = "start it, or unset COACH_STT_BASE_URL to use the embedded one"
        seen = f"no answer at {parts.hostname}:{port}"
        return Finding("recogniser", seen, remedy, Code.RECOGNISER)
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    key = "; the key is not tried before a call" if settings.deepgram_api_key else ""
    return Finding("recogniser", f"{parts.hostname}:{port} answers{key}")


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


CHECKS: Sequence[Check] = (
    check_libraries,
    check_playbook,
    check_providers,
    check_server,
    check_recogniser,
    check_worker,
)


def doctor() -> None:
    """Check what a call needs, and say what to do about what is missing.

    Exit codes: 0 all is well (a worker that is not started yet is no fault), 2 a setting,
    10 libraries, 11 playbook, 12 LiveKit server, 13 key pair, 14 recogniser,
    15 port taken, 16 worker not registered. With several findings, the first one's.
    """
    console = Console()
    try:
        settings = Settings.from_env()
    except ConfigError as error:
        findings = [Finding("settings", str(error), "correct the variable", Code.SETTINGS)]
    else:
        findings = [Finding("settings", "valid"), *asyncio.run(_examine(settings))]
    console.print(_table(findings))
    blocking = (f.code for f in findings if not f.is_good and f.is_blocking)
    raise typer.Exit(next(blocking, Code.OK))


async def _examine(settings: Settings) -> list[Finding]:
    return [await check(settings) for check in CHECKS]


def _table(findings: Sequence[Finding]) -> Table:
    table = Table("", "what", "seen", "remedy")
    for finding in findings:
        mark = "ok" if finding.is_good else ("FAIL" if finding.is_blocking else "note")
        table.add_row(mark, finding.what, finding.seen, finding.remedy)
    return table


def _imports(name: str) -> bool:
    try:
        importlib.import_module(name)
    except (ImportError, OSError):
        return False
    return True
