"""Puts one question to nobody, so that a call's first real one finds everything in its place.

The client builds much of itself with its first question and answer: validators, forms of
requests, the authorities of TLS. Here it does so before any call, in the process from which the
calls' processes are forked: some 10 ms less for the first hint of each call.
"""

import asyncio
import contextlib
import json
from typing import Final

import httpx2

from coach.adapters.models.answer import answer_schema
from coach.adapters.models.breaker import Breaker
from coach.adapters.models.client import Limits, ModelClient, Question
from coach.adapters.models.failures import AttemptFailed
from coach.adapters.models.tools import TOLD
from coach.adapters.profile import ModelEndpoint

SECONDS = 5.0
_NOBODY: Final = ModelEndpoint("https://127.0.0.1/v1", "nobody", "")
_PIECE: Final = {
    "id": "1",
    "object": "chat.completion.chunk",
    "created": 0,
    "model": "nobody",
    "choices": [{"index": 0, "delta": {"content": "{"}}],
}
_STREAM: Final = f"data: {json.dumps(_PIECE)}\n\ndata: [DONE]\n\n".encode()


def rehearse() -> None:
    """Ask and answer within this process. Nothing is sent; no loop may be running."""
    asyncio.run(_ask_nobody(httpx2.MockTransport(_answer)))


def _answer(request: httpx2.Request) -> httpx2.Response:
    headers = {"Content-Type": "text/event-stream"}
    return httpx2.Response(200, headers=headers, content=_STREAM, request=request)


async def _ask_nobody(transport: httpx2.AsyncBaseTransport) -> None:
    client = ModelClient(_NOBODY, Breaker(), "nobody", transport)
    question = Question("", "", 1, schema=answer_schema(("moment",), ("stage",)), tools=TOLD)
    by = asyncio.get_running_loop().time() + SECONDS
    try:
        with contextlib.suppress(AttemptFailed):  # then the first question takes a little longer
            async for _ in client.chunks(question, Limits(by, by)):
                pass
    finally:
        await client.aclose()
