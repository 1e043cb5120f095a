"""A scripted model: an OpenAI-compatible chat endpoint that answers, and fails, as it is told.

In a test: `async with model_server() as model: model.say(Reply(...))`, then `model.url`.
As a process, for workers and the bench:

    python tests/integration/model_server.py --port-file FILE [--script FILE] [--port N]

A script is JSON: {"replies": [...], "rules": [{"match": "regex", ...}], "default": {...}}, each
reply with the fields of `Reply`. A request is answered with the next of `replies`, else with the
first rule whose `match` is found in the user's message, else with `default`. While it runs,
`POST /script` replaces the script, and `GET /requests` tells what was asked.
"""

import argparse
import asyncio
import contextlib
import gzip
import json
import re
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

NOTHING = '{"moment":"nothing"}'
CHARACTERS_PER_TOKEN = 4
HANG_SECONDS = 60.0
PACKED_BYTES = 30_000_000

Fields = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """One answer, or one failure."""

    text: str = NOTHING
    tools: Sequence[tuple[str, Fields | str]] = ()
    """(Name, arguments); arguments as text are sent as they stand."""
    first_token_ms: int = 0
    tokens_per_second: float = 0.0
    """0: all at once."""
    status: int = 200
    retry_after: str | None = None
    message: str = "scripted failure"
    """Text of an error's body."""
    hangs: str = ""
    """`headers`: never answers; `mid`: stops halfway through the text."""
    cuts: str = ""
    """`mid`: closes the connection halfway; `end`: ends tidily halfway, as a proxy would."""
    raw: str | None = None
    """Sent instead of a stream's events."""
    flood: str = ""
    """`events`: empty ones without end; `error`: a body without end, status 500; `packed`: a small
    one that becomes large."""
    has_usage: bool = True


def advice(moment: str, headline: str, **fields: Any) -> str:
    """Return an answer of the agreed form."""
    answer: Fields = {
        "moment": moment,
        "confidence": 0.9,
        "headline": headline,
        "evidence": {"utterance": None, "words": ""},
        "detail": "",
        "say": None,
        "stage": None,
    }
    return json.dumps(answer | fields, ensure_ascii=False)


@dataclass
class Asked:
    """One request, as it was received."""

    body: Fields
    headers: dict[str, str]
    at: float = field(default_factory=time.monotonic)
    """On the monotonic clock, as all times here."""
    ended_at: float | None = None
    """The answer was sent to its end."""
    dropped_at: float | None = None
    """The other side closed the connection before that."""
    sent_at: list[float] = field(default_factory=list)
    """When each token was sent."""
    port: int = 0
    """Of the other side: which connection it was."""

    @property
    def sent_tokens(self) -> int:
        """How many tokens were sent."""
        return len(self.sent_at)

    @property
    def system(self) -> str:
        """The stable part."""
        return _text(self.body["messages"][0])

    @property
    def user(self) -> str:
        """The fresh part."""
        return _text(self.body["messages"][-1])

    @property
    def images(self) -> list[Fields]:
        """The pictures in the user's message."""
        content = self.body["messages"][-1]["content"]
        parts = content if isinstance(content, list) else []
        return [part["image_url"] for part in parts if part["type"] == "image_url"]

    @property
    def most_tokens_out(self) -> int | None:
        """How long the answer may be."""
        limit = self.body.get("max_completion_tokens", self.body.get("max_tokens"))
        return None if limit is None else int(limit)


def _text(message: Fields) -> str:
    content = message["content"]
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part["type"] == "text")


