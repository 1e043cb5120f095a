"""The single sending point refuses everybody but the rep."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit import rtc

from coach.adapters.livekit.guard import ALLOWED_METHODS, DestinationRefused, Guard
from unit.livekit.sending import REP, RecordingRoom, invocation

PAYLOAD = "a canary that no log may show"


async def test_the_reps_three_methods_are_called_with_short_timeouts() -> None:
    room = RecordingRoom()
    guard = Guard(room.as_room, REP)

    for method in sorted(ALLOWED_METHODS):
        assert await guard.send(REP, method, PAYLOAD) == "shown"

    calls = room.local_participant.calls
    assert {call["destination_identity"] for call in calls} == {REP}
    assert {call["method"] for call in calls} == {"coach_nudge", "coach_hello", "coach_status"}
    assert {(c["response_timeout"], c["max_round_trip_latency"]) for c in calls} == {(2.0, 1.0)}


@pytest.mark.parametrize(
    ("destination", "method"),
    [
        ("buyer-1", "coach_nudge"),
        ("", "coach_nudge"),
        ("REP-1", "coach_nudge"),
        ("rep-1 ", "coach_nudge"),
        (REP, "coach_control"),
        (REP, ""),
    ],
)
async def test_anything_else_is_refused_counted_and_told_without_its_content(
    caplog: pytest.LogCaptureFixture, destination: str, method: str
) -> None:
    room = RecordingRoom("buyer-1", REP)
    guard = Guard(room.as_room, REP)

    with pytest.raises(DestinationRefused):
        await guard.send(destination, method, PAYLOAD)

    assert room.local_participant.calls == []
    assert guard.refused_count == 1
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert PAYLOAD not in str(record.__dict__)


async def test_a_job_without_a_reps_identity_can_send_to_nobody() -> None:
    """An empty destination would be a broadcast."""
    with pytest.raises(DestinationRefused):
        await Guard(RecordingRoom().as_room, "").send("", "coach_nudge", PAYLOAD)


@given(st.text())
def test_a_stranger_is_told_what_a_missing_method_says(caller: str) -> None:
    guard = Guard(RecordingRoom().as_room, REP)

    if caller == REP:
        return
    with pytest.raises(rtc.RpcError) as refused:
        guard.admit(invocation(caller, PAYLOAD))

    missing = rtc.RpcError._built_in(rtc.RpcError.ErrorCode.UNSUPPORTED_METHOD)
    error = refused.value
    assert (error.code, error.message, error.data) == (missing.code, missing.message, missing.data)


def test_the_rep_is_admitted() -> None:
    Guard(RecordingRoom().as_room, REP).admit(invocation(REP, PAYLOAD))
