"""What a prospect's own client is told by the coach: nothing, if the coach is as it should be."""

from typing import Any

from livekit import rtc

from integration.people import Person

_EVENTS = (
    "data_received",
    "sip_dtmf_received",
    "transcription_received",
    "room_metadata_changed",
    "participant_metadata_changed",
    "participant_name_changed",
    "data_track_published",
)
_OF_AGENT = ("track_published", "track_subscribed", "track_unpublished")
_METHODS = ("coach_nudge", "coach_status", "coach_hello", "coach_feedback", "coach_control")
_NEUTRAL = frozenset({"lk.agent.name", "lk.agent_name"})


class Witness:
    """Keeps whatever the SDK reports to one client, other people's tracks and presence apart."""

    def __init__(self, person: Person) -> None:
        """Listen from now on."""
        self.seen: list[str] = []
        room: Any = person.room  # whose events have types of their own
        for event in _EVENTS:
            room.on(event, self._noting(event))
        for event in _OF_AGENT:
            room.on(event, self._noting_agent(event))
        room.on("participant_attributes_changed", self._attributes)
        for method in _METHODS:
            room.local_participant.register_rpc_method(method, self._called)
        handlers = _AnyTopic(self._stream)
        room._text_stream_handlers = handlers
        room._byte_stream_handlers = handlers

    def _noting(self, event: str) -> Any:
        return lambda *_: self.seen.append(event)

    def _noting_agent(self, event: str) -> Any:
        def note(*arguments: Any) -> None:
            if arguments[-1].kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT:
                self.seen.append(event)

        return note

    def _attributes(self, changed: dict[str, str], participant: rtc.Participant) -> None:
        self.seen += [f"attribute {key}" for key in changed if key not in _NEUTRAL]

    def _called(self, call: rtc.RpcInvocationData) -> str:
        self.seen.append("a call")
        return "ok"

    def _stream(self, reader: Any, _: str) -> None:
        self.seen.append("a stream")


class _AnyTopic(dict[str, Any]):
    """Handlers of data streams by topic: the same one, whatever the topic."""

    def __init__(self, handler: Any) -> None:
        super().__init__()
        self._handler = handler

    def get(self, topic: str, default: Any = None) -> Any:
        return self._handler
