"""Everything a call wants done or remembered. Shells carry it out in the order given."""

from dataclasses import dataclass
from enum import StrEnum

from coach.domain.advice import AdviceRequest, ToolCall
from coach.domain.events import EndReason
from coach.domain.job import ConsentState
from coach.domain.playbook import Kind, Speaker
from coach.domain.screen import Look, Watch


class Path(StrEnum):
    """Which engine a nudge came from."""

    TRIGGER = "trigger"
    ADVISOR = "advisor"
    PASSAGE = "passage"
    STAGE = "stage"
    SCREEN = "screen"
    PACE = "pace"
    TOOL = "tool"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What in the call caused a moment."""

    speaker: Speaker
    identity: str
    start_ms: int
    end_ms: int
    quote: str | None = None
    """The words, where words caused it."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the advice was written."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something that is written only with the rep's yes."""

    id: str
    text: str
    """Exactly what will be written."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What stood behind a nudge besides words and rule. Goes into its receipt."""

    prompt: str | None = None
    served_by: str | None = None
    first_token_ms: int | None = None
    total_ms: int | None = None
    passages: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Nudge:
    """One short hint for the rep (contracts 3)."""

    id: str
    moment: str
    kind: Kind
    path: Path
    headline: str
    detail: str
    say: str | None
    source: Source | None
    evidence: Evidence | None
    priority: int
    created_ms: int
    expires_in_ms: int
    relevant_ms: int
    rev: int = 0
    is_final: bool = True
    proposal: Proposal | None = None

    @property
    def expires_ms(self) -> int:
        """The last moment at which it may still be shown, on the call's clock."""
        return self.created_ms + self.expires_in_ms


class Outcome(StrEnum):
    """What became of a moment."""

    DELIVERED = "delivered"
    """Handed to the panel."""
    SUPPRESSED = "suppressed"
    NOTED = "noted"
    EXPIRED = "expired"
    FAILED = "failed"


class Reason(StrEnum):
    """Why a moment was not delivered: one stable word each."""

    COOLDOWN = "cooldown"
    ONCE_PER_CALL = "once_per_call"
    GAP = "gap"
    BUDGET = "budget"
    DUPLICATE = "duplicate"
    LOWER_PRIORITY = "lower_priority"
    MUTED = "muted"
    NO_CONSENT = "no_consent"
    REP_ABSENT = "rep_absent"
    STAGE = "stage"
    NEGATED = "negated"
    NEAR_MISS = "near_miss"
    WITHDRAWN = "withdrawn"
    UNREACHABLE = "unreachable"
    UNFOUNDED = "unfounded"
    """The advisor's evidence, or a figure, date or name of it, cannot be found."""
    BELOW_BAR = "below_bar"
    SUPERSEDED = "superseded"
    """The answer to a question that newer words have overtaken, or that came too late."""
    UNSEEN = "unseen"
    """A later `rev` of a nudge that the rep did not see."""
    STALE = "stale"
    """The call ended while it waited."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a moment, also when the answer was no."""

    outcome: Outcome
    path: Path
    moment: str | None
    heard_at_ms: int
    reason: Reason | None = None
    nudge: Nudge | None = None
    evidence: Evidence | None = None
    rule: str | None = None
    """How it was recognised: `phrase`, `pattern` or `fuzzy` and which, or the shape's name."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a nudge went from words to the rep's screen."""

    nudge_id: str
    rev: int
    reply: str | None
    sent_ms: int
    acknowledged_ms: int
    error: int | None = None
    spoken_ms: int | None = None
    """End of the last word that caused it."""
    heard_ms: int | None = None
    """When the recogniser's words reached the call."""
    decided_ms: int | None = None
    rule: str | None = None
    path: Path | None = None
    origin: Origin | None = None


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
