"""`coach replay` as a person uses it: what goes where, and what is refused."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from coach.cli import replay

CALL: dict[str, Any] = {"at_ms": 0, "type": "call", "job": {"rep": {"identity": "rep-1"}}}


def spoken(at_ms: int, text: str) -> dict[str, Any]:
    line = {"at_ms": at_ms, "type": "transcript", "speaker": "prospect", "identity": "buyer-1"}
    return {**line, "is_final": True, "text": text, "start_ms": at_ms}


def write(folder: Path, *lines: dict[str, Any]) -> Path:
    path = folder / "call.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in (CALL, *lines)), "utf-8")
    return path


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(replay.run)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_lone_surrogate_is_printed_as_a_question_mark(tmp_path: Path) -> None:
    path = write(tmp_path, spoken(1_000, "That is over our \ud800 budget, over our budget"))

    result = run(path)

    assert result.exit_code == 0, result.output
    line = json.loads(result.stdout_bytes.splitlines()[0])
    assert line["nudge"]["evidence"]["quote"] == "That is over our ? budget,"


def test_in_realtime_a_line_is_printed_when_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, spoken(100, "That is over our budget."), {"at_ms": 400, "type": "end"})
    printed: list[float] = []
    monkeypatch.setattr(replay, "_print", lambda _: printed.append(time.monotonic()))

    assert run(path, "--realtime").exit_code == 0

    assert printed
    assert time.monotonic() - printed[0] > 0.2


def test_in_realtime_into_a_file_every_line_is_there_once(tmp_path: Path) -> None:
    path = write(tmp_path, spoken(100, "That is over our budget."))
    shown, kept = run(path, "--realtime"), run(path, "--realtime", "--out", tmp_path / "out")

    assert kept.stdout == ""
    assert len((tmp_path / "out").read_bytes().splitlines()) == len(shown.stdout.splitlines()) > 0


@pytest.mark.parametrize("options", [("--out", "x.jsonl"), ("--realtime",)])
def test_what_only_one_call_can_have_is_refused_for_a_folder(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    write(tmp_path)

    result = run(tmp_path, *options)

    assert result.exit_code == 2
    assert f"error: {options[0]}: {tmp_path} is a folder" in result.stderr
    assert not list(tmp_path.glob("*.decisions.jsonl"))
