"""Messages to the rep's client, and what its answers mean."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from livekit import rtc

from coach.adapters.livekit import panel as panel_module
from coach.adapters.livekit.guard import Guard
from coach.adapters.livekit.panel import RpcPanel
from coach.application.ports import PanelUnanswered
from coach.domain.job import ConsentState, Job, Rep
from coach.domain.nudge import Evidence, Nudge, Path, Source
from coach.domain.outputs import PanelState, Status
from coach.domain.playbook import Kind, Speaker
from unit.livekit.sending import REP, RecordingRoom

NUDGE = Nudge(
    id="n-1",
    moment="price_objection",
    kind=Kind.OBJECTION,
    path=Path.TRIGGER,
    headline="Price objection: anchor on payback",
    detail="Show the slide – für alle.",
    say=None,
    source=Source("battlecard", "roi"),
    evidence=Evidence(Speaker.PROSPECT, "buyer-1", 61_200, 63_050, "that is way over our budget"),
    priority=70,
    created_ms=63_110,
    expires_in_ms=6_000,
    relevant_ms=20_000,
)
STATUS = Status(
    state=PanelState.LISTENING,
    consent=ConsentState.GRANTED,
    stage="discovery",
    guidance="Ask how they decide.",
    muted_until_ms=-1,
    reasons=("stt_down",),
    lag_ms=120,
)


def opened(room: RecordingRoom, disclosure: str = "May I?") -> RpcPanel:
    job = Job("c-1", Rep(REP))
    return RpcPanel(Guard(room.as_room, REP), job=job, run="r-1", disclosure=disclosure)


def sent(room: RecordingRoom) -> dict[str, Any]:
    [call] = room.local_participant.calls
    fields: dict[str, Any] = json.loads(call["payload"])
    return fields


async def test_a_nudge_is_sent_as_the_contract_has_it_and_not_escaped() -> None:
    room = RecordingRoom()

    assert await opened(room).nudge(NUDGE) == "shown"

    fields = sent(room)
    assert (fields["v"], fields["run"], fields["call_id"], fields["id"]) == (1, "r-1", "c-1", "n-1")
    assert fields["final"] is True
    assert fields["evidence"]["quote"] == "that is way over our budget"
    assert "für" in room.local_participant.calls[0]["payload"]


@pytest.mark.parametrize("text", ["ä" * 3_000, "word " * 900, "🙂" * 900])
async def test_a_message_never_has_more_than_2048_bytes(text: str) -> None:
    room = RecordingRoom()
    evidence = replace(NUDGE.evidence, quote=text) if NUDGE.evidence else None

    await opened(room).nudge(
        replace(NUDGE, detail=text, headline=text, say=text, evidence=evidence)
    )

    fields = sent(room)
    assert len(room.local_participant.calls[0]["payload"].encode()) <= 2_048
    assert len(fields["headline"]) <= 120 and len(fields["headline"].split()) <= 12
    assert len(fields["say"]) <= 160


async def test_a_lone_surrogate_is_sent_as_a_question_mark() -> None:
    room = RecordingRoom()

    await opened(room).nudge(replace(NUDGE, detail="bad \ud800 text"))

    assert sent(room)["detail"] == "bad ? text"


@pytest.mark.parametrize(
    ("reply", "means"),
    [
        ("shown", "shown"), ("muted", "muted"), ("expired", "expired"), ("duplicate", "duplicate"),
        ("", "shown"), ("whatever", "shown"),
    ],
)  # fmt: skip
async def test_an_unknown_reply_counts_as_shown(reply: str, means: str) -> None:
    room = RecordingRoom()
    room.local_participant.reply = reply

    assert await opened(room).nudge(NUDGE) == means


async def test_an_absent_rep_is_not_called_at_all() -> None:
    room = RecordingRoom("buyer-1")

    with pytest.raises(PanelUnanswered) as error:
        await opened(room).nudge(NUDGE)

    assert error.value.code == 1401
    assert room.local_participant.calls == []


async def test_an_rpc_error_becomes_its_code_without_its_text() -> None:
    room = RecordingRoom()
    room.local_participant.reply = rtc.RpcError(1502, "canary", "canary")

    with pytest.raises(PanelUnanswered) as error:
        await opened(room).nudge(NUDGE)

    assert error.value.code == 1502
    assert "canary" not in str(error.value)
    assert error.value.__cause__ is None


async def test_a_transport_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_module, "ANSWER_SECONDS", 0.01)
    room = RecordingRoom()
    room.local_participant.hangs = True

    with pytest.raises(PanelUnanswered) as error:
        await opened(room).nudge(NUDGE)

    assert error.value.code == 1502


@pytest.mark.parametrize(("code", "is_over"), [(1400, True), (1501, False), (1502, False)])
async def test_hello_is_over_when_it_is_answered_or_refused(code: int, is_over: bool) -> None:
    room = RecordingRoom()
    room.local_participant.reply = rtc.RpcError(code, "")

    assert await opened(room).hello(5, ConsentState.PENDING) is is_over


async def test_hello_tells_methods_consent_and_disclosure() -> None:
    room = RecordingRoom()

    assert await opened(room, "é" * 900).hello(5, ConsentState.PENDING)

    fields = sent(room)
    assert fields["consent"] == {"state": "pending", "policy": "call"}
    assert fields["methods"] == ["coach_feedback", "coach_control", "coach_ask"]
    assert fields["at_ms"] == 5
    assert len(fields["disclosure"].encode()) == 900


async def test_status_is_sent_whole_and_its_failure_is_nothing() -> None:
    room = RecordingRoom()

    await opened(room).status(61_000, STATUS)

    assert sent(room) == {
        "v": 1,
        "run": "r-1",
        "at_ms": 61_000,
        "call_id": "c-1",
        "state": "listening",
        "consent": "granted",
        "stage": "discovery",
        "guidance": "Ask how they decide.",
        "thinking": False,
        "muted_until_ms": -1,
        "reasons": ["stt_down"],
        "lag_ms": 120,
    }
    room.local_participant.reply = rtc.RpcError(1400, "")
    await opened(room).status(61_000, STATUS)


async def test_a_nudge_is_known_once_it_was_handed_over_even_if_nobody_answered() -> None:
    room = RecordingRoom()
    room.local_participant.reply = rtc.RpcError(1501, "")
    panel = opened(room)
    assert not panel.knows("n-1")

    with pytest.raises(PanelUnanswered):
        await panel.nudge(NUDGE)

    assert panel.knows("n-1")
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_feedback_is_taken_for_the_newest_nudges_only() -> None:
    panel = opened(RecordingRoom())

    for number in range(panel_module.IDS_KEPT + 1):
        panel.answer(replace(NUDGE, id=f"n-{number}"))

    assert not panel.knows("n-0")
    assert all(panel.knows(f"n-{number}") for number in range(1, panel_module.IDS_KEPT + 1))
