"""The prospect's witness: the rep's voice and screen are fine, anything of the agent is not."""

from typing import Any

import pytest
from livekit import rtc
from livekit.rtc._proto import ffi_pb2, room_pb2

from coach.cli.demo.witness import Witness

HUMANS = frozenset({"rep-1", "buyer-1"})
ROOM = 7


class Handle:
    """What the library keeps of a native object."""

    handle = ROOM


class QuietRoom(rtc.Room):
    """A room that never connects; the witness asks only for its handle."""

    def __init__(self) -> None:
        self._ffi_handle = Handle()  # type: ignore[assignment]

    def __del__(self) -> None:
        """Nothing native is held."""


def event(**fields: Any) -> ffi_pb2.FfiEvent:
    """Return an event of the witness's room."""
    return ffi_pb2.FfiEvent(room_event=room_pb2.RoomEvent(room_handle=ROOM, **fields))


def subscribed(identity: str, kind: "rtc.TrackKind.ValueType") -> ffi_pb2.FfiEvent:
    """Return what comes when somebody's track arrives."""
    message = room_pb2.TrackSubscribed(participant_identity=identity)
    message.track.info.kind = kind
    return event(track_subscribed=message)


@pytest.fixture
def witness() -> Witness:
    return Witness(QuietRoom(), HUMANS)


def test_the_reps_voice_and_screen_are_no_leak_and_are_told(witness: Witness) -> None:
    witness._see(subscribed("rep-1", rtc.TrackKind.KIND_AUDIO))
    assert witness.rep_media == "the voice"
    witness._see(subscribed("rep-1", rtc.TrackKind.KIND_VIDEO))

    assert witness.leaks == []
    assert witness.rep_media == "the voice and the screen"


@pytest.mark.parametrize("kind", [rtc.TrackKind.KIND_AUDIO, rtc.TrackKind.KIND_VIDEO])
def test_a_track_of_the_agent_is_a_leak(witness: Witness, kind: "rtc.TrackKind.ValueType") -> None:
    witness._see(subscribed("agent-1", kind))

    assert witness.leaks == ["track_subscribed"]
    assert witness.rep_media == "nothing"


def test_data_metadata_and_speaking_attributes_of_the_agent_are_leaks(witness: Witness) -> None:
    packet = room_pb2.DataPacketReceived(participant_identity="agent-1")
    metadata = room_pb2.ParticipantMetadataChanged(participant_identity="agent-1", metadata="x")
    attributes = room_pb2.ParticipantAttributesChanged(participant_identity="agent-1")
    attributes.changed_attributes.add(key="coach.hint", value="x")

    witness._see(event(data_packet_received=packet))
    witness._see(event(participant_metadata_changed=metadata))
    witness._see(event(participant_attributes_changed=attributes))

    assert witness.leaks == [
        "data_packet_received",
        "participant_metadata_changed",
        "participant_attributes_changed",
    ]


def test_another_room_is_not_looked_at(witness: Witness) -> None:
    other = subscribed("agent-1", rtc.TrackKind.KIND_AUDIO)
    other.room_event.room_handle = ROOM + 1

    witness._see(other)

    assert (witness.leaks, sum(witness.counts.values())) == ([], 0)
