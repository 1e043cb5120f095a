"""The recorded sales call of the demo: what is said, when, and what a coach should do then."""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


class Role(StrEnum):
    """Whose voice it is."""

    REP = "rep"
    PROSPECT = "prospect"


class Expect(StrEnum):
    """What a coach should do at a marked line."""

    NUDGE = "nudge"
    SUPPRESSED = "suppressed"
    NONE = "none"


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
    """The moment that a line is about, and the words that carry it."""

    moment: str
    trigger: str
    start_ms: int
    end_ms: int
    expect: Expect


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
class DemoCall:
    """The recording and everything known about it; lines are in order of their start."""

    audio_path: Path
    duration_ms: int
    left: Speaker
    right: Speaker
    lines: tuple[Line, ...]

    def expecting(self, expect: Expect) -> tuple[Line, ...]:
        """Return the marked lines with this expectation."""
        return tuple(line for line in self.lines if line.mark and line.mark.expect is expect)


def load_demo_call(folder: Path = FOLDER) -> DemoCall:
    """Read `call.json`; the sound itself stays on disk."""
    data = json.loads((folder / "call.json").read_text(encoding="utf-8"))
    return DemoCall(
        audio_path=folder / "call.flac",
        duration_ms=data["duration_ms"],
        left=_speaker(data["speakers"]["left"]),
        right=_speaker(data["speakers"]["right"]),
        lines=tuple(_line(line) for line in data["lines"]),
    )


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
    )
