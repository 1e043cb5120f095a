"""Runs a whole set: every sentence and call, in each way it can be heard."""

import tempfile
import zlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from evals.authored import Authored, Line, Tier
from evals.intervals import Share
from evals.judging import Tally
from evals.mishearing import Mishearing
from evals.replaying import Heard, heard_in, replay_all
from evals.timing import Chunking, Timed, time_talk

SEED = 20_261_121
ERRORS = "with recogniser errors"
_CHUNKINGS = (Chunking.USUAL, Chunking.WORDS, Chunking.COARSE, Chunking.FINALS)


@dataclass(slots=True)
class Results:
    """What a set came to."""

    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    """By tier, by kind of call, and `sentences`: all tiers as they are written."""
    agreement: Share = Share(0, 0)
    """Moments that all chunkings of the same words found, of those that any found."""
    taken_back: Share = Share(0, 0)
    """Nudges shown on a partial that the final does not bear out."""
    word_errors: float = 0.0


@dataclass(frozen=True, slots=True)
class _Call:
    """One call to be replayed, and where it counts."""

    talk: tuple[Line, ...]
    tallies: tuple[str, ...]
    is_misheard: bool
    is_sentence: bool


def run_set(authored: Authored, playbook: Path, jobs: int, say: Callable[[str], None]) -> Results:
    """Replay a set and count."""
    results = Results()
    calls = _calls(authored)
    ears = {name: Mishearing(_seed(name)) for name, call in calls.items() if call.is_misheard}
    heard: dict[Chunking, dict[str, list[Heard]]] = {}
    usual: dict[str, Timed] = {}
    for chunking in _CHUNKINGS:
        say(f"replaying {len(calls)} calls, partials: {chunking} …")
        timed = {name: _timed(name, call, chunking) for name, call in calls.items()}
        with tempfile.TemporaryDirectory() as folder:
            replay_all(timed, Path(folder), playbook, jobs)
            heard[chunking] = {
                name: heard_in(name, call, Path(folder)) for name, call in timed.items()
            }
        usual = usual or timed
    for name, call in calls.items():
        for tally in call.tallies:
            results.tallies[tally].add(usual[name], heard[Chunking.USUAL][name], name)
    results.agreement = _agreement(heard)
    results.taken_back = _taken_back(heard)
    for name, ear in ears.items():
        ear.heard([word for line in calls[name].talk for word in line.text.split()])
    spoken = sum(ear.spoken for ear in ears.values())
    results.word_errors = sum(ear.errors for ear in ears.values()) / spoken if spoken else 0.0
    return results


def _calls(authored: Authored) -> dict[str, _Call]:
    calls: dict[str, _Call] = {}
    for number, item in enumerate(authored.items):
        name = f"sentence-{number:04}"
        calls[name] = _Call(item.lines, (item.tier.value, "sentences"), False, True)
        tier = ERRORS if item.tier is not Tier.NEAR else "near, with recogniser errors"
        calls[f"{name}-misheard"] = _Call(item.lines, (tier,), True, True)
    for dialogue in authored.dialogues:
        name = f"{dialogue.kind}-{dialogue.name}"
        calls[name] = _Call(dialogue.lines, (dialogue.kind.value,), False, False)
        misheard = f"{dialogue.kind.value}, with recogniser errors"
        calls[f"{name}-misheard"] = _Call(dialogue.lines, (misheard,), True, False)
    return calls


def _timed(name: str, call: _Call, chunking: Chunking) -> Timed:
    seed = _seed(name)
    ear = Mishearing(seed) if call.is_misheard else None
    return time_talk(
        call.talk, seed=seed, chunking=chunking, punctuated=bool(seed % 2), mishearing=ear
    )


def _seed(name: str) -> int:
    """Return a number that stays the same from run to run, and differs from call to call."""
    return SEED ^ zlib.crc32(name.removesuffix("-misheard").encode())


def _agreement(heard: dict[Chunking, dict[str, list[Heard]]]) -> Share:
    every = hits = 0
    for name in heard[Chunking.USUAL]:
        found = [
            {(each.line, each.moment) for each in heard[chunking][name]} for chunking in _CHUNKINGS
        ]
        every += len(set.union(*found))
        hits += len(set.intersection(*found))
    return Share(hits, every)


def _taken_back(heard: dict[Chunking, dict[str, list[Heard]]]) -> Share:
    shown = back = 0
    for name, found in heard[Chunking.USUAL].items():
        borne_out = {(each.line, each.moment) for each in heard[Chunking.FINALS][name]}
        for each in found:
            if each.is_shown:
                shown += 1
                back += (each.line, each.moment) not in borne_out
    return Share(back, shown)
