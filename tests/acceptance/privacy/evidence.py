"""What the records of a client say: which canaries it got, and what came that should not have.

The rule is an allow-list. Presence and the client's own housekeeping may come; whatever else
arrives is a finding, from whomever it claims to be.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livekit.protocol.models import DataPacket
from livekit.rtc._proto import ffi_pb2, participant_pb2

from acceptance.privacy.canaries import find_canaries
from acceptance.privacy.recorder import Layer, read_records
from acceptance.privacy.sctp import messages_of, packet_of

NEUTRAL_ATTRIBUTES = frozenset({"lk.agent.name", "lk.agent_name"})
NOT_SUPPORTED = (1400, "Method not supported at destination", "")
WRONG_VERSION = (1404, "Unsupported RPC version", "")
"""What the native library answers to whoever asks, before it looks for a method."""
_AGENT = participant_pb2.ParticipantKind.PARTICIPANT_KIND_AGENT
_PRESENCE = frozenset(
    {
        "participant_disconnected",
        "participant_active",
        "participant_permission_changed",
        "connection_quality_changed",
        "connection_state_changed",
        "disconnected",
        "reconnecting",
        "reconnected",
        "eos",
        "room_sid_changed",
        "token_refreshed",
        "data_channel_low_threshold_changed",
        "local_track_published",
        "local_track_unpublished",
        "local_track_subscribed",
        "local_track_republished",
    }
)
_OWN_CALLBACKS = frozenset(
    {
        "disconnect",
        "dispose",
        "publish_track",
        "unpublish_track",
        "publish_data",
        "publish_transcription",
        "capture_audio_frame",
        "set_local_metadata",
        "set_local_name",
        "set_local_attributes",
        "get_stats",
        "get_session_stats",
        "publish_sip_dtmf",
        "send_stream_header",
        "send_stream_chunk",
        "send_stream_trailer",
        "byte_stream_open",
        "byte_stream_writer_write",
        "byte_stream_writer_close",
        "send_file",
        "text_stream_open",
        "text_stream_writer_write",
        "text_stream_writer_close",
        "send_text",
        "send_bytes",
        "publish_data_track",
        "logs",
    }
)
"""Answers of the native library to what the client itself asked of it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that should not have reached the client."""

    what: str
    detail: str


@dataclass(slots=True)
class Evidence:
    """Everything that one client got."""

    humans: frozenset[str]
    agent_name: str = "Call assistant"
    events: list[ffi_pb2.FfiEvent] = field(default_factory=list)
    packets: list[bytes] = field(default_factory=list)
    signal: bytes = b""
    canaries: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Names of canaries, and where each was seen."""

    @classmethod
    def read(cls, paths: Iterable[Path], humans: frozenset[str]) -> "Evidence":
        """Read the records of a client's process."""
        evidence = cls(humans)
        for path in paths:
            evidence._read(path)
        return evidence

    def findings(self) -> list[Finding]:
        """Return what should not have come, canaries apart."""
        found = [finding for event in self.events for finding in self._judge(event)]
        return found + [finding for packet in self.packets for finding in _judge_packet(packet)]

    def agents_seen(self) -> set[str]:
        """Return the identities of the agents whose presence the client noticed."""
        infos = (info for event in self.events for info in _participants(event))
        return {info.identity for info in infos if info.kind == _AGENT}

    def subscribed_tracks(self) -> set[str]:
        """Return the ids of the client's own tracks that somebody subscribed to."""
        events = (event.room_event.local_track_subscribed for event in self.events)
        return {event.track_sid for event in events if event.track_sid}

    def packet_kinds(self) -> set[str]:
        """Return what kinds of message came over the data channels."""
        kinds = (_parsed(packet).WhichOneof("value") for packet in self.packets)
        return {kind for kind in kinds if kind}

    def answers(self) -> dict[str, tuple[int, str, str, str]]:
        """Return how calls were answered on the wire: code, message, data and payload, by id."""
        found = {}
        for packet in self.packets:
            response = _parsed(packet).rpc_response
            error = response.error
            answer = (error.code, error.message, error.data, response.payload)
            found[response.request_id] = answer
        return found

    # -- reading --------------------------------------------------------------------------------

    def _read(self, path: Path) -> None:
        packets: list[tuple[str, bytes]] = []
        joined: dict[str, bytes] = defaultdict(bytes)
        for layer, data in read_records(path):
            self._search(layer.name.lower(), data)
            if layer is Layer.SIGNAL:
                self.signal += data
                continue
            joined[layer.name.lower()] += b"" if layer is Layer.NATIVE else data
            if layer is Layer.NATIVE:
                event = ffi_pb2.FfiEvent()
                event.ParseFromString(data)
                self.events.append(event)
                packets += _packets_of(event)
                for name, text in _pieces_of(event):
                    joined[name] += text
        self._read_packets(messages_of(packets), joined)
        joined["signal"] = self.signal
        for name, data in joined.items():  # what was split is whole again
            self._search(name.split("/")[0], data)

    def _read_packets(self, messages: list[bytes], joined: dict[str, bytes]) -> None:
        for message in messages:
            self.packets.append(message)
            self._search("wire", message)
            chunk = _parsed(message).stream_chunk
            joined[f"wire stream/{chunk.stream_id}"] += chunk.content

    def _search(self, where: str, data: bytes) -> None:
        for name in find_canaries(data):
            self.canaries[name].add(where)

    # -- judging --------------------------------------------------------------------------------

    def _judge(self, event: ffi_pb2.FfiEvent) -> Iterator[Finding]:
        kind = event.WhichOneof("message") or "nothing"
        if kind == "room_event":
            yield from self._judge_room_event(event)
        elif kind == "connect":
            yield from self._judge_participants(event)
            yield from self._judge_tracks_at_join(event)
        elif kind == "perform_rpc":
            if not event.perform_rpc.HasField("error"):
                yield Finding("a call was answered", event.perform_rpc.payload)
        elif kind not in _OWN_CALLBACKS:
            yield Finding(kind, str(event)[:300])

    def _judge_room_event(self, event: ffi_pb2.FfiEvent) -> Iterator[Finding]:
        name = event.room_event.WhichOneof("message") or "nothing"
        message = getattr(event.room_event, name)
        if name in ("participant_connected", "participants_updated"):
            yield from self._judge_participants(event)
        elif name == "participant_attributes_changed":
            keys = {entry.key for entry in message.changed_attributes}
            if message.participant_identity not in self.humans and keys - NEUTRAL_ATTRIBUTES:
                yield Finding("agent attributes", str(sorted(keys)))
        elif name == "room_updated":
            if message.metadata:
                yield Finding("room metadata", message.metadata)
        elif name == "active_speakers_changed":
            yield from self._judge_speakers(message.participant_identities)
        elif name.startswith(("track_", "participant_metadata", "participant_name")):
            if self._identity(message) not in self.humans:
                yield Finding(name, str(message)[:300])
        elif name not in _PRESENCE:
            yield Finding(name, str(message)[:300])

    def _judge_participants(self, event: ffi_pb2.FfiEvent) -> Iterator[Finding]:
        for info in _participants(event):
            if info.identity in self.humans:
                continue
            if info.kind != _AGENT or info.name != self.agent_name or info.metadata:
                yield Finding("agent presence", str(info)[:300])
            if keys := set(info.attributes) - NEUTRAL_ATTRIBUTES:
                yield Finding("agent attributes", str(sorted(keys)))

    def _judge_tracks_at_join(self, event: ffi_pb2.FfiEvent) -> Iterator[Finding]:
        for joined in event.connect.result.participants:
            if joined.publications and joined.participant.info.identity not in self.humans:
                yield Finding("track_published", str(joined.publications)[:300])

    def _judge_speakers(self, identities: Iterable[str]) -> Iterator[Finding]:
        for identity in set(identities) - self.humans:
            yield Finding("the agent spoke", identity)

    def _identity(self, message: Any) -> str:
        return str(getattr(message, "participant_identity", ""))


