"""Replaying a recorded call, against its own length."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.bench import Bench
from bench.measures import Figure, Goal, Measure, Of
from bench.playbooks import OURS
from bench.talk import TURN_MS, Spoken, results_of
from coach.adapters.trace.lines import output_line
from coach.adapters.trace.reader import read_recording
from coach.application.replaying import replay
from coach.domain.call import Call
from coach.domain.knowledge import Abilities, Knowledge
from coach.engines import build
from demo_call import load_demo_call

TITLE = "Replay of one call on one core, against its length"
GOAL = 500
REPEATS = 14  # of the recorded call: some half an hour
COACH = Path(sys.executable).with_name("coach")


async def run(bench: Bench) -> Figure:
    """Replay the recorded call, and one of half an hour, several times."""
    rounds = bench.pick(8, 3)
    short, long = bench.folder / "call.jsonl", bench.folder / "half-hour.jsonl"
    short_seconds, long_seconds = _write(short, 1), _write(long, REPEATS)
    knowledge = build(OURS)
    speeds: dict[Path, list[float]] = {short: [], long: []}
    events = 0
    for number in range(rounds):
        bench.say(f"round {number + 1} of {rounds} …")
        for path, seconds in ((short, short_seconds), (long, long_seconds)):
            begun_at = time.perf_counter()
            events = _replay(path, knowledge)
            speeds[path].append(seconds / (time.perf_counter() - begun_at))
            await asyncio.sleep(0)
    command = await _command(long)
    floor = Goal(Of.MIN, GOAL, is_floor=True)
    long_name = f"{long_seconds / 60:.0f} min"
    return Figure(
        "replay",
        TITLE,
        (
            Measure(f"a call of {short_seconds:.0f} s", "×", tuple(speeds[short]), (floor,)),
            Measure(f"a call of {long_name}", "×", tuple(speeds[long]), (floor,)),
            Measure.one(f"the command, {long_name}", "×", long_seconds / command),
        ),
        (
            f"A partial each 100 ms with word times ({events:,} events in the long call); reading, "
            f"deciding, writing. The command's {command:.1f} s include starting Python and "
            "loading the playbook. The slowest round counts.",
        ),
    )


def _replay(path: Path, knowledge: Knowledge) -> int:
    """Do what the command does with a file. Return the number of events."""
    recording = read_recording(path)
    abilities = Abilities(are_turns_given=recording.turns_given)
    call = Call(job=recording.job, knowledge=knowledge, abilities=abilities, run=recording.run)
    lines = [
        json.dumps(line, ensure_ascii=False)
        for at_ms, output, spent_us in replay(call, recording.steps, recording.answered)
        if (line := output_line(at_ms, output, spent_us, recording.run, recording.job.call_id))
    ]
    path.with_suffix(".out").write_text("\n".join(lines), encoding="utf-8")
    return len(recording.steps)


async def _command(path: Path) -> float:
    begun_at = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        str(COACH),
        *("replay", str(path), "--playbook", str(OURS), "--out", str(path.with_suffix(".out"))),
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    return time.monotonic() - begun_at


def _write(path: Path, repeats: int) -> float:
    """Write a trace of the recorded call, so many times in a row. Return its length in seconds."""
    call = load_demo_call()
    job = {"v": 1, "rep": {"identity": "rep-1"}, "consent": {"state": "granted"}}
    lines: list[dict[str, Any]] = [{"at_ms": 0, "type": "call", "job": job}]
    for number in range(repeats):
        for spoken in results_of(call):
            lines += _lines(spoken, number * call.duration_ms)
    lines[1:] = sorted(lines[1:], key=lambda line: int(line["at_ms"]))
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return repeats * call.duration_ms / 1_000


def _lines(spoken: Spoken, zero_ms: int) -> Iterator[dict[str, Any]]:
    line, at_ms = spoken.line, zero_ms + spoken.at_ms
    identity = "rep-1" if line.speaker == "rep" else "buyer-1"
    who = {"identity": identity, "speaker": line.speaker.value}
    words = [
        {"word": w.word, "start_ms": zero_ms + w.start_ms, "end_ms": zero_ms + w.end_ms}
        for w in line.words[: spoken.word_count]
    ]
    text = line.text if spoken.is_final else " ".join(w.word for w in line.words[: len(words)])
    result = {"at_ms": at_ms, "type": "transcript", **who, "text": text, "words": words}
    if spoken.word_count == 1 and not spoken.is_final:
        yield {"at_ms": at_ms, "type": "speaking", "identity": identity, "active": True}
    yield {**result, "is_final": spoken.is_final, "start_ms": zero_ms + line.start_ms}
    if spoken.is_final:
        yield {"at_ms": at_ms, "type": "speaking", "identity": identity, "active": False}
        yield {"at_ms": at_ms + TURN_MS, "type": "turn", **who}
