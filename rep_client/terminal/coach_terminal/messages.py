"""What the coach tells the rep: nudges, hello and status, parsed from the wire.

Texts are plain text when they leave here. What a field may hold is checked here and nowhere else.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from coach_terminal.plain_text import ELLIPSIS, exact
from coach_terminal.wire_fields import Fields

ID_LIMIT: Final = 40
CALL_ID_LIMIT: Final = 64
NAME_LIMIT: Final = 120
HEADLINE_LIMIT: Final = 120
HEADLINE_WORDS: Final = 12
SAY_LIMIT: Final = 160
LONG_TEXT_LIMIT: Final = 1200  # a whole message has 2,048 bytes
REASONS_LIMIT: Final = 16
DEFAULT_RELEVANT_MS: Final = 20_000
LONGEST_RELEVANT_MS: Final = 600_000

_Member = TypeVar("_Member", bound=StrEnum)


class NudgeKind(StrEnum):
    """What a nudge is about; a kind that this client does not know is neutral."""

    OBJECTION = "objection"
    QUESTION = "question"
    COMPETITOR = "competitor"
    DISCOUNT = "discount"
    SIGNAL = "signal"
    PACE = "pace"
    STAGE = "stage"
    SCREEN = "screen"
    APPROVAL = "approval"
    CARD = "card"
    NEUTRAL = "neutral"


class Consent(StrEnum):
    """Whether the people in the call agreed to the coach."""

    PENDING = "pending"
    GRANTED = "granted"
    DENIED = "denied"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


class CoachState(StrEnum):
    """What the coach says of itself."""

    WAITING_FOR_CONSENT = "waiting_for_consent"
    LISTENING = "listening"
    DEGRADED = "degraded"
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that caused a nudge."""

    speaker: str
    identity: str
    quote: str
    start_ms: int | None
    end_ms: int | None


@dataclass(frozen=True, slots=True)
class Source:
    """The card that a nudge comes from."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What waits for the rep's yes: `text` is exactly what will be written."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Nudge:
    """One short hint. Points in time are on the call's clock, in milliseconds."""

    run: str
    call_id: str
    id: str
    rev: int
    is_final: bool
    kind: NudgeKind
    moment: str
    path: str
    headline: str
    detail: str
    say: str
    source: Source | None
    evidence: Evidence | None
    proposal: Proposal | None
    priority: int
    created_ms: int
    expires_in_ms: int
    relevant_ms: int


@dataclass(frozen=True, slots=True)
class Hello:
    """The coach introduces itself, with the text that the rep reads aloud."""

    run: str
    call_id: str
    at_ms: int
    methods: tuple[str, ...]
    consent: Consent
    policy: str
    disclosure: str


@dataclass(frozen=True, slots=True)
class Status:
    """How the coach is."""

    run: str
    call_id: str | None
    at_ms: int
    state: CoachState
    consent: Consent
    stage: str
    guidance: str
    is_thinking: bool
    muted_until_ms: int | None
    reasons: tuple[str, ...]
    lag_ms: int


def parse_nudge(payload: str) -> Nudge:
    """Parse a nudge.

    Raises:
        InvalidMessage: It is too large, or a field is missing or of the wrong type.
    """
    return _nudge(Fields.from_json(payload))


def parse_answer(payload: str) -> Nudge | None:
    """Parse the coach's answer to a question: a nudge, or None when nothing fits.

    Raises:
        InvalidMessage: It is neither.
    """
    return None if payload.strip() == "null" else parse_nudge(payload)


