"""Whether the advisor's answer may be shown: known, sure enough, in its stage, and founded."""

from collections.abc import Mapping
from dataclasses import dataclass

from coach.domain.advice import Counsel, ToolCall
from coach.domain.discounts import named_authority_percent
from coach.domain.founding import find_evidence, unfounded
from coach.domain.nudge import Evidence
from coach.domain.playbook import Moment, Playbook
from coach.domain.prompting import Fresh
from coach.domain.records import Reason
from coach.domain.transcript import Utterance
from coach.domain.window import Utterances

MAX_HEADLINE_WORDS = 12
BEFORE_TOPIC_MS = 20_000
"""Evidence may end this long before the turn that is asked about: the rep's answer and a short
exchange lie between a worry and what it comes to. What is older is another moment, over by now:
shown again it would be stale, or the same words twice."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an answer may rest on."""

    fresh: Fresh
    from_ms: int
    """When the talk began that was asked about."""
    dossier: str
    stage: str | None


class Judge:
    """Checks answers against what was said and what the tenant's texts say."""

    def __init__(
        self, playbook: Playbook, moments: Mapping[str, Moment], utterances: Utterances
    ) -> None:
        self._playbook, self._moments, self._utterances = playbook, moments, utterances
        self._stages = frozenset(stage.id for stage in playbook.stages)

    def headline(self, counsel: Counsel, grounds: Grounds) -> Reason | None:
        """Return why a headline may not be shown, or None when it may."""
        return self._refusal(counsel, counsel.headline, grounds)

    def whole(self, counsel: Counsel, grounds: Grounds) -> Reason | None:
        """Return why a whole answer may not be shown, or None when it may."""
        # One line each: what the rep would say, the last one, is judged more strictly.
        lines = (counsel.headline, counsel.detail, counsel.say or "")
        shown = "\n".join(" ".join(line.split()) for line in lines)
        reason = self._refusal(counsel, shown, grounds)
        if reason is None and self.evidence(counsel, grounds) is None:
            return Reason.UNFOUNDED
        return reason

    def evidence(self, counsel: Counsel, grounds: Grounds) -> Evidence | None:
        """Return where the claimed words stand, if somebody of the moment's side said them lately.

        Lately: in the turn that is asked about, after it, or shortly before.
        """
        moment = self._moments.get(counsel.moment or "")
        if moment is None:
            return None
        own = [(n, said) for n, said in self._recent(grounds) if said.speaker is moment.speaker]
        said = find_evidence(counsel.words, counsel.utterance, own)
        if said is None:
            return None
        return Evidence(said.speaker, said.identity, said.start_ms, said.end_ms, counsel.words)

    def stage(self, counsel: Counsel) -> str | None:
        """Return the stage that an answer names, if it has evidence for anything."""
        if counsel.stage not in self._stages:
            return None
        said = find_evidence(counsel.words, counsel.utterance, self._utterances)
        return None if said is None else counsel.stage

    def is_founded(self, note: ToolCall, grounds: Grounds) -> bool:
        """Return whether all that a note would hold was said or looked up."""
        shown = ". ".join(str(value) for _, value in note.arguments if value)
        return not self._lacks(shown, f"{grounds.fresh.grounds}\n{grounds.dossier}", grounds)

    def _recent(self, grounds: Grounds) -> list[tuple[int, Utterance]]:
        earliest_ms = grounds.from_ms - BEFORE_TOPIC_MS
        return [(n, said) for n, said in self._utterances if said.end_ms >= earliest_ms]

    def _refusal(self, counsel: Counsel, shown: str, grounds: Grounds) -> Reason | None:
        moment = self._moments.get(counsel.moment or "")
        words = counsel.headline.split()
        if moment is None or not 0 < len(words) <= MAX_HEADLINE_WORDS:
            return Reason.UNFOUNDED
        if counsel.confidence < self._playbook.advisor.least_confidence:
            return Reason.BELOW_BAR
        if moment.stages and grounds.stage is not None and grounds.stage not in moment.stages:
            return Reason.STAGE
        own = "\n".join((grounds.fresh.grounds, grounds.dossier, self._own(moment)))
        return Reason.UNFOUNDED if self._lacks(shown, own, grounds) else None

    def _lacks(self, shown: str, own: str, grounds: Grounds) -> list[str]:
        authority = named_authority_percent(self._playbook.discounts, shown)
        return unfounded(shown, own, grounds.fresh.speech, authority)

    def _own(self, moment: Moment) -> str:
        """Return what the playbook itself says about a moment, which may be said again."""
        card = self._playbook.battlecards.get(moment.card or "")
        advices = [moment.advice, *([card.advice] if card else [])]
        return "\n".join(f"{a.headline}\n{a.detail}\n{a.say or ''}" for a in advices)
