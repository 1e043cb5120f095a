"""Playbooks for measuring: without limits on how often the rep is interrupted, or very large."""

import itertools
import random
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from coach.domain.playbook import (
    Advice,
    Kind,
    Moment,
    NagBudget,
    Playbook,
    Sentences,
    When,
    WordRules,
)

REPOSITORY = Path(__file__).resolve().parents[2]
OURS = REPOSITORY / "playbook"
ORDINARY_TALK = REPOSITORY / "tests" / "unit" / "matching" / "ordinary_talk.txt"

NO_LIMITS = NagBudget(
    gap_ms=0, per_window=100_000, window_ms=1_000, per_call=1_000_000, screen_share_ratio=1.0
)
_NO_LIMITS_FILE = {
    "gap_seconds": 0,
    "per_window": 100_000,
    "window_seconds": 1,
    "per_call": 1_000_000,
    "screen_share_ratio": 1.0,
}
_SPOKEN = frozenset({When.WORDS.value, When.OVER_AUTHORITY.value})


def made_up_words(count: int) -> list[str]:
    """Return words that no playbook and no sentence holds."""
    syllables = ["".join(pair) for pair in itertools.product("bdfgkmvz", "aiou")]
    words = ["".join(three) for three in itertools.product(syllables, repeat=3)]
    return random.Random(7).sample(words, count)


def trigger_moments(words: Iterable[str]) -> dict[str, Moment]:
    """Return one moment for each word, named after it."""
    return {
        word: Moment(
            id=word,
            kind=Kind.SIGNAL,
            when=When.WORDS,
            advice=Advice(f"Somebody said {word}"),
            cooldown_ms=0,
            relevant_ms=0,
            words=WordRules(phrases=(word,), is_negatable=False, is_fuzzy=False),
        )
        for word in words
    }


def with_triggers(playbook: Playbook, words: Iterable[str]) -> Playbook:
    """Return a playbook with a moment more for each word, and no nag budget."""
    moments = {**playbook.moments, **trigger_moments(words)}
    return replace(playbook, moments=moments, budget=NO_LIMITS)


def write_trigger_playbook(
    folder: Path, words: Sequence[str], lives_seconds: Sequence[float] = (6.0,)
) -> Path:
    """Write a playbook folder with one moment for each word and no nag budget.

    Args:
        folder: is made.
        words: each is a moment's id and its only phrase.
        lives_seconds: how long the nudges live, one after the other.
    """
    moments = folder / "moments"
    moments.mkdir(parents=True)
    _write(folder / "playbook.yaml", {**_head("Benchmark"), "budget": _NO_LIMITS_FILE})
    for word, life in zip(words, itertools.cycle(lives_seconds), strict=False):
        fields: dict[str, Any] = {"id": word, "kind": "signal", "headline": f"Somebody said {word}"}
        fields |= {"phrases": [word], "negatable": False, "fuzzy": False}
        _write(moments / f"{word}.yaml", {**fields, **_UNLIMITED, "expires_seconds": life})
    return folder


_UNLIMITED: dict[str, Any] = {"cooldown_seconds": 0, "relevant_seconds": 0, "stages": []}


def write_ours_without_limits(folder: Path) -> Path:
    """Write a copy of our playbook in which every moment that words make is shown each time."""
    shutil.copytree(OURS, folder)
    head = yaml.safe_load((folder / "playbook.yaml").read_text("utf-8"))
    _write(folder / "playbook.yaml", {**head, "budget": _NO_LIMITS_FILE})
    for path in sorted(folder.glob("moments/*.yaml")):
        moment = yaml.safe_load(path.read_text("utf-8"))
        if moment.get("when", "words") in _SPOKEN:
            _write(path, {**moment, **_UNLIMITED, "once_per_call": False})
        else:
            path.unlink()
    return folder


def with_many_phrases(playbook: Playbook, count: int, moments: int) -> Playbook:
    """Return a playbook of so many phrases: the real ones first, then blends of two real ones.

    Blends keep the vocabulary and the lengths of real phrases, which is what makes matching hard.
    """
    spoken = [m for m in playbook.moments.values() if m.when is When.WORDS and m.words.phrases]
    real = list(dict.fromkeys(phrase for m in spoken for phrase in m.words.phrases))
    near_misses = [near_miss for m in spoken for near_miss in m.words.near_misses]
    examples = [text for m in spoken for text in m.bulk.examples]
    counterexamples = [text for m in spoken for text in m.bulk.counterexamples]
    blends = _blends(real)
    phrases = [*real, *itertools.islice(blends, max(0, count - len(real)))][:count]
    made = {}
    for number in range(moments):
        words = WordRules(
            phrases=tuple(phrases[number::moments]),
            near_misses=tuple(near_misses[number::moments]),
        )
        moment = replace(
            spoken[0],
            id=f"m-{number}",
            words=words,
            card=None,
            examples=(),
            counterexamples=(),
            # What all moments are taught, shared out: neighbours mean different things.
            bulk=Sentences(
                tuple(examples[number::moments]), tuple(counterexamples[number::moments])
            ),
        )
        made[moment.id] = moment
    return replace(playbook, moments=made, battlecards={})


def _blends(phrases: Sequence[str]) -> Iterator[str]:
    chance, seen = random.Random(11), set(phrases)
    while True:
        head, tail = (chance.choice(phrases).split() for _ in range(2))
        blend = " ".join(head[: (len(head) + 1) // 2] + tail[len(tail) // 2 :])
        if blend not in seen:
            seen.add(blend)
            yield blend


def _head(name: str) -> dict[str, Any]:
    return {"name": name, "version": "1", "disclosure": "An assistant is in this call."}


def _write(path: Path, fields: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(fields, allow_unicode=True, width=1_000), encoding="utf-8")