def _participants(event: ffi_pb2.FfiEvent) -> list[participant_pb2.ParticipantInfo]:
    if event.WhichOneof("message") == "connect":
        return [joined.participant.info for joined in event.connect.result.participants]
    if event.room_event.WhichOneof("message") == "participant_connected":
        return [event.room_event.participant_connected.info.info]
    return list(event.room_event.participants_updated.participants)


def _packets_of(event: ffi_pb2.FfiEvent) -> Iterator[tuple[str, bytes]]:
    for record in event.logs.records:
        if (packet := packet_of(record.message)) is not None:
            yield packet


def _pieces_of(event: ffi_pb2.FfiEvent) -> Iterator[tuple[str, bytes]]:
    """Yield the texts of an event that may be a part of something longer, and of what."""
    chunk = event.room_event.stream_chunk_received.chunk
    yield f"stream/{chunk.stream_id}", chunk.content
    text = event.text_stream_reader_event
    yield f"text stream/{text.reader_handle}", text.chunk_received.content.encode()
    data = event.byte_stream_reader_event
    yield f"byte stream/{data.reader_handle}", data.chunk_received.content
    for segment in event.room_event.transcription_received.segments:
        yield "transcription", segment.text.encode()
    yield "call", event.rpc_method_invocation.payload.encode()


def _parsed(message: bytes) -> DataPacket:
    packet = DataPacket()
    packet.ParseFromString(message)
    return packet


def _judge_packet(message: bytes) -> Iterator[Finding]:
    packet = _parsed(message)
    kind = packet.WhichOneof("value") or "an unknown packet"
    if kind == "rpc_response":
        error = packet.rpc_response.error
        if (error.code, error.message, error.data) not in (NOT_SUPPORTED, WRONG_VERSION):
            yield Finding("an answer to a call", str(packet.rpc_response)[:300])
    elif kind != "rpc_ack":
        yield Finding(f"wire {kind}", str(packet)[:300])
