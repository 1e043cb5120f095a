"""Dispatching against a server that is no help."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coach.cli import dispatch
from coach.cli.main import app


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


@pytest.mark.parametrize(("name", "code"), [("eu", 1), ("us", 2)])
def test_a_profile_that_the_file_has_not_is_refused_before_anything_is_sent(
    name: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles, job = tmp_path / "providers.yaml", tmp_path / "job.json"
    profiles.write_text("profiles:\n  eu: {}\n")
    job.write_text(json.dumps({"rep": {"identity": "rep-1"}, "providers": name}))
    monkeypatch.setenv("COACH_PROVIDERS", str(profiles))
    monkeypatch.setenv("LIVEKIT_URL", "ws://127.0.0.1:1")

    result = CliRunner().invoke(app, ["dispatch", "room", "--metadata", str(job), "--wait", "0.1"])

    assert result.exit_code == code
    told = "providers: must be a profile of COACH_PROVIDERS: default, eu"
    assert (told in result.output) == (name == "us")
