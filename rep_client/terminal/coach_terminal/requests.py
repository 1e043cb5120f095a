"""What the rep tells the coach: feedback, control and questions, as JSON for the wire."""

import json
from enum import StrEnum
from typing import Any

from coach_terminal.wire_fields import MESSAGE_LIMIT_BYTES


class FeedbackAction(StrEnum):
    """What the rep thinks of a nudge, or answers to a proposal."""

    USEFUL = "useful"
    DISMISS = "dismiss"
    USED = "used"
    DISPUTE = "dispute"
    APPROVE = "approve"
    REJECT = "reject"


class ControlAction(StrEnum):
    """What the rep tells the coach to do."""

    HELLO = "hello"
    CONSENT_GRANTED = "consent_granted"
    CONSENT_DENIED = "consent_denied"
    CONSENT_REVOKED = "consent_revoked"
    MUTE = "mute"
    UNMUTE = "unmute"
    STOP = "stop"


def feedback_request(nudge_id: str, action: FeedbackAction, note: str | None) -> str:
    """Write the payload of `coach_feedback`; a ValueError says that it is too long."""
    return _json({"v": 1, "nudge_id": nudge_id, "action": action, "note": note})


def control_request(action: ControlAction, seconds: float | None) -> str:
    """Write the payload of `coach_control`."""
    whole_seconds = None if seconds is None else max(1, round(seconds))
    return _json({"v": 1, "action": action, "seconds": whole_seconds})


def ask_request(text: str | None, card: str | None) -> str:
    """Write the payload of `coach_ask`; a ValueError says that it is too long or says nothing."""
    if (text is None) == (card is None):
        raise ValueError("ask with either a text or a card")
    return _json({"v": 1, "text": text, "card": card})


def _json(content: dict[str, Any]) -> str:
    given = {name: value for name, value in content.items() if value is not None}
    # half a character, which a terminal can deliver, cannot be sent
    payload = json.dumps(given, ensure_ascii=False).encode("utf-8", "replace")
    if len(payload) > MESSAGE_LIMIT_BYTES:
        raise ValueError("too long to send: at most 2048 bytes")
    return payload.decode()
