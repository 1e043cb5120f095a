"""What a rep client reports to the program around it, and the bounded stream that carries it."""

import asyncio
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from coach_terminal.messages import Hello, Nudge, Status
from coach_terminal.panel_changes import Answer
from coach_terminal.panel_state import Connection

STREAM_LIMIT: Final = 256


@dataclass(frozen=True, slots=True)
class NudgeReceived:
    """A nudge arrived, shown or not.

    Attributes:
        nudge: What the coach sent.
        answer: What the coach was told.
        received_at: Reading of the monotonic clock when the call reached this client.
        age_seconds: Age by the rule of `freshness` when it was decided upon.
        caller: Identity of the agent that sent it, asserted by the server.
    """

    nudge: Nudge
    answer: Answer
    received_at: float
    age_seconds: float
    caller: str


@dataclass(frozen=True, slots=True)
class HelloReceived:
    """The coach introduced itself."""

    hello: Hello


@dataclass(frozen=True, slots=True)
class StatusReceived:
    """The coach said how it is."""

    status: Status


@dataclass(frozen=True, slots=True)
class AgentPresence:
    """An agent that may be the coach joined or left the room."""

    identity: str
    is_present: bool


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """This client's own connection to the room changed."""

    connection: Connection


Event = NudgeReceived | HelloReceived | StatusReceived | AgentPresence | ConnectionChanged


class EventStream:
    """Events for one reader; a reader that is too slow loses the oldest.

    Attributes:
        dropped_count: How many events the reader has lost.
    """

    def __init__(self) -> None:
        self._waiting: deque[Event] = deque(maxlen=STREAM_LIMIT)
        self._changed = asyncio.Event()
        self._is_closed = False
        self.dropped_count = 0

    def put(self, event: Event) -> None:
        """Add an event; never waits."""
        if len(self._waiting) == STREAM_LIMIT:
            self.dropped_count += 1
        self._waiting.append(event)
        self._changed.set()

    def close(self) -> None:
        """Let the reader finish with what is waiting. Safe to call twice."""
        self._is_closed = True
        self._changed.set()

    def __aiter__(self) -> "EventStream":
        return self

    async def __anext__(self) -> Event:
        while not self._waiting:
            if self._is_closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        return self._waiting.popleft()


class EventStreams:
    """Everybody who wants to hear of events."""

    def __init__(self, on_event: Callable[[Event], None] | None) -> None:
        self._on_event = on_event
        self._streams: weakref.WeakSet[EventStream] = weakref.WeakSet()

    def open(self) -> EventStream:
        """Open a stream of everything from now on."""
        stream = EventStream()
        self._streams.add(stream)
        return stream

    def report(self, event: Event) -> None:
        """Tell everybody; never waits."""
        for stream in self._streams:
            stream.put(event)
        if self._on_event is not None:
            self._on_event(event)

    def close(self) -> None:
        """End all streams. Safe to call twice."""
        for stream in self._streams:
            stream.close()
