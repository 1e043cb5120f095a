"""Everything a call wants done or remembered. Shells carry it out in the order given."""

from dataclasses import dataclass
from enum import StrEnum

from coach.domain.advice import AdviceRequest, ToolCall
from coach.domain.events import EndReason
from coach.domain.job import ConsentState
from coach.domain.nudge import Nudge
from coach.domain.records import Decision, Receipt
from coach.domain.screen import Look, Watch


class CallState(StrEnum):
    """The life of a call."""

    CREATED = "created"
    LOADING = "loading"
    WAITING = "waiting"
    LISTENING = "listening"
    ENDING = "ending"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class StateChanged:
    """One transition of the call."""

    state: CallState


class PanelState(StrEnum):
    """The call's state as the rep sees it."""

    WAITING_FOR_CONSENT = "waiting_for_consent"
    LISTENING = "listening"
    DEGRADED = "degraded"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Status:
    """The line that is never blank."""

    state: PanelState
    consent: ConsentState
    stage: str | None
    guidance: str
    muted_until_ms: int | None
    """None: not muted, or without an end: then `muted` stands among the reasons."""
    reasons: tuple[str, ...] = ()
    is_thinking: bool = False
    lag_ms: int = 0


@dataclass(frozen=True, slots=True)
class SendNudge:
    """Hand this nudge to the panel, once; the answer comes back as `Ack`."""

    nudge: Nudge


@dataclass(frozen=True, slots=True)
class SendStatus:
    """Show this status; only the newest counts."""

    status: Status


@dataclass(frozen=True, slots=True)
class SendHello:
    """Introduce the call to the rep's client, each second until it answers or refuses."""

    consent: ConsentState


@dataclass(frozen=True, slots=True)
class Listen:
    """Hear exactly these participants' microphones from now on; nobody when empty."""

    identities: frozenset[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """The reply to an `Ask`."""

    nudge: Nudge | None
    is_unknown_card: bool = False


@dataclass(frozen=True, slots=True)
class Advise:
    """Put this question to the model; its answers come back as `AdvisorAnswered`."""

    request: AdviceRequest


@dataclass(frozen=True, slots=True)
class CancelAdvice:
    """Stop the model's answer to this question: its tokens are not wanted."""

    turn_at_ms: int
    round: int


@dataclass(frozen=True, slots=True)
class RunTool:
    """Run a tool in the background; what it finds comes back as `ToolReturned`."""

    call: ToolCall
    is_approved: bool = False
    """The rep has said yes: it may write."""


@dataclass(frozen=True, slots=True)
class Summarise:
    """Have a model condense what was said; the result comes back as `Summarised`."""

    text: str


@dataclass(frozen=True, slots=True)
class Erase:
    """Forget everything that was heard so far, the trace's words included."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The call is over: flush, free, leave."""

    reason: EndReason


Output = (
    Decision
    | Receipt
    | StateChanged
    | SendNudge
    | SendStatus
    | SendHello
    | Listen
    | Answer
    | Advise
    | CancelAdvice
    | RunTool
    | Summarise
    | Watch
    | Look
    | Erase
    | Finish
)
