"""What the engines find: moments that ask to interrupt, and what becomes of earlier ones."""

from dataclasses import dataclass

from coach.domain.candidates import Candidate
from coach.domain.nudge import Evidence, Path
from coach.domain.playbook import Stage
from coach.domain.records import Reason
from coach.domain.transcript import Utterance
from coach.domain.turns import Turn

QuestionKey = tuple[int, int]
"""Time of the turn and round: names a question to the advisor."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A moment was recognised and does not count."""

    moment: str | None
    reason: Reason
    evidence: Evidence | None
    rule: str
    path: Path = Path.TRIGGER


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A partial's moment that its final does not bear out."""

    moment: str
    identity: str


@dataclass(frozen=True, slots=True)
class StageChanged:
    """The call has moved on."""

    stage: Stage


@dataclass(frozen=True, slots=True)
class Advised:
    """The advisor's headline is complete and founded; its detail is still being written."""

    question: QuestionKey
    candidate: Candidate
    is_whole: bool = False
    """It came in one piece: nothing follows it."""


@dataclass(frozen=True, slots=True)
class Elaborated:
    """The advisor's whole answer is founded: the detail may follow the headline."""

    question: QuestionKey
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Retracted:
    """The advisor's whole answer is not founded: no detail, and no headline if unsent."""

    question: QuestionKey
    moment: str | None
    reason: Reason
    rule: str


@dataclass(frozen=True, slots=True)
class UtteranceClosed:
    """Somebody's words are final."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class TurnOver:
    """Somebody has come to the end of a turn."""

    turn: Turn


Finding = (
    Candidate
    | Refused
    | Withdrawn
    | StageChanged
    | Advised
    | Elaborated
    | Retracted
    | UtteranceClosed
    | TurnOver
)