class ModelServer:
    """What is asked, and what is answered next."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.listed: list[Asked] = []
        """Requests for the list of models."""
        self.list_reply = Reply()
        self.default = Reply()
        self.rules: list[tuple[str, Reply]] = []
        self.port = 0
        self._next: list[Reply] = []

    @property
    def url(self) -> str:
        """The address for COACH_LLM_BASE_URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def under_way(self) -> int:
        """Requests whose answer is being sent."""
        return sum(1 for each in self.asked if each.ended_at is None and each.dropped_at is None)

    def say(self, *replies: Reply) -> None:
        """Answer the next requests with these, in order."""
        self._next += replies

    def follow(self, script: Fields) -> None:
        """Replace what is to be answered."""
        self._next = [_reply(each) for each in script.get("replies", ())]
        self.rules = [(each.pop("match"), _reply(each)) for each in script.get("rules", ())]
        self.default = _reply(script.get("default", {}))

    def app(self) -> web.Application:
        """Return the application that serves it."""
        app = web.Application(client_max_size=20_000_000)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/requests", self._requests)
        app.router.add_post("/script", self._script)
        return app

    def _choose(self, asked: Asked) -> Reply:
        if self._next:
            return self._next.pop(0)
        user = asked.user
        return next((r for pattern, r in self.rules if re.search(pattern, user)), self.default)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        asked = Asked(await request.json(), dict(request.headers), port=_port(request))
        self.asked.append(asked)
        try:
            response = await self._answer(request, asked, self._choose(asked))
        except (asyncio.CancelledError, ConnectionResetError):
            asked.dropped_at = time.monotonic()
            raise
        asked.ended_at = time.monotonic()
        return response

    async def _answer(self, request: web.Request, asked: Asked, reply: Reply) -> web.StreamResponse:
        if reply.flood:
            return await _flood(request, reply.flood)
        if reply.hangs == "headers":
            await asyncio.sleep(HANG_SECONDS)
        if reply.status != 200:
            headers = {"Retry-After": reply.retry_after} if reply.retry_after else {}
            error = {"error": {"message": reply.message, "type": "scripted"}}
            return web.json_response(error, status=reply.status, headers=headers)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await asyncio.sleep(reply.first_token_ms / 1_000)
        if reply.raw is not None:
            await response.write(reply.raw.encode())
        else:
            await self._stream(request, response, asked, reply)
        return response

    async def _stream(
        self, request: web.Request, response: web.StreamResponse, asked: Asked, reply: Reply
    ) -> None:
        size = CHARACTERS_PER_TOKEN
        tokens = [reply.text[n : n + size] for n in range(0, len(reply.text), size)]
        stop_at = len(tokens) // 2 if reply.hangs == "mid" or reply.cuts else None
        loop = asyncio.get_running_loop()
        began_at = loop.time()
        for number, token in enumerate(tokens):
            if number == stop_at:
                await self._stop(request, reply)
                return
            if reply.tokens_per_second:  # each at its own time: waits would add up their lateness
                due_at = began_at + number / reply.tokens_per_second
                await asyncio.sleep(max(0.0, due_at - loop.time()))
            await response.write(_event([{"index": 0, "delta": {"content": token}}]))
            asked.sent_at.append(time.monotonic())
        for choices in _closing(reply):
            await response.write(_event(choices))
        if reply.has_usage:
            await response.write(_event([], _usage(asked, len(tokens))))
        await response.write(b"data: [DONE]\n\n")

    async def _stop(self, request: web.Request, reply: Reply) -> None:
        if reply.hangs == "mid":
            await asyncio.sleep(HANG_SECONDS)
        if reply.cuts == "mid" and request.transport is not None:
            request.transport.abort()

    async def _models(self, request: web.Request) -> web.StreamResponse:
        asked = Asked({}, dict(request.headers), port=_port(request))
        self.listed.append(asked)
        if self.list_reply.hangs or self.list_reply.status != 200:
            return await self._answer(request, asked, self.list_reply)
        return web.json_response({"object": "list", "data": []})

    async def _requests(self, _: web.Request) -> web.Response:
        return web.json_response([asdict(each) for each in self.asked])

    async def _script(self, request: web.Request) -> web.Response:
        self.follow(await request.json())
        return web.Response()


def _port(request: web.Request) -> int:
    peer = request.transport.get_extra_info("peername") if request.transport else None
    return peer[1] if peer else 0


async def _flood(request: web.Request, kind: str) -> web.StreamResponse:
    if kind == "packed":
        packed = gzip.compress(b"\0" * PACKED_BYTES, 1)
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})
    response = web.StreamResponse(status=500 if kind == "error" else 200)
    await response.prepare(request)
    empty = [{"index": 0, "delta": {"content": ""}}]
    piece = _event(empty) * 500 if kind == "events" else b"x" * 100_000
    while True:
        await response.write(piece)


def _reply(fields: Fields) -> Reply:
    tools = tuple((name, arguments) for name, arguments in fields.get("tools", ()))
    return Reply(**(fields | {"tools": tools}))


def _closing(reply: Reply) -> list[list[Fields]]:
    """Return the choices of the events after the text."""
    calls = [
        {
            "index": number,
            "id": f"call-{number}",
            "type": "function",
            "function": {
                "name": name,
                "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
            },
        }
        for number, (name, arguments) in enumerate(reply.tools)
    ]
    events: list[list[Fields]] = [[{"index": 0, "delta": {"tool_calls": [call]}}] for call in calls]
    reason = "tool_calls" if calls else "stop"
    return [*events, [{"index": 0, "delta": {}, "finish_reason": reason}]]


def _event(choices: list[Fields], usage: Fields | None = None) -> bytes:
    chunk = {
        "id": "chatcmpl-scripted",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "scripted",
        "choices": choices,
        "usage": usage,
    }
    return f"data: {json.dumps(chunk)}\n\n".encode()


def _usage(asked: Asked, tokens_out: int) -> Fields:
    tokens_in = (len(asked.system) + len(asked.user)) // CHARACTERS_PER_TOKEN
    return {
        "prompt_tokens": tokens_in,
        "completion_tokens": tokens_out,
        "total_tokens": tokens_in + tokens_out,
    }


@contextlib.asynccontextmanager
async def model_server(port: int = 0) -> AsyncIterator[ModelServer]:
    """Serve a scripted model on a loopback port until the block ends; 0: any free port."""
    model = ModelServer()
    runner = web.AppRunner(
        model.app(), access_log=None, shutdown_timeout=0.2, handler_cancellation=True
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port, reuse_address=True)
        await site.start()
        model.port = runner.addresses[0][1]
        yield model
    finally:
        await runner.cleanup()


async def _serve(options: argparse.Namespace) -> None:
    async with model_server(options.port) as model:
        if options.script:
            model.follow(json.loads(options.script.read_text("utf-8")))
        ready = options.port_file.with_suffix(".part")
        ready.write_text(str(model.port))
        ready.rename(options.port_file)  # whoever waits for the file finds it whole
        await asyncio.Event().wait()


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description="A scripted OpenAI-compatible chat endpoint.")
    parser.add_argument("--port-file", type=Path, required=True, help="gets the port's number")
    parser.add_argument("--script", type=Path, help="JSON: what to answer")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
