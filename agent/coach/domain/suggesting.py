"""A prospect's question that a battlecard answers well brings up that card, with no model."""

from collections.abc import Sequence

from coach.domain.candidates import Candidate
from coach.domain.nudge import Evidence, Origin, Path
from coach.domain.playbook import Battlecard, Moment, Playbook, Speaker, When
from coach.domain.questions import is_question
from coach.domain.retrieval import Found
from coach.domain.transcript import shortened
from coach.domain.turns import Turn


def card_candidate(turn: Turn, found: Sequence[Found], playbook: Playbook) -> Candidate | None:
    """Return the card that answers a completed question, or None.

    Cards of a moment, such as competitors', come up when that moment does, not here.
    """
    rules = playbook.card_rules
    if not rules.is_on or turn.speaker is not Speaker.PROSPECT or not is_question(turn.text):
        return None
    best = next((each for each in found if _answers(each, playbook)), None)
    if best is None or best.score < rules.least_score:
        return None
    card = playbook.battlecards[best.id]
    where = Evidence(turn.speaker, turn.identity, turn.start_ms, turn.end_ms, shortened(turn.text))
    origin = Origin(passages=tuple(each.id for each in found))
    rule = f"passage: {best.score:.2f}"
    moment = _moment(card, playbook)
    return Candidate(moment, card.advice, Path.PASSAGE, where, rule, card.id, origin=origin)


def _answers(found: Found, playbook: Playbook) -> bool:
    return found.is_card and playbook.battlecards[found.id].moment is None


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
