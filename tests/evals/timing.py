"""Gives written talk its time: partials and finals, as a recogniser would send them."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from evals.authored import Line
from evals.mishearing import Mishearing, sounds_like

WORD_MS = 400  # 150 words a minute
_DELAYS_MS = (140, 180)
_PAUSES_MS = (300, 1_200)
_UNSTABLE = 0.06  # of the newest words of partials: heard as another at first


class Chunking(StrEnum):
    """How many words a partial brings."""

    WORDS = "words"
    """One each."""
    USUAL = "usual"
    """One to three."""
    COARSE = "coarse"
    """Five."""
    FINALS = "finals"
    """No partials at all."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line with its time in the call."""

    line: Line
    heard: tuple[str, ...]
    """The final's words."""
    start_ms: int
    end_ms: int
    """When the speaker stops."""
    final_ms: int
    """When the final arrives."""


@dataclass(frozen=True, slots=True)
class Timed:
    """A call with its time."""

    spoken: tuple[Spoken, ...]
    lines: tuple[dict[str, Any], ...]
    """As in a file that can be replayed."""


def time_talk(
    talk: Sequence[Line], *, seed: int, chunking: Chunking, punctuated: bool,
    mishearing: Mishearing | None = None,
) -> Timed:  # fmt: skip
    """Return written talk as a call. The same seed gives the same call."""
    chance = random.Random(seed)
    spoken: list[Spoken] = []
    events: list[dict[str, Any]] = []
    at_ms = 1_000
    for line in talk:
        words = line.text.split()
        if not punctuated:
            words = [bare for word in words if (bare := _bare(word))]
        heard = mishearing.heard(words) if mishearing else words
        end_ms = at_ms + WORD_MS * len(heard)
        said = Spoken(line, tuple(heard), at_ms, end_ms, end_ms + chance.randint(*_DELAYS_MS))
        spoken.append(said)
        events += _partials(said, random.Random(chance.random()), chunking, mishearing is not None)
        events.append(_transcript(said, heard, said.final_ms, is_final=True))
        at_ms = end_ms + chance.randint(*_PAUSES_MS)
    events.sort(key=lambda event: int(event["at_ms"]))
    job = {"v": 1, "call_id": f"eval-{seed}", "rep": {"identity": "rep-1"}, "team": ["team-1"]}
    end_ms = spoken[-1].final_ms + 2_000 if spoken else 0
    lines = [{"at_ms": 0, "type": "call", "job": job}, *events, {"at_ms": end_ms, "type": "end"}]
    return Timed(tuple(spoken), tuple(lines))


def _bare(word: str) -> str:
    return "".join(sign for sign in word.lower() if sign.isalnum() or sign in "'%$")


def _partials(
    said: Spoken, chance: random.Random, chunking: Chunking, is_unstable: bool
) -> Iterator[dict[str, Any]]:
    for count in _counts(len(said.heard), chance, chunking):
        words = list(said.heard[:count])
        if is_unstable and chance.random() < _UNSTABLE:
            words[-1] = chance.choice(sounds_like(words[-1].lower()) or (words[-1],))
        at_ms = said.start_ms + WORD_MS * count + chance.randint(*_DELAYS_MS)
        yield _transcript(said, words, min(at_ms, said.final_ms - 1), is_final=False)


def _counts(total: int, chance: random.Random, chunking: Chunking) -> Iterable[int]:
    steps = {Chunking.WORDS: (1, 1), Chunking.USUAL: (1, 3), Chunking.COARSE: (5, 5)}
    if chunking is Chunking.FINALS:
        return
    count = 0
    while (count := count + chance.randint(*steps[chunking])) <= total:
        yield count


def _transcript(
    said: Spoken, words: Sequence[str], at_ms: int, *, is_final: bool
) -> dict[str, Any]:
    timed = [
        {
            "word": word,
            "start_ms": said.start_ms + WORD_MS * n,
            "end_ms": said.start_ms + WORD_MS * (n + 1),
        }
        for n, word in enumerate(words)
    ]
    event = {
        "at_ms": at_ms,
        "type": "transcript",
        "speaker": said.line.speaker,
        "identity": said.line.identity,
        "is_final": is_final,
        "text": " ".join(words),
        "start_ms": said.start_ms,
        "words": timed,
    }
    return {**event, "end_ms": said.end_ms} if is_final else event
