"""Small playbooks for the matcher's tests."""

from collections.abc import Mapping

from coach.adapters.matching import PhraseMatcher
from coach.domain.matching import Hit
from coach.domain.playbook import (
    Advice,
    Battlecard,
    Kind,
    Moment,
    Playbook,
    Speaker,
    Stage,
    When,
    WordRules,
)

PROSPECT = Speaker.PROSPECT
REP = Speaker.REP


def moment(
    moment_id: str,
    *phrases: str,
    patterns: tuple[str, ...] = (),
    near_misses: tuple[str, ...] = (),
    speaker: Speaker = PROSPECT,
    is_negatable: bool = True,
    is_fuzzy: bool = True,
    card: str | None = None,
) -> Moment:
    """Return a moment that is recognised in words."""
    return Moment(
        id=moment_id,
        kind=Kind.SIGNAL,
        when=When.WORDS,
        advice=Advice(f"Headline of {moment_id.replace('_', ' ')}"),
        speaker=speaker,
        card=card,
        words=WordRules(phrases, patterns, near_misses, is_negatable, is_fuzzy),
    )


def playbook(
    *moments: Moment, stages: tuple[Stage, ...] = (), cards: tuple[Battlecard, ...] = ()
) -> Playbook:
    """Return a playbook of these."""
    by_id: Mapping[str, Moment] = {each.id: each for each in moments}
    return Playbook(
        name="test",
        version="1",
        language="en",
        disclosure="An assistant is in the call.",
        moments=by_id,
        stages=stages,
        battlecards={card.id: card for card in cards},
    )


def find(text: str, *moments: Moment, speaker: Speaker = PROSPECT, final: bool = True) -> list[Hit]:
    """Return what a matcher of these moments finds in a text."""
    matcher = PhraseMatcher.build(playbook(*moments))
    return matcher.begin(speaker).find(text.split(), is_final=final)


def counts(text: str, *moments: Moment) -> bool:
    """Return whether something that counts is found in a final."""
    return any(hit.veto is None for hit in find(text, *moments))
