"""What must hold between the files of a playbook, beyond what each may say by itself."""

from collections.abc import Iterator
from dataclasses import dataclass

from coach.adapters.matching.patterns import pattern_flaw
from coach.adapters.playbook.placeholders import fills, placeholder_flaws
from coach.domain.playbook import Moment, Playbook, When

_NEEDS_DURATION = frozenset({When.MONOLOGUE, When.SILENCE, When.UNANSWERED_QUESTION})


@dataclass(frozen=True, slots=True)
class ReferenceFlaw:
    """Something wrong between two places of a playbook."""

    file: str
    path: tuple[str | int, ...]
    text: str


def check_references(playbook: Playbook) -> Iterator[ReferenceFlaw]:
    """Yield what is wrong between the files of a playbook."""
    for moment in playbook.moments.values():
        yield from _moment_flaws(moment, playbook)
    for card in playbook.battlecards.values():
        file = f"battlecards/{card.id}.md"
        if card.moment is not None and card.moment not in playbook.moments:
            yield ReferenceFlaw(file, ("moment",), "names no file in moments/")
        for field, text in placeholder_flaws(card.advice, [()]):
            yield ReferenceFlaw(file, (field,), text)
    yield from _stage_flaws(playbook)
    steps = [step.up_to_percent for step in playbook.discounts.approvals]
    if steps != sorted(steps):
        text = "must go from the lowest up_to_percent to the highest"
        yield ReferenceFlaw("discounts.yaml", ("approvals",), text)


def _moment_flaws(moment: Moment, playbook: Playbook) -> Iterator[ReferenceFlaw]:
    file = f"moments/{moment.id}.yaml"
    if moment.card is not None and moment.card not in playbook.battlecards:
        yield ReferenceFlaw(file, ("card",), "names no file in battlecards/")
    for stage in sorted(moment.stages - {stage.id for stage in playbook.stages}):
        yield ReferenceFlaw(file, ("stages",), f"{stage} is not in stages.yaml")
    for index, pattern in enumerate(moment.words.patterns):
        if flaw := pattern_flaw(pattern):
            yield ReferenceFlaw(file, ("patterns", index), flaw)
    for field, text in placeholder_flaws(moment.advice, fills(moment, playbook)):
        yield ReferenceFlaw(file, (field,), text)
    shape = moment.shape
    if moment.when in _NEEDS_DURATION and not shape.after_ms:
        text = f"is missing: how long the {moment.when} must last"
        yield ReferenceFlaw(file, ("after_seconds",), text)
    if moment.when is When.TALK_RATIO and not (shape.window_ms and shape.ratio):
        yield ReferenceFlaw(file, ("when",), "talk_ratio needs window_seconds and ratio")
    if moment.when is When.WORDS and not _has_words(moment, playbook):
        text = "is missing: without phrases, patterns or a card's names it can never happen"
        yield ReferenceFlaw(file, ("phrases",), text)


def _has_words(moment: Moment, playbook: Playbook) -> bool:
    return bool(moment.words.phrases or moment.words.patterns) or any(
        card.names for card in playbook.battlecards.values() if card.moment == moment.id
    )


def _stage_flaws(playbook: Playbook) -> Iterator[ReferenceFlaw]:
    seen: set[str] = set()
    for index, stage in enumerate(playbook.stages):
        if stage.id in seen:
            yield ReferenceFlaw("stages.yaml", (index, "id"), "is the id of an earlier stage too")
        seen.add(stage.id)
    topics: set[str] = set()
    for index, stage in enumerate(playbook.stages):
        for at, topic in enumerate(stage.topics):
            if topic.id in topics:
                path = (index, "topics", at, "id")
                yield ReferenceFlaw("stages.yaml", path, "is the id of an earlier topic too")
            topics.add(topic.id)
