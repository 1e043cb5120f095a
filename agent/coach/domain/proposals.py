"""What the advisor wants written. Nothing is, without the rep's yes in time."""

from coach.domain.advice import ToolCall
from coach.domain.candidates import Candidate, nudge_id
from coach.domain.events import Feedback, FeedbackAction
from coach.domain.nudge import Path, Proposal
from coach.domain.playbook import Advice, Kind, Moment, When

LAPSE_MS = 60_000
"""A proposal without an answer lapses after this."""
_MOMENT = "log_outcome"
_HEADLINE = "Shall I note this outcome? Nothing is written without your yes"
_PRIORITY = 45
MOST_TEXT = 400
"""Characters that the rep can be shown whole; what is longer is not proposed at all."""


class Proposals:
    """The proposals of a call, each with what it would write."""

    def __init__(self, call_id: str = "") -> None:
        self._call_id = call_id
        self._count = 0
        self._open: dict[str, tuple[ToolCall, int]] = {}  # nudge id → what, until when

    def propose(self, call: ToolCall, at_ms: int) -> Candidate | None:
        """Return the card that shows exactly what will be written.

        None: it is too long to be shown whole, or another one was proposed at this very time.
        """
        name, text = nudge_id(self._call_id, _MOMENT, "", at_ms), _text(call)
        if name in self._open or len(text) > MOST_TEXT:
            return None
        self._count += 1
        proposal = Proposal(f"p-{self._count}", text)
        moment = Moment(
            id=_MOMENT,
            kind=Kind.APPROVAL,
            when=When.WORDS,
            advice=Advice(_HEADLINE, proposal.text),
            priority=_PRIORITY,
            cooldown_ms=LAPSE_MS,
            expires_ms=10_000,
            relevant_ms=LAPSE_MS,
        )
        self._open[name] = (call, at_ms + LAPSE_MS)
        return Candidate(moment, moment.advice, Path.TOOL, None, "log_outcome", proposal=proposal)

    def answer(self, feedback: Feedback, at_ms: int) -> ToolCall | None:
        """Take the rep's answer. Return what is to be written now: once, and only in time."""
        if feedback.action not in (FeedbackAction.APPROVE, FeedbackAction.REJECT):
            return None
        call, until_ms = self._open.pop(feedback.nudge_id, (None, 0))
        is_yes = feedback.action is FeedbackAction.APPROVE and at_ms <= until_ms
        return call if is_yes else None


def _text(call: ToolCall) -> str:
    """Write out all that will be written, the outcome first."""
    ordered = sorted(call.arguments, key=lambda argument: argument[0] != "outcome")
    values = ". ".join(f"{name.replace('_', ' ')}: {value}" for name, value in ordered if value)
    return f"Log outcome: {values}"
