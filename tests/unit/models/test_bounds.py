"""How much of an endpoint's answer is read, and how it is shared with the call's loop."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest

from coach.adapters.models.transport import (
    LARGEST_ANSWER_BYTES,
    MOST_LINES,
    SLICE_BYTES,
    bound,
)

PIECE = 64 * 1024


class Endless(httpx2.AsyncByteStream):
    """A body that never ends, and counts what was taken of it."""

    def __init__(self, piece: bytes) -> None:
        self.piece, self.taken_count, self.is_closed = piece, 0, False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.taken_count += 1
            yield self.piece

    async def aclose(self) -> None:
        self.is_closed = True


def answer(body: httpx2.AsyncByteStream, **headers: str) -> httpx2.Response:
    return httpx2.Response(200, stream=body, headers=headers)


async def read(response: httpx2.Response) -> int:
    """Read until it breaks off. Return how many bytes came."""
    byte_count = 0
    with pytest.raises(httpx2.RemoteProtocolError):
        async for part in response.aiter_raw():
            assert len(part) <= SLICE_BYTES
            byte_count += len(part)
    await response.aclose()
    return byte_count


@pytest.mark.parametrize(
    ("piece", "most_bytes"),
    [
        (b"x" * PIECE, LARGEST_ANSWER_BYTES),
        (b"data: {}\n\n" * (PIECE // 10), MOST_LINES * 5),
        (b": still here\n" * (PIECE // 13), MOST_LINES * 13),
    ],
)
async def test_of_an_endless_answer_no_more_is_read_than_of_a_long_one(
    piece: bytes, most_bytes: int
) -> None:
    body = Endless(piece)
    response = answer(body)
    bound(response)

    byte_count = await read(response)

    assert most_bytes - SLICE_BYTES <= byte_count <= most_bytes
    assert body.taken_count <= LARGEST_ANSWER_BYTES // PIECE + 1
    assert body.is_closed


async def test_the_loop_has_its_turn_while_a_large_answer_is_read() -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    response = answer(Endless(b"x" * PIECE))
    bound(response)
    task = asyncio.create_task(others())

    byte_count = await read(response)
    task.cancel()

    assert turns >= byte_count // SLICE_BYTES * 0.9


async def test_a_long_answer_comes_whole() -> None:
    """150 tokens, each an event of 600 bytes."""
    event = b"data: " + b"x" * 592 + b"\n\n"

    class Body(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for _ in range(150):
                yield event

    response = answer(Body(), **{"content-encoding": "identity"})
    bound(response)

    assert await response.aread() == event * 150


def test_an_answer_that_is_packed_is_not_read_at_all() -> None:
    body = Endless(b"\0" * PIECE)

    with pytest.raises(httpx2.RemoteProtocolError):
        bound(answer(body, **{"content-encoding": "gzip"}))

    assert body.taken_count == 0
