"""From a recognised moment to the one line that the rep may see."""

import hashlib
from dataclasses import dataclass

from coach.domain.nudge import Evidence, Nudge, Origin, Path, Proposal, Source
from coach.domain.places import Fill, filled
from coach.domain.playbook import Advice, Moment


@dataclass(frozen=True, slots=True)
class Candidate:
    """A moment that asks to interrupt the rep."""

    moment: Moment
    advice: Advice
    path: Path
    evidence: Evidence | None
    rule: str
    """How it was recognised, for the receipt."""
    card: str | None = None
    fill: Fill = ()
    """For the places of the advice."""
    origin: Origin | None = None
    """What stood behind it besides words and rule, for the receipt."""
    proposal: Proposal | None = None
    is_final: bool = True
    """False: a detail may follow."""
    until_ms: int | None = None
    """Not to be shown after this, however long its moment would live."""


def nudge_id(call_id: str, subject: str, identity: str, cause_ms: int) -> str:
    """Return the id that a replay of the same call gives again."""
    text = "\0".join((call_id, subject, identity, str(cause_ms)))
    return "n-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def nudge_for(candidate: Candidate, call_id: str, at_ms: int) -> Nudge:
    """Write the nudge of a candidate.

    Args:
        candidate: what was recognised.
        call_id: becomes part of the id.
        at_ms: now; the life of the nudge counts from here.
    """
    moment, evidence = candidate.moment, candidate.evidence
    identity = evidence.identity if evidence else ""
    cause_ms = evidence.start_ms if evidence else at_ms
    card = candidate.card or moment.card
    return Nudge(
        id=nudge_id(call_id, moment.id, identity, cause_ms),
        moment=moment.id,
        kind=moment.kind,
        path=candidate.path,
        headline=filled(candidate.advice.headline, candidate.fill),
        detail=filled(candidate.advice.detail, candidate.fill),
        say=filled(candidate.advice.say, candidate.fill) if candidate.advice.say else None,
        source=Source("battlecard", card) if card else Source("moment", moment.id),
        evidence=evidence,
        priority=moment.priority,
        created_ms=at_ms,
        expires_in_ms=_life_ms(candidate, at_ms),
        relevant_ms=moment.relevant_ms,
        is_final=candidate.is_final,
        proposal=candidate.proposal,
    )


def _life_ms(candidate: Candidate, at_ms: int) -> int:
    life_ms = candidate.moment.expires_ms
    return (
        life_ms if candidate.until_ms is None else max(1, min(life_ms, candidate.until_ms - at_ms))
    )
