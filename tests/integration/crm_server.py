"""A scripted CRM: accounts as JSON over HTTP, with the faults that a real one has.

In a test: `async with crm_server() as crm: crm.say(Reply(status=500))`, then `crm.url`, and
`section(crm.url)` for a provider profile. As a process, for workers and the bench:

    python tests/integration/crm_server.py --port-file FILE [--script FILE] [--port N]

A script is JSON: {"accounts": [record, ...], "replies": [...], "default": {...}}, each reply with
the fields of `Reply`. A request is answered with the next of `replies`, else with `default`, else
as a CRM that works. While it runs, `POST /script` replaces the script, and `GET /requests` tells
what was asked.
"""

import argparse
import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

HANG_SECONDS = 60.0
ACME: dict[str, Any] = {
    "id": "acme",
    "name": "Acme Corp",
    "domain": "acme.example",
    "about": "Makes anvils. Sixty people.",
    "contract": {"renews": "2027-03-01"},
    "last_call": "2026-11-02, Wile, asked for a reference",
    "deals": [
        {"name": "Anvils", "amount": 1200, "open": True, "stage": "proposal", "at": "2026-10-05"},
        {"name": "Springs", "amount": 80.5, "open": True, "stage": "new", "at": "2026-11-11"},
        {"name": "Glue", "amount": 3, "open": False, "stage": "lost", "at": "2026-11-12"},
    ],
    "notes": [
        {"text": "Likes short calls.", "at": 1_760_000_000_000},
        {"text": "Budget closes in May.", "at": 1_790_000_000},
    ],
}

Fields = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """One answer, or one failure. Without any field: as a CRM that works."""

    status: int = 200
    body: Any = None
    """Sent as JSON."""
    raw: str | None = None
    """Sent as it stands."""
    size: int = 0
    """Send an account with so many bytes of text."""
    slow_seconds: float = 0.0
    hangs: str = ""
    """`headers`: never answers; `mid`: stops in the middle of the body."""
    cuts: str = ""
    """`headers`: closes the connection instead of an answer; `mid`: in the middle of the body."""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_usual(self) -> bool:
        """Whether the CRM answers as one that works."""
        return self.status == 200 and self.body is self.raw is None and not self.size


@dataclass
class Asked:
    """One request, as it was received."""

    method: str
    path: str
    """With its query, still encoded."""
    headers: dict[str, str]
    body: Any
    at: float = field(default_factory=time.monotonic)
    """On the monotonic clock."""


