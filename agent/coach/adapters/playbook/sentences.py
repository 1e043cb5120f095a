"""Finds sentences that teach opposite things, and what can not be learned at all."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from coach.adapters.matching.lessons import LANGUAGES, LEAST_EXAMPLES, is_learnable, speaks
from coach.adapters.matching.rules import moments_of
from coach.domain.playbook import Moment, Playbook, Speaker
from coach.domain.words import normalise_text


@dataclass(frozen=True, slots=True)
class Place:
    """Where an authored sentence stands."""

    moment: str
    kind: str
    """`examples` or `counterexamples`."""
    file: str
    """Below the playbook's folder."""
    text: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One sentence that is said to mean two things."""

    first: Place
    second: Place


def contradictions(playbook: Playbook) -> Iterator[Contradiction]:
    """Yield sentences that are example and counterexample of a moment, or mean two moments."""
    for speaker in (Speaker.PROSPECT, Speaker.REP):
        places: dict[tuple[str, ...], list[Place]] = defaultdict(list)
        for moment in moments_of(playbook, speaker):
            for place in _places(moment):
                places[normalise_text(place.text).tokens].append(place)
        for found in places.values():
            for at, place in enumerate(found):
                other = next((o for o in found[:at] if _contradict(o, place)), None)
                if other is not None:
                    yield Contradiction(other, place)


def _contradict(one: Place, other: Place) -> bool:
    if one.moment == other.moment:
        return one.kind != other.kind
    return one.kind == other.kind == "examples"


def _places(moment: Moment) -> Iterator[Place]:
    own, bulk = f"moments/{moment.id}.yaml", f"moments/{moment.id}"
    for kind, file, texts in (
        ("examples", own, moment.examples),
        ("counterexamples", own, moment.counterexamples),
        ("examples", f"{bulk}.examples.txt", moment.bulk.examples),
        ("counterexamples", f"{bulk}.counterexamples.txt", moment.bulk.counterexamples),
    ):
        for text in texts:
            yield Place(moment.id, kind, file, text)


def unlearnable(playbook: Playbook) -> Iterator[tuple[str, str]]:
    """Yield file and reason of what is taught and can not be learned."""
    taught = [moment for moment in playbook.moments.values() if moment.bulk.examples]
    if taught and not speaks(playbook.language):
        known = ", ".join(LANGUAGES)
        text = f"there is no classifier for this language yet (only {known}): rules alone count"
        yield "playbook.yaml", text
        return
    for moment in taught:
        if not is_learnable(moment):
            text = f"has fewer than {LEAST_EXAMPLES} examples: too few to learn from"
            yield f"moments/{moment.id}.yaml", text
