"""The trace file: written beside the call, bounded, erased on demand."""

import asyncio
import json
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import pytest

from coach.adapters.trace import file as trace_file
from coach.adapters.trace.file import TraceFile
from coach.domain.events import (
    Ack,
    Ask,
    Control,
    ControlAction,
    Feedback,
    FeedbackAction,
    ParticipantChanged,
    SpeakingChanged,
    Transcript,
    TurnCompleted,
)
from coach.domain.job import Job, Rep
from coach.domain.nudge import Evidence
from coach.domain.nudge import Path as Engine
from coach.domain.outputs import CallState, StateChanged
from coach.domain.playbook import Speaker
from coach.domain.records import Decision, Outcome, Receipt

JOB = Job(call_id="c-1", rep=Rep("rep-1"))
METERS = {"participant_ms": 1}
CANARY = "zanzibar"
GRANT, REVOKE = Control(ControlAction.CONSENT_GRANTED), Control(ControlAction.CONSENT_REVOKED)


def said(text: str = CANARY) -> Transcript:
    return Transcript("buyer-1", Speaker.PROSPECT, text, True, 0)


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(text) for text in path.read_text("utf-8").split("\n") if text]


def types(path: Path) -> list[str]:
    return [line["type"] for line in read(path)]


def opened(tmp_path: Path) -> TraceFile:
    return TraceFile.open(tmp_path / "traces", JOB.call_id, "r-1", JOB)


def path_of(tmp_path: Path) -> Path:
    return tmp_path / "traces" / "c-1.r-1.jsonl"


async def test_a_trace_begins_with_the_call_and_ends_with_the_meters(tmp_path: Path) -> None:
    trace = opened(tmp_path)
    trace.event(100, said())
    trace.output(100, StateChanged(CallState.LISTENING), 5)

    await trace.aclose(METERS)

    lines = read(path_of(tmp_path))
    assert [line["type"] for line in lines] == ["call", "transcript", "state", "meters"]
    assert lines[0]["job"]["call_id"] == "c-1"
    assert lines[-1] == {"type": "meters", "participant_ms": 1, "lost_lines": 0}


