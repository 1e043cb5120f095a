"""`coach replay`: run recorded calls through a playbook, as fast as the machine can."""

import json
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from coach.adapters.playbook.files import load_playbook
from coach.adapters.screen.recorded import RecordedScreen
from coach.adapters.trace.lines import SPEECH_TYPES, Line, output_line
from coach.adapters.trace.reader import Recording, read_recording
from coach.application.replaying import replay
from coach.cli.replay_model import check_model, live_model
from coach.cli.replay_out import Out, find_out, write_out
from coach.domain.call import Call
from coach.domain.events import AdvisorAnswered, ToolReturned
from coach.domain.knowledge import Abilities, Knowledge
from coach.domain.outputs import Erase
from coach.domain.records import Decision, Outcome, Receipt
from coach.engines import knowledge_of, teach_ahead
from coach.errors import CoachError
from coach.settings import Settings

DECISIONS_SUFFIX = ".decisions.jsonl"
REALTIME_HELP = (
    "Keep the call's own pace; without --out, print each line as it comes. "
    "What was printed stays, even when consent is revoked later in the call."
)

_LOOKED_UP = AdvisorAnswered | ToolReturned

Show = Callable[[Line], None]
"""Takes an output line as it comes."""

Pacer = Callable[[int], None]
"""Returns when the call has come to this time."""


class AdvisorMode(StrEnum):
    """Where the advisor's answers come from."""

    FILE = "file"
    LIVE = "live"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class How:
    """How calls are replayed."""

    playbook: Path
    advisor: AdvisorMode
    is_realtime: bool


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What replaying one file came to."""

    path: Path
    counts: Counter[str]
    call_seconds: float
    real_seconds: float
    warnings: tuple[str, ...]
    error: str | None = None

    def line(self) -> str:
        """Return one line for a person."""
        if self.error is not None:
            return f"error: {self.error}"
        speed = self.call_seconds / self.real_seconds if self.real_seconds else 0.0
        counts = ", ".join(f"{self.counts[o]} {o}" for o in Outcome if self.counts[o])
        return (
            f"{self.path}: {self.call_seconds:.0f} s of call in {self.real_seconds:.2f} s "
            f"({speed:.0f} x): {counts or 'no moment'}"
        )


def run(
    source: Annotated[Path, typer.Argument(help="A call (.jsonl), or a folder of calls.")],
    playbook: Annotated[Path | None, typer.Option(help="Playbook folder.")] = None,
    advisor: Annotated[AdvisorMode, typer.Option(help="Advisor's answers.")] = AdvisorMode.FILE,
    realtime: Annotated[bool, typer.Option(help=REALTIME_HELP)] = False,
    out: Annotated[Path | None, typer.Option(help="Write here, not to standard output.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes, for a folder.")] = 1,
) -> None:
    """Replay recorded calls on a virtual clock and print each decision."""
    if source.is_dir():
        _refuse_for_a_folder(source, realtime, out)
    elif out is not None:
        _check_out(out, source)
    try:
        settings = Settings.from_env()
        how = How(playbook or settings.playbook, advisor, realtime)
        _knowledge(how.playbook)
        if advisor is AdvisorMode.LIVE:
            check_model(settings)
    except CoachError as error:
        _fail(str(error))
    if source.is_dir():
        results = _replay_folder(source, how, jobs)
    else:
        results = [_replay_file(source, how, out)]
    for result in results:
        for text in (*result.warnings, result.line()):
            typer.echo(text, err=True)
    if any(result.error for result in results):
        raise typer.Exit(2)


def _refuse_for_a_folder(source: Path, realtime: bool, out: Path | None) -> None:
    if out is not None:
        _fail(f"--out: {source} is a folder; each call's decisions go beside it")
    if realtime:
        _fail(f"--realtime: {source} is a folder; give one call")


def _check_out(out: Path, source: Path) -> None:
    """A playbook that is new takes a minute to learn: what cannot be written is told before."""
    try:
        find_out(out, source)
    except CoachError as error:
        _fail(f"--out: {error}")


def _fail(message: str) -> None:
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(2)


@cache
def _knowledge(folder: Path) -> Knowledge:
    playbook = load_playbook(folder)
    teach_ahead(folder, playbook)
    return knowledge_of(playbook)


def _replay_folder(source: Path, how: How, jobs: int) -> list[Outcomes]:
    files = sorted(
        path for path in source.glob("*.jsonl") if not path.name.endswith(DECISIONS_SUFFIX)
    )
    if not files:
        _fail(f"{source}: no .jsonl file in this folder")
    outs = [path.with_name(path.stem + DECISIONS_SUFFIX) for path in files]
    hows = [how] * len(files)
    if jobs == 1:
        return list(map(_replay_file, files, hows, outs))
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(_replay_file, files, hows, outs))


def _replay_file(path: Path, how: How, out: Path | None) -> Outcomes:
    try:
        to = find_out(out, path) if out is not None else None
        recording = read_recording(path, RecordedScreen(path))
        started = time.perf_counter()
        is_shown = how.is_realtime and out is None
        lines = _decide(recording, how, _print if is_shown else _keep)
        real_seconds = time.perf_counter() - started
        if not is_shown:
            _write(lines, to)
    except (CoachError, OSError) as error:
        message = str(error) if isinstance(error, CoachError) else f"{path}: {error.strerror}"
        return Outcomes(path, Counter(), 0, 0, (), message)
    counts = Counter(str(line["outcome"]) for line in lines if line["type"] == "decision")
    call_seconds = recording.steps[-1][0] / 1000
    return Outcomes(path, counts, call_seconds, real_seconds, recording.warnings)


def _decide(recording: Recording, how: How, show: Show) -> list[Line]:
    """Return the output lines; those before a revocation are gone, as they are in a trace."""
    is_live = how.advisor is AdvisorMode.LIVE
    steps = recording.steps
    if how.advisor is not AdvisorMode.FILE:
        steps = tuple(step for step in steps if not isinstance(step[1], _LOOKED_UP))
    abilities = Abilities(
        has_advisor=is_live or any(isinstance(event, AdvisorAnswered) for _, event in steps),
        are_turns_given=recording.turns_given,
    )
    call = Call(
        job=recording.job,
        knowledge=_knowledge(how.playbook),
        abilities=abilities,
        run=recording.run,
    )
    lines: list[Line] = []
    call_id = recording.job.call_id
    wait_until = _pacer() if how.is_realtime else _at_once
    ask = live_model(Settings.from_env()) if is_live else None
    for at_ms, output, spent_us in replay(call, steps, recording.answered, wait_until, ask):
        if isinstance(output, Erase):
            lines = [line for line in lines if line["type"] not in SPEECH_TYPES]
        elif isinstance(output, Decision | Receipt):
            line = output_line(at_ms, output, spent_us, recording.run, call_id)
            if line:
                lines.append(line)
                show(line)
    return lines


def _pacer() -> Pacer:
    started = time.monotonic()
    return lambda at_ms: time.sleep(max(0.0, started + at_ms / 1000 - time.monotonic()))


def _at_once(at_ms: int) -> None:
    """Keep no pace."""


def _keep(line: Line) -> None:
    """Show nothing yet: the line is written at the end."""


def _print(line: Line) -> None:
    _write([line], None)


def _write(lines: list[Line], out: Out | None) -> None:
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    # Bytes: neither a lone surrogate nor the terminal's locale may stop a replay.
    write_out(out, text.encode("utf-8", "replace"))
