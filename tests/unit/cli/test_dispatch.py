"""Dispatching against a server that is no help."""

import asyncio

import pytest

from coach.cli import dispatch


async def test_a_server_that_accepts_and_never_answers_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dispatch, "GRACE_SECONDS", 0.1)
    over = asyncio.Event()

    async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        started = asyncio.get_running_loop().time()
        with pytest.raises(dispatch.DispatchFailed, match="no LiveKit server answers"):
            await dispatch.dispatch_coach(
                url=f"ws://127.0.0.1:{port}",
                key="key",
                secret="s" * 32,
                room="room",
                metadata='{"rep": {"identity": "rep-1"}}',
                deadline_seconds=0.2,
            )
        assert asyncio.get_running_loop().time() - started < 2
        over.set()
        await asyncio.sleep(0.05)  # the handler's end, before the loop's
