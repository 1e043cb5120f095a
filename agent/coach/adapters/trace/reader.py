"""Reads recorded and hand-written calls for replay; names file and line of what is wrong."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from coach.adapters.job import parse_job
from coach.adapters.trace.lines import OUTPUT_TYPES
from coach.adapters.trace.schema import MAX_MS, PARSERS, Ask, Participant, Screen, Spoken
from coach.domain import events
from coach.domain.job import Job
from coach.domain.playbook import Speaker
from coach.domain.screen import ScreenLine, ScreenSampled
from coach.errors import MetadataError, ReplayError


@dataclass(frozen=True, slots=True)
class Recording:
    """A call read from a file."""

    job: Job
    run: str
    steps: tuple[tuple[int, events.Event], ...]
    """Events in order of time."""
    turns_given: bool
    answered: frozenset[str]
    """Ids of the nudges whose acks stand in the file."""
    warnings: tuple[str, ...]


class Pictures(Protocol):
    """What the `screen` lines of one file show."""

    def event(self, line: ScreenLine, number: int) -> ScreenSampled:
        """Return the event of a line; what it does not say is taken from its picture.

        Raises:
            ReplayError: the picture is needed and cannot be used.
        """
        ...


def read_recording(path: Path, pictures: Pictures | None = None) -> Recording:
    """Read a call.

    Args:
        path: the file.
        pictures: reads its pictures; None: a file with a shared screen cannot be read.

    Raises:
        ReplayError: the file cannot be used; the message names file and line.
    """
    try:
        # Not `splitlines`: a quote may hold one of Unicode's other line ends.
        texts = path.read_text(encoding="utf-8-sig").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ReplayError(str(path), None, f"cannot be read ({type(error).__name__})") from None
    return _Reader(path, pictures).read(texts)


class _Reader:
    """Turns the lines of one file into events."""

    def __init__(self, path: Path, pictures: Pictures | None) -> None:
        self._path = path
        self._number = 0
        self._job: Job | None = None
        self._warnings: list[str] = []
        self._pictures = pictures

    def read(self, texts: list[str]) -> Recording:
        lines = [(n, line) for n, text in enumerate(texts, 1) if (line := self._line(n, texts))]
        if not lines:
            seen = "the first line is torn" if self._warnings else "the file is empty"
            raise ReplayError(str(self._path), 1, f"{seen}; it must be a call")
        self._number = lines[0][0]
        self._job = self._call(lines[0][1])
        steps = [step for n, line in lines[1:] if (step := self._step(n, line))]
        self._check_order(lines[1:])
        found = [event for _, event in steps]
        is_live = lines[0][1].get("live") is True
        has_rep = any(isinstance(e, events.ParticipantChanged) and self._is_rep(e) for e in found)
        if not (has_rep or is_live):
            rep = events.ParticipantChanged(self._job.rep.identity, Speaker.REP, True, True)
            steps.insert(0, (0, rep))
        last_ms = max(
            (at_ms for _, line in lines if (at_ms := _at_ms(line)) is not None), default=0
        )
        if not any(isinstance(event, events.Ended) for event in found):
            steps.append((last_ms, events.Ended(events.EndReason.END_OF_FILE)))
        return Recording(
            job=self._job,
            run=str(lines[0][1].get("run") or "replay"),
            steps=tuple(steps),
            turns_given=is_live or any(isinstance(e, events.TurnCompleted) for e in found),
            answered=frozenset(e.nudge_id for e in found if isinstance(e, events.Ack)),
            warnings=tuple(self._warnings),
        )

    def _is_rep(self, event: events.ParticipantChanged) -> bool:
        return event.speaker is Speaker.REP

    def _line(self, number: int, texts: list[str]) -> dict[str, Any] | None:
        self._number = number
        text = texts[number - 1]
        if not text.strip():
            return None
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):  # a number of 5,000 digits is a plain ValueError
            if number == len(texts):
                self._warnings.append(f"{self._path}:{number}: torn last line ignored")
                return None
            raise self._error("not JSON; write one object on each line") from None
        if not isinstance(line, dict) or not isinstance(line.get("type"), str):
            raise self._error('a line is an object with a "type"')
        return line

    def _call(self, line: dict[str, Any]) -> Job:
        if line["type"] != "call" or not isinstance(line.get("job"), dict):
            raise self._error('the first line has the type "call" and a "job"')
        job = dict(line["job"])
        if job.get("consent") is None:
            job["consent"] = {"state": "granted"}  # a file without it was recorded with it
        if job.get("call_id") is None:
            job["call_id"] = _call_id(self._path)  # the same each time the file is replayed
        try:
            return parse_job(json.dumps(job))
        except MetadataError as error:
            raise self._error(f"job.{error}") from None

    def _check_order(self, lines: list[tuple[int, dict[str, Any]]]) -> None:
        newest_ms = 0
        for number, line in lines:
            at_ms = _at_ms(line)
            if line["type"] in OUTPUT_TYPES or at_ms is None:
                continue
            self._number = number
            if at_ms < newest_ms:
                raise self._error("at_ms: earlier than the line before; order the lines by time")
            newest_ms = at_ms

    def _step(self, number: int, line: dict[str, Any]) -> tuple[int, events.Event] | None:
        self._number = number
        kind = line["type"]
        if kind in OUTPUT_TYPES:
            return None
        parse = PARSERS.get(kind)
        if parse is None:
            self._warnings.append(f"{self._path}:{number}: unknown type ignored")
            return None
        adapter, build = parse
        try:
            parsed = adapter.validate_python(line)
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            where = ".".join(map(str, first["loc"])) or kind
            raise self._error(f"{where}: {first['msg'].lower()}") from None
        return parsed.at_ms, build(self, parsed)

    def who(self, line: Spoken | Participant) -> tuple[str, Speaker]:
        """Return identity and side: the job decides, and a line that disagrees is an error."""
        assert self._job is not None
        stated = line.role if isinstance(line, Participant) else line.speaker
        if line.identity is None:
            if stated is None:
                raise self._error("speaker: needed where no identity is given")
            return stated, Speaker(stated)
        side = self._job.speaker(line.identity)
        if stated is not None and side != stated:
            raise self._error(f"speaker: {stated}, but the job makes this identity {side}")
        return line.identity, side

    def ask(self, line: Ask) -> events.Ask:
        """Return a question; exactly one of text and card is needed."""
        if (line.text is None) == (line.card is None):
            raise self._error("ask: give either text or card")
        return events.Ask(line.text, line.card)

    def screen(self, line: Screen) -> ScreenSampled:
        """Return a frame; what the line does not say is taken from its picture."""
        fingerprint = None if line.fingerprint is None else int(line.fingerprint, 16)
        shown = ScreenLine(line.image, fingerprint, line.change, line.text)
        if self._pictures is None:
            raise self._error("image: pictures cannot be read here")
        return self._pictures.event(shown, self._number)

    def _error(self, problem: str) -> ReplayError:
        return ReplayError(str(self._path), self._number, problem)


def _at_ms(line: dict[str, Any]) -> int | None:
    """Return a line's time; lines that are not replayed may have none, or nonsense."""
    at_ms = line.get("at_ms")
    return at_ms if type(at_ms) is int and 0 <= at_ms <= MAX_MS else None


def _call_id(path: Path) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "-", path.stem)[:64] or "call"
