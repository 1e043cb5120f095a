"""What goes into a race and comes out of it, and what must not: judged by nothing else."""

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from coach.domain.backpressure import DETAIL_MS, HEADLINE_MS
from coach.domain.nudge import Nudge, Path
from coach.domain.playbook import Speaker

_ADVISED = frozenset({Path.ADVISOR, Path.TOOL})
_OVERTAKES_WORDS = 4


@dataclass(slots=True)
class Question:
    """One question to the model, as the model saw it."""

    code: str
    turn_ms: int
    round: int
    deadline_ms: int
    told_ms: int | None = None
    """When its headline was told."""
    called_back_ms: int | None = None


@dataclass(slots=True)
class Handed:
    """One attempt at showing a nudge."""

    nudge: Nudge
    at_ms: int
    place: int
    """In the order of everything that happened."""
    reply: str | None = None
    """What the rep's client answered; None: nothing, or nothing yet."""

    @property
    def words(self) -> frozenset[str]:
        """What is read."""
        return frozenset(f"{self.nudge.headline} {self.nudge.detail}".split())


@dataclass(slots=True)
class Said:
    """One completed turn that the call heard."""

    at_ms: int
    speaker: Speaker
    words: int


@dataclass(slots=True)
class Race:
    """Everything that went into one call and came out of it."""

    seed: int
    questions: list[Question] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)
    turns: list[Said] = field(default_factory=list)
    revoked: list[tuple[int, int]] = field(default_factory=list)
    """Time, and place in the order."""
    mutes: list[tuple[int, int]] = field(default_factory=list)
    """From, until."""
    answers_after_call_back: int = 0
    tasks_left: int = 0
    places: Iterator[int] = field(default_factory=itertools.count)


def judge(race: Race) -> list[str]:
    """Return what was shown and should not have been, each with the rule that it breaks."""
    found = ["task left"] * race.tasks_left
    for handed in race.handed:
        found += _judge_attempt(race, handed)
        question = question_of(race, handed)
        if question is not None:
            found += _judge_advice(race, handed, question)
    return [*found, *_judge_moments(race)]


def counted(race: Race) -> Counter[str]:
    """Return how much of what happened, so that nobody takes a dull race for a clean one."""
    told = [(handed, question_of(race, handed)) for handed in race.handed if is_headline(handed)]
    sent_late = sum(q is not None and h.at_ms > headline_until_ms(q) for h, q in told)
    return Counter(
        {
            "turns": len(race.turns),
            "questions": len(race.questions),
            "second rounds": sum(q.round == 2 for q in race.questions),
            "called back": sum(q.called_back_ms is not None for q in race.questions),
            "answered all the same": race.answers_after_call_back,
            "headlines": len(told),
            "details": sum(handed.nudge.rev > 0 for handed in race.handed),
            "revocations": len(race.revoked),
            "mutes": len(race.mutes),
            "sent late": sent_late,
        }
    )


def question_of(race: Race, handed: Handed) -> Question | None:
    """Return the question whose answer stands in a nudge."""
    return next((each for each in race.questions if each.code in handed.words), None)


def is_headline(handed: Handed) -> bool:
    """Return whether this is an advisor's headline, and no detail."""
    return handed.nudge.rev == 0 and handed.nudge.path in _ADVISED


def headline_until_ms(question: Question) -> int:
    """Return until when a headline is wanted."""
    return question.turn_ms + HEADLINE_MS if question.round == 1 else question.deadline_ms


def _judge_advice(race: Race, handed: Handed, question: Question) -> Iterator[str]:
    nudge = handed.nudge
    if question.called_back_ms is not None and question.called_back_ms < nudge.created_ms:
        yield "called back, and shown"
    if any(question.turn_ms <= at_ms and place < handed.place for at_ms, place in race.revoked):
        yield "forgotten, and shown"
    detail_until_ms = max(question.turn_ms + DETAIL_MS, question.deadline_ms)
    if not is_headline(handed) and nudge.created_ms > detail_until_ms:
        yield "late detail"
    if is_headline(handed) and nudge.created_ms > headline_until_ms(question):
        yield "late headline"
    if is_headline(handed) and _is_overtaken(race, question):
        yield "superseded headline"


def _is_overtaken(race: Race, question: Question) -> bool:
    """Whether a turn of a prospect came between the question's turn and its headline.

    After two questions in a row that were called back the third may finish.
    """
    told_ms = question.told_ms or 0
    overtaking = [
        turn
        for turn in race.turns
        if turn.speaker is Speaker.PROSPECT
        and turn.words >= _OVERTAKES_WORDS
        and question.turn_ms < turn.at_ms < told_ms
        and not any(at_ms >= question.turn_ms for at_ms, _ in race.revoked)
    ]
    at = race.questions.index(question)
    before = race.questions[max(0, at - 2) : at]
    is_third = len(before) == 2 and all(q.called_back_ms is not None for q in before)
    return question.round == 1 and bool(overtaking) and not is_third


def _judge_attempt(race: Race, handed: Handed) -> Iterator[str]:
    nudge = handed.nudge
    # A revocation makes the call and the panel forget: the same words may then cause the same id.
    forgotten = max((place for _, place in race.revoked if place < handed.place), default=-1)
    before = [
        h for h in race.handed if forgotten < h.place < handed.place and h.nudge.id == nudge.id
    ]
    if any(h.nudge.rev == nudge.rev and h.reply is not None for h in before):
        yield "twice"
    if nudge.rev > 0 and not any(h.reply == "shown" and h.nudge.rev < nudge.rev for h in before):
        yield "detail of what was not shown"
    if nudge.rev == 0 and any(begin < handed.at_ms < end for begin, end in race.mutes):
        yield "while muted"
    if handed.at_ms > nudge.expires_ms:
        yield "after its life"


def _judge_moments(race: Race) -> Iterator[str]:
    """No moment is shown anew within ten seconds, unless the call has forgotten the first."""
    shown = [h for h in race.handed if h.reply == "shown" and h.nudge.rev == 0]
    for one, other in itertools.combinations(shown, 2):
        is_same = one.nudge.moment == other.nudge.moment and one.nudge.id != other.nudge.id
        is_soon = other.nudge.created_ms - one.nudge.created_ms < 10_000
        is_forgotten = any(one.place < place < other.place for _, place in race.revoked)
        if is_same and is_soon and not is_forgotten:
            yield "same moment twice"
