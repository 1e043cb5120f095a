"""The words, shapes and colours of the panel. Nothing is told by colour alone."""

import math
from dataclasses import dataclass
from typing import Final

from coach_terminal.messages import Consent, NudgeKind
from coach_terminal.panel_state import Condition
from coach_terminal.requests import FeedbackAction


@dataclass(frozen=True, slots=True)
class Look:
    """How one kind of thing looks."""

    glyph: str
    word: str
    style: str


KINDS: Final = {
    NudgeKind.OBJECTION: Look("▲", "Objection", "bright_red"),
    NudgeKind.QUESTION: Look("?", "Question", "bright_cyan"),
    NudgeKind.COMPETITOR: Look("◆", "Competitor", "bright_magenta"),
    NudgeKind.DISCOUNT: Look("%", "Discount", "bright_yellow"),
    NudgeKind.SIGNAL: Look("★", "Buying signal", "bright_green"),
    NudgeKind.PACE: Look("≈", "Pace", "bright_blue"),
    NudgeKind.STAGE: Look("▶", "Stage", "cyan"),
    NudgeKind.SCREEN: Look("▣", "Screen", "blue"),
    NudgeKind.APPROVAL: Look("☐", "Your approval", "bright_yellow"),
    NudgeKind.CARD: Look("▤", "Card", "white"),
    NudgeKind.NEUTRAL: Look("●", "Hint", "white"),
}

CONDITIONS: Final = {
    Condition.DISCONNECTED: Look("✕", "Not connected to the call", "bright_red"),
    Condition.RECONNECTING: Look("↻", "Connection lost, reconnecting", "yellow"),
    Condition.WAITING_FOR_COACH: Look("○", "Waiting for the coach to join", "yellow"),
    Condition.ENDED: Look("■", "Call ended, the coach has left", "white"),
    Condition.COACH_LOST: Look("✕", "Coach lost", "bright_red"),
    Condition.WAITING_FOR_CONSENT: Look("?", "Waiting for consent", "bright_yellow"),
    Condition.CONSENT_DENIED: Look("⊘", "Consent denied, the coach hears nothing", "yellow"),
    Condition.CONSENT_REVOKED: Look("⊘", "Consent revoked, the coach hears nothing", "yellow"),
    Condition.CONSENT_REVOKING: Look("⊘", "Revoking consent, not confirmed yet", "yellow"),
    Condition.MUTED: Look("◌", "Muted", "yellow"),
    Condition.DEGRADED: Look("◐", "Listening, with limits", "yellow"),
    Condition.LISTENING: Look("●", "Listening", "green"),
}

CONSENTS: Final = {
    Consent.PENDING: "",
    Consent.GRANTED: "consent granted",
    Consent.DENIED: "consent denied",
    Consent.REVOKED: "consent revoked",
    Consent.UNKNOWN: "",
}

FEEDBACK: Final = {
    FeedbackAction.USEFUL: "✓ useful",
    FeedbackAction.DISMISS: "– dismissed",
    FeedbackAction.USED: "✓ used",
    FeedbackAction.DISPUTE: "! disputed",
    FeedbackAction.APPROVE: "✓ approved",
    FeedbackAction.REJECT: "✕ rejected",
}

LAPSED: Final = "✕ lapsed, nothing was written"
SENDING: Final = "… sending"

_SERVICES: Final = {
    "stt": "Speech recognition",
    "llm": "The advisor",
    "crm": "Account data",
    "vision": "Screen reading",
    "rpc": "The line to this panel",
}
_REASONS: Final = {
    "llm_first_choice_down": "The model's stand-in answers",
    "stt_first_choice_down": "The recogniser's stand-in listens",
    "outcome_down": "The outcome was not saved",
    "trace_down": "The record has gaps",
    "inbox_down": "The coach fell behind and missed something",
    "rep_moments_off": "Your own words are not heard",
    "no_rep_words": "Your own words are not heard",
    "rep_not_transcribed": "Your own words are not heard",
    "advisor_off": "The advisor is off",
    "trace_dropped": "The record has gaps",
    "trace_lost": "The record has gaps",
    "overloaded": "The coach is overloaded",
}
_TROUBLES: Final = {
    "_down": " is down",
    "_slow": " is slow",
    "_fallback": " runs on its substitute",
    "_reconnecting": " is reconnecting",
}


def reason_in_words(reason: str) -> str:
    """Say a reason of the status in plain words; one that nobody wrote words for, too."""
    if reason in _REASONS:
        return _REASONS[reason]
    for ending, words in _TROUBLES.items():
        if reason.endswith(ending):
            service = reason.removesuffix(ending)
            return _SERVICES.get(service, service.replace("_", " ")) + words
    return reason.replace("_", " ")


def duration(seconds: float) -> str:
    """Write a duration the way a clock does: 4:05, or 12 s below a minute."""
    whole = math.ceil(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d}"
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
