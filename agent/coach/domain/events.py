"""Everything a call reacts to. Each is an input line of a trace (contracts 5).

Times are milliseconds on the call's clock. The time at which the call learns of an event is
not part of it: it is handed to `Call.handle` beside it.
"""

from dataclasses import dataclass
from enum import StrEnum

from coach.domain.advice import Cost, Counsel, ToolCall
from coach.domain.playbook import Speaker
from coach.domain.screen import ScreenSampled


@dataclass(frozen=True, slots=True)
class ParticipantChanged:
    """Somebody came or left. Agents are never reported."""

    identity: str
    speaker: Speaker
    is_present: bool
    was_present: bool = False
    """Whether somebody who is present was there before the agent came."""


@dataclass(frozen=True, slots=True)
class SpeakingChanged:
    """The server's voice activity for one participant."""

    identity: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Transcript:
    """All words of one speaker since that speaker's last final."""

    identity: str
    speaker: Speaker
    text: str
    is_final: bool
    start_ms: int
    end_ms: int | None = None
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class TurnCompleted:
    """A speaker has come to the end of a turn."""

    identity: str
    speaker: Speaker


class FeedbackAction(StrEnum):
    """What the rep says about a nudge or a proposal."""

    USEFUL = "useful"
    DISMISS = "dismiss"
    USED = "used"
    DISPUTE = "dispute"
    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Feedback:
    """The rep's key under a nudge."""

    nudge_id: str
    action: FeedbackAction
    note: str | None = None


class ControlAction(StrEnum):
    """What the rep may order."""

    HELLO = "hello"
    CONSENT_GRANTED = "consent_granted"
    CONSENT_DENIED = "consent_denied"
    CONSENT_REVOKED = "consent_revoked"
    MUTE = "mute"
    UNMUTE = "unmute"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Control:
    """An order by the rep."""

    action: ControlAction
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """The rep asks for a card, by text or by id. Exactly one is set."""

    text: str | None = None
    card: str | None = None


@dataclass(frozen=True, slots=True)
class Ack:
    """The panel's answer to one attempt at sending a nudge."""

    nudge_id: str
    rev: int
    reply: str | None
    """None when the attempt failed; then `error` holds the RPC error's code."""
    error: int | None = None


@dataclass(frozen=True, slots=True)
class ServiceChanged:
    """An outside service, such as a speaker's recogniser, went down or came back."""

    name: str
    is_up: bool
    identity: str | None = None
    served_by: str | None = None
    """`<profile>/<model>` that serves from now on, where there is a choice."""


@dataclass(frozen=True, slots=True)
class AdvisorAnswered:
    """The model has answered, or failed to. A moment is reported twice (see `Counsel`)."""

    turn_at_ms: int
    """Names the question, with `round`."""
    round: int
    counsel: Counsel | None
    """None: there was no usable answer; then `error` says why in one word."""
    error: str | None = None
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class ToolReturned:
    """A tool has come to its end, well or not."""

    call: ToolCall
    is_ok: bool
    result: str
    """What it found, as text for the model; empty when it failed."""
    spent_ms: int = 0
    error: str | None = None
    """Why it failed, in one stable word."""


@dataclass(frozen=True, slots=True)
class Summarised:
    """What was said before the window, condensed by a model."""

    text: str


class EndReason(StrEnum):
    """Why a call is over."""

    ROOM_CLOSED = "room_closed"
    STOPPED = "stopped"
    REPLACED = "replaced"
    """Another coach was dispatched for the same rep."""
    REP_ABSENT = "rep_absent"
    NO_SPEECH = "no_speech"
    END_OF_FILE = "end_of_file"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Ended:
    """The room closed, the worker is going, or the file is at its end."""

    reason: EndReason = EndReason.ROOM_CLOSED


Heard = Transcript | SpeakingChanged | TurnCompleted
"""What the ears report."""
Told = ScreenSampled | AdvisorAnswered | ToolReturned | Summarised
"""What the eye reports, and what outside services make of it all."""
Event = Heard | Told | ParticipantChanged | Feedback | Control | Ask | Ack | ServiceChanged | Ended
