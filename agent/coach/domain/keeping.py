"""What may be kept of a call: without consent nothing of what was said, shown or asked."""

from dataclasses import replace

from coach.domain.events import Ack, Ask, Event, Feedback, Heard, Summarised, Told, ToolReturned
from coach.domain.job import ConsentState
from coach.domain.nudge import Path
from coach.domain.outputs import Output
from coach.domain.records import Decision, Receipt
from coach.domain.tools import LOG_OUTCOME

HEARD = Heard | Told
"""What was heard and seen, and what outside services made of it: nothing without consent."""


def may_keep(event: Event, consent: ConsentState) -> bool:
    """Whether an event may be stored. An ack names a nudge that a revocation has erased."""
    match event:
        case Ask() | Feedback():
            return consent is ConsentState.GRANTED
        case Ack():
            return consent is not ConsentState.REVOKED
        case ToolReturned(call=call) if call.name == LOG_OUTCOME:
            return False
        case Summarised():
            return False  # it changes what the model is told, never what is decided
        case _ if isinstance(event, HEARD):
            return consent is ConsentState.GRANTED
        case _:
            return True


def kept(outputs: list[Output], consent: ConsentState) -> list[Output]:
    """Return outputs as they may be stored: without consent decisions are bare of any text."""
    if consent is ConsentState.GRANTED:
        return outputs
    found = (_bare(output) for output in outputs)
    return [output for output in found if output is not None]


def _bare(output: Output) -> Output | None:
    if isinstance(output, Receipt):
        return None
    if not isinstance(output, Decision):
        return output
    if output.path is Path.ASK:
        return None
    return replace(output, nudge=None, evidence=None, rule=None)
