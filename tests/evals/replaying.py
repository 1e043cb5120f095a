"""Runs timed calls through `coach replay` and says which moments it heard in which line."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.timing import Spoken, Timed

_COACH = Path(sys.executable).with_name("coach")
_LIMIT_SECONDS = 900
_NOT_MEANT = frozenset({"negated", "near_miss"})
"""Reasons by which a match is no moment; all others hold back one that was recognised."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A moment that the coach recognised in a line."""

    line: int
    """Which of the call's lines."""
    moment: str
    is_shown: bool
    at_ms: int
    rule: str
    quote: str


def replay_all(calls: Mapping[str, Timed], folder: Path, playbook: Path, jobs: int) -> None:
    """Write calls into a folder, replay them there, and leave their decisions beside them.

    Raises:
        RuntimeError: a call can not be replayed.
    """
    for name, timed in calls.items():
        text = "".join(json.dumps(line) + "\n" for line in timed.lines)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    command = [str(_COACH), "replay", str(folder), "--playbook", str(playbook)]
    command += ["--jobs", str(jobs)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_LIMIT_SECONDS, check=False
    )
    if done.returncode:
        raise RuntimeError(f"coach replay ended with {done.returncode}: {done.stderr[-600:]}")


def heard_in(name: str, timed: Timed, folder: Path) -> list[Heard]:
    """Return what was recognised in a call, each moment once for a line."""
    found: dict[tuple[int, str], Heard] = {}
    for decision in _decisions(folder / f"{name}.decisions.jsonl"):
        line = _line_of(decision, timed.spoken)
        if line is None:
            continue
        heard = Heard(
            line,
            decision["moment"],
            decision["outcome"] == "delivered",
            decision["heard_at_ms"],
            str(decision.get("rule") or ""),
            _evidence(decision).get("quote") or "",
        )
        known = found.get((line, heard.moment))
        if known is None or (heard.is_shown and not known.is_shown):
            found[line, heard.moment] = heard
    return list(found.values())


def _decisions(path: Path) -> Iterator[dict[str, Any]]:
    for text in path.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        if (
            line["type"] == "decision"
            and line.get("path") == "trigger"
            and line.get("reason") not in _NOT_MEANT
        ):
            yield line


def _evidence(decision: dict[str, Any]) -> dict[str, Any]:
    nudge = decision.get("nudge") or {}
    return decision.get("evidence") or nudge.get("evidence") or {}


def _line_of(decision: dict[str, Any], spoken: tuple[Spoken, ...]) -> int | None:
    """Return the line that holds most of a decision's evidence."""
    evidence = _evidence(decision)
    start, end = evidence.get("start_ms", 0), evidence.get("end_ms", 0)
    overlaps = [
        (min(end, said.end_ms) - max(start, said.start_ms), number)
        for number, said in enumerate(spoken)
        if said.line.identity == evidence.get("identity")
    ]
    return max(overlaps)[1] if overlaps else None
