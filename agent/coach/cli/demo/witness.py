"""What reaches the prospect's client from the agent: taken below the library's own filters."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from livekit import rtc
from livekit.rtc._ffi_client import FfiClient

_HARMLESS = frozenset(
    {
        "participant_connected",
        "participant_disconnected",
        "participant_active",
        "participants_updated",
        "connection_quality_changed",
        "connection_state_changed",
        "active_speakers_changed",
        "participant_permission_changed",
        "room_updated",
        "room_sid_changed",
        "token_refreshed",
        "reconnecting",
        "reconnected",
        "eos",
        "data_channel_low_threshold_changed",
        "disconnected",
    }
)
"""Presence and the client's own housekeeping; no text or media of anybody."""

_OWN_TRACK_EVENTS = frozenset(
    {
        "local_track_published",
        "local_track_unpublished",
        "local_track_subscribed",
        "local_track_republished",
    }
)


class Witness:
    """Counts every event of one client, and keeps those that carry anything of the agent."""

    def __init__(self, room: rtc.Room, human_identities: frozenset[str]) -> None:
        self._room, self._humans = room, human_identities
        self.counts: Counter[str] = Counter()
        self.leaks: list[str] = []
        """Names of the events that should not have come; empty when all is well."""
        self._human_tracks: Counter[int] = Counter()

    @property
    def rep_media(self) -> str:
        """What of people, not of the agent, came to the client: in a demo the rep's."""
        names = {rtc.TrackKind.KIND_AUDIO: "voice", rtc.TrackKind.KIND_VIDEO: "screen"}
        came = [name for kind, name in names.items() if self._human_tracks[kind]]
        return f"the {' and the '.join(came)}" if came else "nothing"

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Record until the block ends."""
        queue = FfiClient.instance.queue
        # The filter sees every event on the native thread; nothing is queued behind it.
        events = queue.subscribe(asyncio.get_running_loop(), self._see)
        try:
            yield
        finally:
            queue.unsubscribe(events)

    def _see(self, event: Any) -> bool:
        kind = event.WhichOneof("message")
        if kind == "rpc_method_invocation":
            own = self._room.local_participant._ffi_handle.handle
            if event.rpc_method_invocation.local_participant_handle == own:
                self._keep("rpc_method_invocation")
        elif kind == "room_event" and event.room_event.room_handle == self._handle():
            name = event.room_event.WhichOneof("message")
            self._room_event(name, getattr(event.room_event, name))
        return False

    def _room_event(self, name: str, message: Any) -> None:
        self.counts[name] += 1
        if not self._is_fine(name, message):
            self._keep(name)
        elif name == "track_subscribed":
            self._human_tracks[message.track.info.kind] += 1

    def _is_fine(self, name: str, message: Any) -> bool:
        if name in _HARMLESS or name in _OWN_TRACK_EVENTS:
            return True
        identity = getattr(message, "participant_identity", None)
        if name == "participant_attributes_changed":
            return all(key.startswith("lk.agent") for key in _keys(message))
        return identity in self._humans and name.startswith("track_")

    def _keep(self, name: str) -> None:
        if len(self.leaks) < 1_000:
            self.leaks.append(name)

    def _handle(self) -> int:
        handle = self._room._ffi_handle
        return -1 if handle is None else int(handle.handle)


def _keys(message: Any) -> list[str]:
    return [entry.key for entry in message.changed_attributes]