async def test_only_its_owner_may_read_a_trace(tmp_path: Path) -> None:
    trace = opened(tmp_path)

    await trace.aclose(METERS)

    path = path_of(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_a_folder_that_cannot_be_made_costs_lines_and_no_call(tmp_path: Path) -> None:
    (tmp_path / "traces").touch()  # a file stands in its place
    trace = opened(tmp_path)
    trace.event(1, said())

    await trace.aclose(METERS)

    assert trace.lost_count == len(["call", "transcript", "meters"])


async def test_closing_twice_is_closing_once(tmp_path: Path) -> None:
    trace = opened(tmp_path)

    await trace.aclose(METERS)
    await trace.aclose(METERS)

    assert types(path_of(tmp_path)).count("meters") == 1


async def test_text_that_is_no_text_is_written_all_the_same(tmp_path: Path) -> None:
    trace = opened(tmp_path)
    trace.event(1, said("\ud800 and \u2028"))

    await trace.aclose(METERS)

    assert read(path_of(tmp_path))[1]["text"] == "? and \u2028"


async def test_an_erasure_removes_every_word_and_keeps_who_was_there(tmp_path: Path) -> None:
    trace = opened(tmp_path)
    evidence = Evidence(Speaker.PROSPECT, "buyer-1", 0, 1, CANARY)
    trace.event(1, ParticipantChanged("buyer-1", Speaker.PROSPECT, True))
    for event in (
        said(),
        SpeakingChanged("buyer-1", True),
        TurnCompleted("buyer-1", Speaker.PROSPECT),
        Feedback("n-1", FeedbackAction.USED, CANARY),
        Ask(text=CANARY),
        Ack("n-1", 0, CANARY),
        REVOKE,
    ):
        trace.event(2, event)
    trace.output(2, Decision(Outcome.NOTED, Engine.TRIGGER, "m", 2, evidence=evidence), 1)
    trace.output(2, Receipt("n-1", 0, "shown", 1, 2, rule=CANARY), 1)
    trace.erase()
    trace.output(2, StateChanged(CallState.WAITING), 1)

    await trace.aclose(METERS)

    assert types(path_of(tmp_path)) == ["call", "participant", "control", "state", "meters"]
    assert CANARY not in everything_below(tmp_path)


def everything_below(folder: Path) -> str:
    return "".join(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())


async def test_what_comes_after_an_erasure_stays(tmp_path: Path) -> None:
    trace = opened(tmp_path)
    trace.event(1, said())
    trace.erase()
    trace.event(3, said("hello again"))

    await trace.aclose(METERS)

    assert types(path_of(tmp_path)) == ["call", "transcript", "meters"]


async def test_an_erasure_reaches_lines_that_are_written_already(tmp_path: Path) -> None:
    trace = opened(tmp_path)
    trace.event(1, said())
    await until(lambda: path_of(tmp_path).exists() and CANARY in path_of(tmp_path).read_text())

    trace.erase()

    await until(lambda: CANARY not in path_of(tmp_path).read_text())
    await trace.aclose(METERS)


async def until(is_true: Callable[[], bool]) -> None:
    """Wait for the writer's thread, which has real time and no event to wait for."""
    for _ in range(500):
        if is_true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the writer's thread did not come to it")


async def test_a_torn_line_is_erased_with_the_speech(tmp_path: Path) -> None:
    """A disk that was full left half a line; the erasure stumbled over it and never came."""
    path_of(tmp_path).parent.mkdir()
    path_of(tmp_path).write_text(f'{{"at_ms":1,"type":"transcript","text":"{CANARY}\n')
    trace = opened(tmp_path)
    trace.event(1, said())

    trace.erase()
    await trace.aclose(METERS)

    assert types(path_of(tmp_path)) == ["call", "meters"]


class FullDisk:
    """Stands for `TraceFile._open_to_append`: no write succeeds."""

    def __call__(self, _: TraceFile) -> TextIO:
        raise OSError(28, "No space left on device")


async def test_a_disk_error_costs_lines_counts_them_and_is_logged_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(TraceFile, "_open_to_append", lambda self: FullDisk()(self))
    trace = opened(tmp_path)
    trace.event(1, said())

    await trace.aclose(METERS)

    assert trace.lost_count == 3
    assert [record.message for record in caplog.records] == ["trace line lost"]
    assert CANARY not in caplog.text


@pytest.fixture
def held_writer(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Keep the writer's thread from its first line until the event is set."""
    may_go, write = threading.Event(), TraceFile._write

    def held(self: TraceFile) -> None:
        may_go.wait(10)
        write(self)

    monkeypatch.setattr(TraceFile, "_write", held)
    yield may_go
    may_go.set()


async def test_a_full_queue_loses_the_newest_lines_and_counts_them(
    tmp_path: Path, held_writer: threading.Event
) -> None:
    trace = TraceFile(tmp_path / "t.jsonl", JOB, "r-1", queue_limit=3)
    for number in range(5):
        trace.event(number, said(str(number)))
    held_writer.set()
    await until(lambda: trace._queue.empty())

    await trace.aclose(METERS)

    lines = read(tmp_path / "t.jsonl")
    assert [line.get("text") for line in lines[1:3]] == ["0", "1"]
    assert trace.lost_count == 3
    assert lines[-1]["lost_lines"] == 3


async def test_an_erasure_that_the_disk_refuses_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop, refusals = trace_file._drop_speech, [1]

    def refuse_once(path: Path) -> None:
        if refusals:
            refusals.pop()
            raise OSError(5, "Input/output error")
        drop(path)

    monkeypatch.setattr(trace_file, "_drop_speech", refuse_once)
    trace = opened(tmp_path)
    trace.event(1, said())
    await until(lambda: path_of(tmp_path).exists())
    trace.erase()

    await trace.aclose(METERS)

    assert CANARY not in path_of(tmp_path).read_text("utf-8")