class CrmServer:
    """What is asked, and what is answered next."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.accounts: list[Fields] = [ACME]
        self.default = Reply()
        self.port = 0
        self._next: list[Reply] = []

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """Method and path of all requests."""
        return [f"{each.method} {each.path}" for each in self.asked]

    def say(self, *replies: Reply) -> None:
        """Answer the next requests with these, in order."""
        self._next += replies

    def follow(self, script: Fields) -> None:
        """Replace what is to be answered."""
        self.accounts = script.get("accounts", [ACME])
        self._next = [Reply(**each) for each in script.get("replies", ())]
        self.default = Reply(**script.get("default", {}))

    def app(self) -> web.Application:
        """Return the application that serves it."""
        app = web.Application()
        app.router.add_get("/requests", self._requests)
        app.router.add_post("/script", self._script)
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        body = json.loads(text) if text else None
        path = request.raw_path
        self.asked.append(Asked(request.method, path, dict(request.headers), body))
        reply = self._next.pop(0) if self._next else self.default
        await asyncio.sleep(HANG_SECONDS if reply.hangs == "headers" else reply.slow_seconds)
        if reply.cuts == "headers":
            _abort(request)
            return web.Response()
        status, payload = self._usual(request) if reply.is_usual else _scripted(reply)
        if reply.hangs == "mid" or reply.cuts == "mid":
            return await _half(request, payload, reply)
        headers = {"Content-Type": "application/json"} | reply.headers
        return web.Response(body=payload, status=status, headers=headers)

    def _usual(self, request: web.Request) -> tuple[int, bytes]:
        if request.method != "GET":
            return 201, b"{}"
        if request.path == "/accounts":
            wanted = dict(request.query).items()
            found = [record for record in self.accounts if wanted <= _plain(record)]
            return 200, json.dumps({"results": found}).encode()
        account_id = request.match_info["path"].removeprefix("accounts/")
        for record in self.accounts:
            if record["id"] == account_id:
                return 200, json.dumps(record).encode()
        return 404, b'{"error": "no such account"}'

    async def _requests(self, _: web.Request) -> web.Response:
        return web.json_response([asdict(each) for each in self.asked])

    async def _script(self, request: web.Request) -> web.Response:
        self.follow(await request.json())
        return web.Response()


def section(url: str, **more: Any) -> Fields:
    """Return a profile's `crm:` section for this server."""
    return {
        "type": "http",
        "account": {
            "by_id": {"url": f"{url}/accounts/{{account.id}}"},
            "by_domain": {
                "url": f"{url}/accounts?domain={{account.domain}}",
                "record": "$.results[0]",
            },
            "by_name": {"url": f"{url}/accounts?name={{account.name}}", "record": "$.results[*]"},
        },
        "fields": {
            "id": "$.id",
            "name": "$.name",
            "domain": "$.domain",
            "about": "$.about",
            "renewal": "$.contract.renews",
            "last_call": "$.last_call",
            "deals": {
                "each": "$.deals[?@.open == true]",
                "text": "{$.name}, {$.amount} dollars a month, {$.stage}",
                "date": "$.at",
            },
            "notes": {"each": "$.notes[*]", "text": "{$.text}", "date": "$.at"},
        },
    } | more


def outcome_section(url: str) -> Fields:
    """Return the part of the section that says how an outcome is written."""
    return {
        "method": "POST",
        "url": f"{url}/accounts/{{account.id}}/notes",
        "body": {
            "text": "{outcome}",
            "next": "{next_step}",
            "by": {"rep": "{rep.identity}", "call": "{call.id}"},
        },
    }


def _plain(record: Fields) -> set[tuple[str, str]]:
    return {(key, value) for key, value in record.items() if isinstance(value, str)}


def _scripted(reply: Reply) -> tuple[int, bytes]:
    if reply.size:
        return reply.status, json.dumps(ACME | {"about": "x" * reply.size}).encode()
    payload = json.dumps(reply.body) if reply.raw is None else reply.raw
    return reply.status, payload.encode()


async def _half(request: web.Request, payload: bytes, reply: Reply) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(payload)
    await response.prepare(request)
    await response.write(payload[: len(payload) // 2])
    await asyncio.sleep(HANG_SECONDS if reply.hangs else 0)
    _abort(request)
    return response


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


@contextlib.asynccontextmanager
async def crm_server(port: int = 0) -> AsyncIterator[CrmServer]:
    """Serve a scripted CRM on a loopback port until the block ends; 0: any free port."""
    crm = CrmServer()
    runner = web.AppRunner(
        crm.app(), access_log=None, shutdown_timeout=0.2, handler_cancellation=True
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port, reuse_address=True)
        await site.start()
        crm.port = runner.addresses[0][1]
        yield crm
    finally:
        await runner.cleanup()


async def _serve(options: argparse.Namespace) -> None:
    async with crm_server(options.port) as crm:
        if options.script:
            crm.follow(json.loads(options.script.read_text("utf-8")))
        ready = options.port_file.with_suffix(".part")
        ready.write_text(str(crm.port))
        ready.rename(options.port_file)  # whoever waits for the file finds it whole
        await asyncio.Event().wait()


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description="A scripted CRM.")
    parser.add_argument("--port-file", type=Path, required=True, help="gets the port's number")
    parser.add_argument("--script", type=Path, help="JSON: what to answer")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
