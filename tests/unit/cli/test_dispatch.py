"""What `coach dispatch` sends, and dispatching against a server that is no help."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from coach.cli import dispatch
from coach.cli.main import app
from fakes.web import web_server


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


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (200, b"<html>", "is not a LiveKit server: set LIVEKIT_URL"),
        (404, b"[]", "is not a LiveKit server: set LIVEKIT_URL"),
        (404, b"\xff", "answers 404: is it a LiveKit server"),
        (429, b'{"code": "resource_exhausted"}', "refused: resource_exhausted"),
        (401, b"{}", r"refused the key pair \(401\): set LIVEKIT_API_KEY"),
    ],
)
async def test_what_is_no_livekit_server_is_told_without_a_trace(
    status: int, body: bytes, says: str
) -> None:
    async with web_server(status, body) as url:
        with pytest.raises(dispatch.DispatchFailed, match=says):
            await dispatch.dispatch_coach(
                url=url,
                key="key",
                secret="s" * 32,
                room="room",
                metadata='{"rep": {"identity": "rep-1"}}',
                deadline_seconds=2,
            )


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


JOB: dict[str, Any] = {
    "rep": {"identity": "rep-1", "name": "A. Rep"},
    "team": ["rep-2"],
    "account": {"id": "acme", "name": "Acme Corp", "domain": "acme.example"},
    "consent": {"state": "pending", "policy": "everyone"},
}


@pytest.mark.parametrize(
    ("option", "name", "value"),
    [
        (("--consent", "granted"), "consent", {"state": "granted", "policy": "everyone"}),
        (("--rep", "rep-9"), "rep", {"identity": "rep-9", "name": "A. Rep"}),
        (("--account", "b"), "account", JOB["account"] | {"id": "b"}),
        (("--team", "rep-3"), "team", ["rep-3"]),
    ],
)
def test_an_option_overrides_its_own_field_of_the_file_and_nothing_beside_it(
    option: tuple[str, str],
    name: str,
    value: object,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`--consent granted` made one answer for the call of what each prospect had to answer."""
    sent: list[dict[str, Any]] = []

    async def take(*, metadata: str, **_: object) -> str:
        sent.append(json.loads(metadata))
        return "call-assistant-AJ_1"

    monkeypatch.setattr(dispatch, "dispatch_coach", take)
    file = tmp_path / "job.json"
    file.write_text(json.dumps(JOB))

    result = CliRunner().invoke(app, ["dispatch", "room", "--metadata", str(file), *option])

    assert result.exit_code == 0, result.output
    assert sent == [JOB | {name: value}]
