"""What `coach replay --out` may be, and what becomes of that which was there."""

import errno
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from coach.cli import replay

LINES: list[dict[str, Any]] = [
    {"at_ms": 0, "type": "call", "job": {"rep": {"identity": "rep-1"}}},
    {
        "at_ms": 1_000,
        "type": "transcript",
        "speaker": "prospect",
        "identity": "buyer-1",
        "is_final": True,
        "text": "That is over our budget.",
        "start_ms": 500,
    },
]


@pytest.fixture
def call(tmp_path: Path) -> Path:
    path = tmp_path / "call.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES), "utf-8")
    return path


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(replay.run)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def no_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    def replayed(*_: object) -> None:
        raise AssertionError("it was replayed before --out was looked at")

    monkeypatch.setattr(replay, "_knowledge", replayed)


def refused(monkeypatch: pytest.MonkeyPatch, call: Path, out: object) -> str:
    """Return what is said of a place that is refused; nothing was replayed, nothing is left."""
    no_replay(monkeypatch)
    before = sorted(call.parent.iterdir())

    result = run(call, "--out", out)

    assert result.exit_code == 2, result.output
    assert sorted(call.parent.iterdir()) == before
    return result.stderr


def test_a_folder_is_refused_before_the_replay(call: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = call.parent / "folder"
    folder.mkdir()

    said = refused(monkeypatch, call, folder)

    assert f"error: --out: {folder}: is a folder; name a file in it" in said


def test_the_current_folder_is_refused_as_any_other(
    call: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "error: --out: .: is a folder" in refused(monkeypatch, call, ".")


def test_a_file_in_a_folder_that_is_not_there_is_refused(
    call: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = call.parent / "none" / "out.jsonl"

    assert f"--out: {out}: {out.parent} is not a folder" in refused(monkeypatch, call, out)


def test_a_folder_that_cannot_be_written_to_is_refused(
    call: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda _, mode: mode == os.R_OK)  # a test's user may be root

    said = refused(monkeypatch, call, call.parent / "out")

    assert f"{call.parent} cannot be written to" in said


def test_a_link_that_leads_in_a_circle_is_refused(
    call: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = call.parent / "circle"
    out.symlink_to(out)

    assert f"--out: {out}: cannot be written" in refused(monkeypatch, call, out)


@pytest.mark.parametrize("way", ["itself", "link"])
def test_the_call_itself_is_refused_however_it_is_named(
    call: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """A call was replaced by its own decisions, and was lost."""
    out, before = call, call.read_bytes()
    if way == "link":
        out = call.parent / "link"
        out.symlink_to(call)

    said = refused(monkeypatch, call, out)

    assert f"--out: {out}: is the call itself" in said
    assert call.read_bytes() == before


def test_a_link_stays_and_what_it_leads_to_is_replaced(call: Path) -> None:
    target, link = call.parent / "target", call.parent / "link"
    target.write_text("old")
    link.symlink_to(target)

    assert run(call, "--out", link).exit_code == 0

    assert link.is_symlink()
    assert b'"decision"' in target.read_bytes()


def test_a_pipe_is_written_into(call: Path) -> None:
    """A pipe was replaced by a file, and its reader waited for ever."""
    pipe = call.parent / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()

    result = run(call, "--out", pipe)
    reader.join(5)

    assert result.exit_code == 0, result.output
    assert pipe.is_fifo()
    assert b'"decision"' in read[0]


def test_a_pipe_that_takes_nothing_more_is_named(
    call: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = call.parent / "pipe"
    os.mkfifo(pipe)

    def break_off(*_: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(Path, "write_bytes", break_off)
    result = run(call, "--out", pipe)

    assert result.exit_code == 2
    assert f"error: {pipe}: cannot be written: Broken pipe" in result.stderr


def test_what_cannot_be_put_in_place_leaves_nothing_behind(
    call: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = call.parent / "out"
    out.write_text("old")
    before = sorted(call.parent.iterdir())

    def fail(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "replace", fail)
    result = run(call, "--out", out)

    assert f"error: {out}: cannot be written: Operation not permitted" in result.stderr
    assert sorted(call.parent.iterdir()) == before
    assert out.read_text() == "old"


def test_a_folder_in_the_place_of_one_calls_decisions_stops_that_call_only(call: Path) -> None:
    other = call.with_name("other.jsonl")
    other.write_bytes(call.read_bytes())
    blocked = call.with_name("call.decisions.jsonl")
    blocked.mkdir()

    result = run(call.parent)

    assert result.exit_code == 2
    assert f"error: {blocked}: is a folder" in result.stderr
    assert other.with_name("other.decisions.jsonl").is_file()
