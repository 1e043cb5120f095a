"""Trace lines: events and outputs as JSON-ready dictionaries (contracts 5)."""

from dataclasses import asdict
from typing import Any

from coach.adapters.wire import evidence_fields, nudge_fields
from coach.domain.advice import Cost, Counsel
from coach.domain.events import (
    Ack,
    AdvisorAnswered,
    Ask,
    Control,
    Ended,
    Event,
    Feedback,
    ParticipantChanged,
    ServiceChanged,
    SpeakingChanged,
    Summarised,
    ToolReturned,
    Transcript,
    TurnCompleted,
)
from coach.domain.job import Job
from coach.domain.outputs import Output, StateChanged
from coach.domain.records import Decision, Receipt
from coach.domain.screen import ScreenSampled

Line = dict[str, Any]

SPEECH_TYPES = frozenset(
    {
        "transcript",
        "turn",
        "speaking",
        "screen",
        "feedback",
        "ask",
        "ack",
        "tool",
        "advisor",
        "decision",
        "receipt",
    }
)
"""Lines that hold or betray what was said: gone when consent is revoked."""

OUTPUT_TYPES = frozenset({"decision", "receipt", "state", "meters"})
"""Lines that a call writes; ignored when a file is replayed."""


def job_line(job: Job, run: str) -> Line:
    """Return the first line of a live call's trace."""
    return {
        "at_ms": 0,
        "type": "call",
        "run": run,
        "live": True,  # nothing is missing: a replay makes up neither turns nor the rep's presence
        "job": {
            "v": 1,
            "call_id": job.call_id,
            "rep": {"identity": job.rep.identity, "name": job.rep.name},
            "team": sorted(job.team),
            "account": asdict(job.account),
            "tenant": job.tenant,
            "playbook": job.playbook,
            "providers": job.providers,
            "language": job.language,
            "consent": {"state": job.consent.state, "policy": job.consent.policy},
            "transcribe_rep": job.transcribe_rep,
            "screenshare": job.screenshare,
        },
    }


def event_line(at_ms: int, event: Event, frames: str = "") -> Line:
    """Return the input line of an event.

    Args:
        at_ms: when it came.
        event: what came.
        frames: folder of the call's frames, as seen from the trace.
    """
    line = {"at_ms": at_ms, **_event_fields(event)}
    if isinstance(event, ScreenSampled) and event.image is not None:
        line["image"] = f"{frames}{event.image}"
    return line


def _event_fields(event: Event) -> Line:
    match event:
        case Transcript():
            return _transcript_fields(event)
        case ParticipantChanged(identity, speaker, is_present, was_present):
            fields: Line = {"type": "participant", "identity": identity, "role": speaker}
            return {**fields, "joined": is_present, "was_present": was_present}
        case SpeakingChanged(identity, is_active):
            return {"type": "speaking", "identity": identity, "active": is_active}
        case TurnCompleted(identity, speaker):
            return {"type": "turn", "speaker": speaker, "identity": identity}
        case Feedback(nudge_id, action, note):
            return {"type": "feedback", "nudge_id": nudge_id, "action": action, "note": note}
        case Control(action, seconds):
            return {"type": "control", "action": action, "seconds": seconds}
        case Ask(text, card):
            return {"type": "ask", "text": text, "card": card}
        case Ack(nudge_id, rev, reply, error):
            fields = {"type": "ack", "nudge_id": nudge_id, "rev": rev, "reply": reply}
            return {**fields, "error": error}
        case ServiceChanged(name, is_up, identity, served_by):
            fields = {"type": "service", "name": name, "identity": identity, "up": is_up}
            return fields if served_by is None else {**fields, "served_by": served_by}
        case ScreenSampled(image, fingerprint, change, text):
            fields = {"type": "screen", "image": image}
            if image is None:
                return fields
            mark = f"{fingerprint:016x}"  # 64 bits are more than some readers' numbers hold
            return {**fields, "fingerprint": mark, "change": change, "text": text}
        case AdvisorAnswered():
            return _advisor_fields(event)
        case ToolReturned(call, is_ok, result, spent_ms, error):
            fields = {"type": "tool", "name": call.name, "arguments": dict(call.arguments)}
            fields |= {"ok": is_ok, "result": result, "spent_ms": spent_ms}
            return fields if error is None else {**fields, "error": error}
        case Summarised():
            return {"type": "summary"}  # never kept: it changes no decision
        case Ended(reason):
            return {"type": "end", "reason": reason}


