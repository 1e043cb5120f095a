"""The rep asks, a card answers. Outside the nag budget: nobody nags who was asked."""

from coach.domain.candidates import nudge_id
from coach.domain.events import Ask
from coach.domain.knowledge import Knowledge
from coach.domain.nudge import Nudge, Path, Source
from coach.domain.outputs import Answer, Output
from coach.domain.playbook import Battlecard, Speaker
from coach.domain.records import Decision, Outcome

_EXPIRES_MS = 6_000
_RELEVANT_MS = 60_000  # whoever asked is reading
_PRIORITY = 50


class Asking:
    """Answers questions of the rep from the playbook's cards."""

    def __init__(self, knowledge: Knowledge, call_id: str) -> None:
        self._playbook = knowledge.playbook
        self._matcher = knowledge.matcher
        self._cards = knowledge.cards
        self._call_id = call_id

    def answer(self, ask: Ask, at_ms: int) -> list[Output]:
        """Return the card that was asked for, or that fits the question."""
        if ask.card is not None and ask.card not in self._playbook.battlecards:
            return [Answer(None, is_unknown_card=True)]
        card_id = ask.card or self._find(ask.text or "")
        if card_id is None:
            return [Answer(None)]
        nudge = self._nudge(self._playbook.battlecards[card_id], at_ms)
        rule = f"ask: {card_id}"
        decision = Decision(
            Outcome.DELIVERED, Path.ASK, nudge.moment, at_ms, nudge=nudge, rule=rule
        )
        return [decision, Answer(nudge)]

    def _find(self, text: str) -> str | None:
        """A competitor or objection named in the question, else the card nearest to it."""
        for hit in self._matcher.find(text, Speaker.PROSPECT):
            card_id = hit.card or self._playbook.moments[hit.moment].card
            if hit.veto is None and card_id in self._playbook.battlecards:
                return card_id
        return self._cards.best(text)

    def _nudge(self, card: Battlecard, at_ms: int) -> Nudge:
        return Nudge(
            id=nudge_id(self._call_id, f"ask/{card.id}", "", at_ms),
            moment=card.moment or card.id,
            kind=card.kind,
            path=Path.ASK,
            headline=card.advice.headline,
            detail=card.advice.detail,
            say=card.advice.say,
            source=Source("battlecard", card.id),
            evidence=None,
            priority=_PRIORITY,
            created_ms=at_ms,
            expires_in_ms=_EXPIRES_MS,
            relevant_ms=_RELEVANT_MS,
        )
