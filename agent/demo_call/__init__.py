"""The recorded sales call of the demo: what is said and shown, and what a coach should do then."""

import json
import pathlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

FOLDER = pathlib.Path(__file__).parent


class Role(StrEnum):
    """Whose voice it is."""

    REP = "rep"
    PROSPECT = "prospect"


class Expect(StrEnum):
    """What a coach should do at a marked line."""

    NUDGE = "nudge"
    SUPPRESSED = "suppressed"
    NONE = "none"


class Path(StrEnum):
    """How a coach comes to a moment."""

    TRIGGER = "trigger"
    """The words alone are enough, also before the end of the line."""
    PASSAGE = "passage"
    """A battlecard answers the completed question."""
    SCREEN = "screen"
    """What the rep shows calls for it."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """One person of the call, alone on one channel of the recording."""

    role: Role
    name: str
    company: str
    voice: str


@dataclass(frozen=True, slots=True)
class Word:
    """A spoken word, in lower case, with its place in the recording."""

    word: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment of the call, and the words that carry it."""

    moment: str
    """For the path `passage` the card that answers."""
    trigger: str
    """Empty for what is seen."""
    start_ms: int
    end_ms: int
    """Of the trigger's words; of the slide for what is seen."""
    expect: Expect
    path: Path = Path.TRIGGER


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said; most lines carry no mark."""

    speaker: Role
    text: str
    start_ms: int
    end_ms: int
    words: tuple[Word, ...]
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Showing:
    """A slide that the rep shows for a while."""

    slide: str
    start_ms: int
    end_ms: int
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class DemoCall:
    """The recording and everything known about it; lines and slides are in order of their start."""

    audio_path: pathlib.Path
    duration_ms: int
    left: Speaker
    right: Speaker
    lines: tuple[Line, ...]
    screen: tuple[Showing, ...]

    def expecting(self, expect: Expect, path: Path = Path.TRIGGER) -> tuple[Line, ...]:
        """Return the lines that are marked with this expectation on this path."""
        return tuple(
            line
            for line in self.lines
            if line.mark and line.mark.expect is expect and line.mark.path is path
        )

    def marks(self, expect: Expect) -> tuple[Mark, ...]:
        """Return all marks with this expectation, whatever their path, in order of their end."""
        held = [line.mark for line in self.lines] + [showing.mark for showing in self.screen]
        marks = [mark for mark in held if mark is not None and mark.expect is expect]
        return tuple(sorted(marks, key=lambda mark: mark.end_ms))


def load_demo_call(folder: pathlib.Path = FOLDER) -> DemoCall:
    """Read `call.json`; the sound itself stays on disk."""
    data = json.loads((folder / "call.json").read_text(encoding="utf-8"))
    return DemoCall(
        audio_path=folder / "call.flac",
        duration_ms=data["duration_ms"],
        left=_speaker(data["speakers"]["left"]),
        right=_speaker(data["speakers"]["right"]),
        lines=tuple(_line(line) for line in data["lines"]),
        screen=tuple(_showings(data["screen"])),
    )


def _showings(screen: list[dict[str, Any]]) -> Iterator[Showing]:
    for shown, following in pairwise(screen):
        if shown["slide"] is not None:
            start_ms, end_ms = shown["start_ms"], following["start_ms"]
            mark = None
            if shown["moment"]:
                expect = Expect(shown["expect"])
                mark = Mark(shown["moment"], "", start_ms, end_ms, expect, Path.SCREEN)
            yield Showing(shown["slide"], start_ms, end_ms, mark)


def _speaker(data: dict[str, Any]) -> Speaker:
    return Speaker(Role(data["role"]), data["name"], data["company"], data["voice"])


def _line(data: dict[str, Any]) -> Line:
    return Line(
        speaker=Role(data["speaker"]),
        text=data["text"],
        start_ms=data["start_ms"],
        end_ms=data["end_ms"],
        words=tuple(Word(**word) for word in data["words"]),
        mark=_mark(data) if data["moment"] else None,
    )


def _mark(data: dict[str, Any]) -> Mark:
    return Mark(
        moment=data["moment"],
        trigger=data["trigger"],
        start_ms=data["trigger_start_ms"],
        end_ms=data["trigger_end_ms"],
        expect=Expect(data["expect"]),
        path=Path(data["path"]),
    )
