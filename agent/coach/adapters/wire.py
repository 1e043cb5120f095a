"""Messages to the rep's client as contracts 3 has them: names, limits, and how text is cut.

One place for the panel and the trace, so that what is kept is what was sent.
"""

import json
from typing import Any

from coach.domain.nudge import Evidence, Nudge
from coach.domain.texts import sendable

MAX_MESSAGE_BYTES = 2_048
MAX_HEADLINE_WORDS = 12
MAX_HEADLINE_CHARACTERS = 120
MAX_SAY_CHARACTERS = 160
MAX_DISCLOSURE_BYTES = 900

Fields = dict[str, Any]


def evidence_fields(evidence: Evidence) -> Fields:
    """Return a piece of evidence as it stands in messages and trace lines."""
    return {
        "speaker": evidence.speaker,
        "identity": evidence.identity,
        "quote": evidence.quote,
        "start_ms": evidence.start_ms,
        "end_ms": evidence.end_ms,
    }


def nudge_fields(nudge: Nudge, run: str, call_id: str) -> Fields:
    """Return a nudge within all limits: detail, then quote, are cut at a word to fit."""
    fields: Fields = {
        "v": 1,
        "run": run,
        "call_id": call_id,
        "id": nudge.id,
        "rev": nudge.rev,
        "final": nudge.is_final,
        "moment": nudge.moment,
        "kind": nudge.kind,
        "path": nudge.path,
        "headline": _headline(nudge.headline),
        "detail": nudge.detail,
        "say": None if nudge.say is None else cut(nudge.say, MAX_SAY_CHARACTERS),
        "source": None if nudge.source is None else _source(nudge),
        "evidence": None if nudge.evidence is None else evidence_fields(nudge.evidence),
        "priority": nudge.priority,
        "created_ms": nudge.created_ms,
        "expires_in_ms": nudge.expires_in_ms,
        "relevant_ms": nudge.relevant_ms,
    }
    if nudge.proposal is not None:
        fields["proposal"] = {"id": nudge.proposal.id, "text": nudge.proposal.text}
    _fit(fields)
    return fields


def encode(fields: Fields) -> str:
    """Return a message's JSON text, not ASCII-escaped. Lone surrogates become question marks."""
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return sendable(text)


def cut(text: str, characters: int) -> str:
    """Cut a text at a word, with an ellipsis, so that it has at most so many characters."""
    if len(text) <= characters:
        return text
    if characters < 1:
        return ""
    kept = text[: characters - 1]
    return (kept.rpartition(" ")[0].rstrip() or kept) + "…"


def _source(nudge: Nudge) -> Fields:
    assert nudge.source is not None
    return {"type": nudge.source.type, "id": nudge.source.id}


def _headline(text: str) -> str:
    words = text.split()
    return cut(" ".join(words[:MAX_HEADLINE_WORDS]), MAX_HEADLINE_CHARACTERS)


def _fit(fields: Fields) -> None:
    """Shorten detail, then the quote, until the message has at most `MAX_MESSAGE_BYTES`.

    Where that is not enough (long identities in a script of many bytes), what may be absent goes.
    """
    _shorten(fields, fields, "detail")
    if fields["evidence"] is not None and fields["evidence"]["quote"]:
        _shorten(fields, fields["evidence"], "quote")
    for name in ("evidence", "say", "source"):
        if _size(fields) > MAX_MESSAGE_BYTES:
            fields[name] = None


def _shorten(message: Fields, holder: Fields, name: str) -> None:
    while (excess := _size(message) - MAX_MESSAGE_BYTES) > 0 and holder[name]:
        # An excess of bytes is at least a quarter as many characters.
        holder[name] = cut(holder[name], len(holder[name]) - max(1, excess // 4))


def _size(fields: Fields) -> int:
    return len(encode(fields).encode())