def _advisor_fields(event: AdvisorAnswered) -> Line:
    fields: Line = {
        "type": "advisor",
        "turn_at_ms": event.turn_at_ms,
        "round": event.round,
        "answer": None if event.counsel is None else _counsel_fields(event.counsel),
        "error": event.error,
    }
    return fields if event.cost is None else {**fields, **_cost_fields(event.cost)}


def _counsel_fields(counsel: Counsel) -> Line:
    return {
        "moment": counsel.moment or "nothing",
        "confidence": counsel.confidence,
        "headline": counsel.headline,
        "evidence": {"utterance": counsel.utterance, "words": counsel.words},
        "detail": counsel.detail,
        "say": counsel.say,
        "stage": counsel.stage,
        "tools": [{"name": c.name, "arguments": dict(c.arguments)} for c in counsel.tools],
        "final": counsel.is_final,
    }


def _cost_fields(cost: Cost) -> Line:
    return {
        "served_by": cost.served_by,
        "first_token_ms": cost.first_token_ms,
        "total_ms": cost.total_ms,
        "tokens_in": cost.tokens_in,
        "tokens_out": cost.tokens_out,
        "vision_tokens": cost.vision_tokens,
    }


def _transcript_fields(event: Transcript) -> Line:
    fields: Line = {
        "type": "transcript",
        "speaker": event.speaker,
        "identity": event.identity,
        "is_final": event.is_final,
        "text": event.text,
        "start_ms": event.start_ms,
    }
    if event.end_ms is not None:
        fields["end_ms"] = event.end_ms
    if event.words:
        fields["words"] = [
            {
                "word": word.text,
                "start_ms": word.start_ms,
                "end_ms": word.end_ms,
                "confidence": word.confidence,
            }
            for word in event.words
        ]
    return fields


def output_line(at_ms: int, output: Output, spent_us: int, run: str, call_id: str) -> Line | None:
    """Return the output line of what a call did, or None when it leaves no line."""
    match output:
        case Decision():
            fields = _decision_fields(output, run, call_id)
            return {"at_ms": at_ms, "type": "decision", **fields, "spent_us": spent_us}
        case Receipt():
            return {"at_ms": at_ms, "type": "receipt", **_receipt_fields(output)}
        case StateChanged(state):
            return {"at_ms": at_ms, "type": "state", "state": state}
        case _:
            return None


def _decision_fields(decision: Decision, run: str, call_id: str) -> Line:
    fields: Line = {
        "outcome": decision.outcome,
        "reason": decision.reason,
        "path": decision.path,
        "moment": decision.moment,
    }
    if decision.nudge is not None:
        fields["nudge"] = nudge_fields(decision.nudge, run, call_id)
    elif decision.evidence is not None:
        fields["evidence"] = evidence_fields(decision.evidence)
    if decision.rule is not None:
        fields["rule"] = decision.rule
    return {**fields, "heard_at_ms": decision.heard_at_ms}


def _receipt_fields(receipt: Receipt) -> Line:
    origin = receipt.origin
    fields = {
        "nudge_id": receipt.nudge_id,
        "rev": receipt.rev,
        "reply": receipt.reply,
        "error": receipt.error,
        "sent_ms": receipt.sent_ms,
        "acknowledged_ms": receipt.acknowledged_ms,
        "spoken_ms": receipt.spoken_ms,
        "heard_ms": receipt.heard_ms,
        "decided_ms": receipt.decided_ms,
        "rule": receipt.rule,
        "path": receipt.path,
    }
    if origin is None:
        return fields
    return {
        **fields,
        "prompt": origin.prompt,
        "served_by": origin.served_by,
        "first_token_ms": origin.first_token_ms,
        "total_ms": origin.total_ms,
        "passages": list(origin.passages),
        "tools": list(origin.tools),
    }