def parse_hello(payload: str) -> Hello:
    """Parse a hello.

    Raises:
        InvalidMessage: It is too large, or a field is missing or of the wrong type.
    """
    fields = Fields.from_json(payload)
    consent = fields.nested("consent") or Fields({})
    return Hello(
        run=fields.key("run", CALL_ID_LIMIT),
        call_id=fields.key("call_id", CALL_ID_LIMIT),
        at_ms=fields.integer("at_ms", 0),
        methods=fields.texts("methods", ID_LIMIT, REASONS_LIMIT),
        consent=_member(Consent, consent.raw("state", ""), Consent.UNKNOWN),
        policy=consent.text("policy", ID_LIMIT),
        disclosure=fields.text("disclosure", LONG_TEXT_LIMIT, keep_lines=True),
    )


def parse_status(payload: str) -> Status:
    """Parse a status.

    Raises:
        InvalidMessage: It is too large, or a field is missing or of the wrong type.
    """
    fields = Fields.from_json(payload)
    return Status(
        run=fields.key("run", CALL_ID_LIMIT),
        call_id=fields.raw("call_id", "") or None,
        at_ms=fields.integer("at_ms"),
        state=_member(CoachState, fields.raw("state", ""), CoachState.UNKNOWN),
        consent=_member(Consent, fields.raw("consent", ""), Consent.UNKNOWN),
        stage=fields.text("stage", ID_LIMIT),
        guidance=fields.text("guidance", LONG_TEXT_LIMIT),
        is_thinking=fields.flag("thinking", False),
        muted_until_ms=fields.optional_integer("muted_until_ms"),
        reasons=fields.texts("reasons", ID_LIMIT, REASONS_LIMIT),
        lag_ms=fields.integer("lag_ms", 0),
    )


def _nudge(fields: Fields) -> Nudge:
    relevant_ms = fields.integer("relevant_ms", DEFAULT_RELEVANT_MS, least=0)
    return Nudge(
        run=fields.key("run", CALL_ID_LIMIT),
        call_id=fields.key("call_id", CALL_ID_LIMIT),
        id=fields.key("id", ID_LIMIT),
        rev=fields.integer("rev", 0, least=0),
        is_final=fields.flag("final", True),
        kind=_member(NudgeKind, fields.raw("kind", ""), NudgeKind.NEUTRAL),
        moment=fields.text("moment", NAME_LIMIT),
        path=fields.text("path", ID_LIMIT),
        headline=_headline(fields),
        detail=fields.text("detail", LONG_TEXT_LIMIT, keep_lines=True),
        say=fields.text("say", SAY_LIMIT),
        source=_source(fields.nested("source")),
        evidence=_evidence(fields.nested("evidence")),
        proposal=_proposal(fields.nested("proposal")),
        priority=min(100, fields.integer("priority", 50, least=0)),
        created_ms=fields.integer("created_ms"),
        expires_in_ms=fields.integer("expires_in_ms", least=0),
        relevant_ms=min(relevant_ms, LONGEST_RELEVANT_MS),
    )


def _headline(fields: Fields) -> str:
    text = fields.required_text("headline", HEADLINE_LIMIT)
    words = text.split(" ")
    return text if len(words) <= HEADLINE_WORDS else " ".join(words[:HEADLINE_WORDS]) + ELLIPSIS


def _source(fields: Fields | None) -> Source | None:
    if fields is None:
        return None
    return Source(type=fields.text("type", NAME_LIMIT), id=fields.text("id", NAME_LIMIT))


def _evidence(fields: Fields | None) -> Evidence | None:
    if fields is None:
        return None
    return Evidence(
        speaker=fields.text("speaker", NAME_LIMIT),
        identity=fields.text("identity", NAME_LIMIT),
        quote=fields.text("quote", LONG_TEXT_LIMIT),
        start_ms=fields.optional_integer("start_ms"),
        end_ms=fields.optional_integer("end_ms"),
    )


def _proposal(fields: Fields | None) -> Proposal | None:
    if fields is None:
        return None
    # not shortened: what is approved is what is read
    return Proposal(id=fields.raw("id", ""), text=exact(fields.raw("text", "")))


def _member(members: type[_Member], value: str, otherwise: _Member) -> _Member:
    try:
        return members(value)
    except ValueError:
        return otherwise
