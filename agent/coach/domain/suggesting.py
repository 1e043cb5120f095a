"""A prospect's question that a battlecard answers well brings up that card, with no model."""

from collections.abc import Sequence

from coach.domain.nudges import Candidate
from coach.domain.outputs import Evidence, Origin, Path
from coach.domain.playbook import Battlecard, Moment, Playbook, Speaker, When
from coach.domain.questions import is_question
from coach.domain.retrieval import Found
from coach.domain.transcript import shortened
from coach.domain.turns import Turn


def card_candidate(turn: Turn, found: Sequence[Found], playbook: Playbook) -> Candidate | None:
    """Return the card that answers a completed question, or None.

    Only the best of what was found counts: a card behind a passage is no good answer.
    """
    if not playbook.card_rules.is_on or turn.speaker is not Speaker.PROSPECT:
        return None
    if not found or not found[0].is_card or not is_question(turn.text):
        return None
    best = found[0]
    card = playbook.battlecards[best.id]
    where = Evidence(turn.speaker, turn.identity, turn.start_ms, turn.end_ms, shortened(turn.text))
    origin = Origin(passages=tuple(each.id for each in found))
    rule = f"passage: {best.score:.2f}"
    moment = _moment(card, playbook)
    return Candidate(moment, card.advice, Path.PASSAGE, where, rule, card.id, origin=origin)


def _moment(card: Battlecard, playbook: Playbook) -> Moment:
    """Return the card's own moment, as interruptive as the playbook lets cards be."""
    rules = playbook.card_rules
    return Moment(
        id=card.moment or card.id,
        kind=card.kind,
        when=When.WORDS,
        advice=card.advice,
        priority=rules.priority,
        cooldown_ms=rules.cooldown_ms,
        expires_ms=rules.expires_ms,
        relevant_ms=rules.relevant_ms,
    )
