"""The rep's client on a LiveKit room: receives the coach's calls, and calls the coach.

It owns no connection: the room is the host's. It shows nothing: a view renders `state`.
"""

import asyncio
import contextlib
import math
import weakref
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, Self

from livekit import rtc

from coach_terminal import panel_changes
from coach_terminal.callers import CallerGate, no_such_method
from coach_terminal.coach_line import CoachCallError, CoachLine
from coach_terminal.events import (
    AgentPresence,
    ConnectionChanged,
    Event,
    EventStream,
    HelloReceived,
    NudgeReceived,
    StatusReceived,
)
from coach_terminal.messages import Nudge, parse_hello, parse_nudge, parse_status
from coach_terminal.own_clock import Clock, Stopwatch, SystemClock
from coach_terminal.panel_state import Connection, PanelState
from coach_terminal.requests import ControlAction, FeedbackAction
from coach_terminal.wire_fields import INVALID_PAYLOAD, InvalidMessage

NUDGES_KEPT: Final = 1000
READY: Final = '{"v":1,"ready":true}'

_CONNECTIONS: Final[dict[int, Connection]] = {
    rtc.ConnectionState.CONN_CONNECTED: Connection.CONNECTED,
    rtc.ConnectionState.CONN_RECONNECTING: Connection.RECONNECTING,
}

_Handler = Callable[[rtc.RpcInvocationData], Awaitable[str]]


class RepClient:
    """The rep's end of the coach's wire contract.

    Attributes:
        nudges: The last thousand nudges that arrived, shown or not, oldest first; emptied when
            consent is refused or revoked.
        refused_count: Calls by somebody who is not the coach; they learned nothing.
    """

    def __init__(
        self,
        room: rtc.Room,
        *,
        agent_identity: str | None = None,
        clock: Clock | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        """Prepare a client for a room that may or may not be connected yet.

        Args:
            room: The rep's own connection.
            agent_identity: Believe only this agent; None: believe any participant of kind agent.
            clock: Both clocks of this machine, for tests.
            on_event: Called at once with every event; must return quickly and not raise.
        """
        self._room = room
        self._clock = clock or SystemClock()
        self._stopwatch = Stopwatch(self._clock)
        self._gate = CallerGate(room, agent_identity)
        self._line = CoachLine(room, self._gate)
        self._on_event = on_event
        self._streams: weakref.WeakSet[EventStream] = weakref.WeakSet()
        self._greetings: set[asyncio.Task[None]] = set()
        self._state = PanelState(connection=_connection(room.connection_state))
        self._registered_with: rtc.LocalParticipant | None = None
        self._is_attached = False
        self.nudges: deque[NudgeReceived] = deque(maxlen=NUDGES_KEPT)
        self.refused_count = 0

    @property
    def state(self) -> PanelState:
        """What the panel shows at this moment."""
        self._state = panel_changes.advance(self._state, self.now())
        return self._state

    def now(self) -> float:
        """Read the client's own time, the one that `state` and a view reckon in, in seconds."""
        return self._stopwatch.now()

    async def __aenter__(self) -> Self:
        await self.attach()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def attach(self) -> None:
        """Register the methods, now or as soon as the room connects. Safe to call twice.

        An agent that is already there is asked to introduce itself; this does not wait for it.
        """
        if self._is_attached:
            return
        self._is_attached = True
        self._gate.open()
        self._room.on("participant_connected", self._on_participant_connected)
        self._room.on("participant_disconnected", self._on_participant_disconnected)
        self._room.on("connection_state_changed", self._on_connection_state_changed)
        if self._room.isconnected():
            self._on_connection_state_changed(self._room.connection_state)

    async def aclose(self) -> None:
        """Unregister everything and end all event streams. Safe to call twice."""
        if not self._is_attached:
            return
        self._is_attached = False
        self._gate.close()
        self._room.off("participant_connected", self._on_participant_connected)
        self._room.off("participant_disconnected", self._on_participant_disconnected)
        self._room.off("connection_state_changed", self._on_connection_state_changed)
        if self._registered_with is not None:
            for method in self._handlers():
                self._registered_with.unregister_rpc_method(method)
            self._registered_with = None
        for greeting in self._greetings:
            greeting.cancel()
        await asyncio.gather(*self._greetings, return_exceptions=True)
        for stream in self._streams:
            stream.close()

    def events(self) -> EventStream:
        """Open a stream of everything that happens from now on; it ends with `aclose`."""
        stream = EventStream()
        self._streams.add(stream)
        return stream

    async def feedback(
        self, nudge_id: str, action: FeedbackAction | str, note: str | None = None
    ) -> None:
        """Tell the coach what the rep thinks of a nudge.

        Raises:
            CoachCallError: It did not reach the coach, or was refused.
        """
        action = FeedbackAction(action)
        self._state = panel_changes.rate(self._state, nudge_id, action)
        await self._line.feedback(nudge_id, action, note)

    async def control(self, action: ControlAction | str, seconds: float | None = None) -> None:
        """Tell the coach what to do; muting and revoking take effect on the panel at once.

        Raises:
            CoachCallError: It did not reach the coach, or was refused.
        """
        action = ControlAction(action)
        if action is ControlAction.MUTE:
            until = math.inf if seconds is None else self.now() + seconds
            self._state = panel_changes.mute(self._state, until)
        elif action is ControlAction.UNMUTE:
            self._state = panel_changes.unmute(self._state)
        elif action is ControlAction.CONSENT_REVOKED:
            self._state = panel_changes.withhold(self._state)
            self.nudges.clear()
        await self._line.control(action, seconds)

    async def consent_granted(self) -> None:
        """Tell the coach that the people in the call agreed; raises like `control`."""
        await self.control(ControlAction.CONSENT_GRANTED)

    async def consent_denied(self) -> None:
        """Tell the coach that somebody did not agree; raises like `control`."""
        await self.control(ControlAction.CONSENT_DENIED)

    async def consent_revoked(self) -> None:
        """Tell the coach to stop and forget, and clear the panel; raises like `control`."""
        await self.control(ControlAction.CONSENT_REVOKED)

    async def ask(self, *, text: str | None = None, card: str | None = None) -> Nudge | None:
        """Ask for a card, by words or by id; what comes is shown.

        Raises:
            CoachCallError: It did not reach the coach, was refused, or the answer is unreadable.
        """
        nudge = await self._line.ask(text, card)
        if nudge is not None:
            try:
                self._state = panel_changes.receive_answer(self._state, nudge, self.now())
            except panel_changes.AnotherCall:
                raise CoachCallError("the answer belongs to another call") from None
        return nudge

    async def _on_nudge(self, call: rtc.RpcInvocationData) -> str:
        received_at, arrived_at = self._clock.monotonic(), self.now()
        await self._admit(call)
        with _refusals():
            nudge = parse_nudge(call.payload)
            now = self.now()
            self._state, answer = panel_changes.receive_nudge(
                self.state, nudge, arrived_at=arrived_at, now=now
            )
        age_seconds = self._state.freshness.age_seconds(nudge.run, nudge.created_ms, now)
        received = NudgeReceived(nudge, answer, received_at, age_seconds, call.caller_identity)
        self.nudges.append(received)
        self._report(received)
        return answer.value

    async def _on_hello(self, call: rtc.RpcInvocationData) -> str:
        await self._admit(call)
        with _refusals():
            hello = parse_hello(call.payload)
            self._state = panel_changes.receive_hello(self.state, hello, self.now())
        self._forget_if_refused()
        self._report(HelloReceived(hello))
        return READY

    async def _on_status(self, call: rtc.RpcInvocationData) -> str:
        await self._admit(call)
        with _refusals():
            status = parse_status(call.payload)
            self._state = panel_changes.receive_status(self.state, status, self.now())
        self._forget_if_refused()
        self._report(StatusReceived(status))
        return "ok"

    def _forget_if_refused(self) -> None:
        if self._state.consent in panel_changes.REFUSED:
            self.nudges.clear()

    async def _admit(self, call: rtc.RpcInvocationData) -> None:
        # whoever is not the coach must not even learn that the method exists
        if not await self._gate.admits(call.caller_identity) or not self._is_attached:
            self.refused_count += 1
            raise no_such_method()

    def _handlers(self) -> dict[str, _Handler]:
        return {
            "coach_nudge": self._on_nudge,
            "coach_hello": self._on_hello,
            "coach_status": self._on_status,
        }

    def _on_connection_state_changed(self, room_state: rtc.ConnectionState.ValueType) -> None:
        connection = _connection(room_state)
        if connection is Connection.CONNECTED:
            self._register(self._room.local_participant)
        if connection is not self._state.connection:
            self._state = panel_changes.with_connection(self._state, connection)
            self._report(ConnectionChanged(connection))

    def _register(self, participant: rtc.LocalParticipant) -> None:
        # a room that is connected anew has another local participant, without our methods
        if participant is self._registered_with:
            return
        self._registered_with = participant
        for method, handler in self._handlers().items():
            participant.register_rpc_method(method, handler)
        for identity in self._gate.coaches():
            self._greet(identity)

    def _on_participant_connected(self, participant: rtc.RemoteParticipant) -> None:
        if not self._gate.may_be_coach(participant):
            return
        if self._state.last_heard_at is None:  # its own hello may have come before `attach`
            self._greet(participant.identity)
        self._report(AgentPresence(participant.identity, is_present=True))

    def _on_participant_disconnected(self, participant: rtc.RemoteParticipant) -> None:
        if self._gate.may_be_coach(participant):
            self._report(AgentPresence(participant.identity, is_present=False))

    def _greet(self, identity: str) -> None:
        greeting = asyncio.create_task(self._line.greet(identity), name="coach_terminal.greeting")
        self._greetings.add(greeting)
        greeting.add_done_callback(self._greetings.discard)

    def _report(self, event: Event) -> None:
        for stream in self._streams:
            stream.put(event)
        if self._on_event is not None:
            self._on_event(event)


def _connection(room_state: rtc.ConnectionState.ValueType) -> Connection:
    return _CONNECTIONS.get(room_state, Connection.DISCONNECTED)


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """Turn what is wrong with the coach's message into the error that tells the coach."""
    try:
        yield
    except InvalidMessage as error:
        raise rtc.RpcError(error.code, str(error)) from None
    except panel_changes.AnotherCall:
        raise rtc.RpcError(INVALID_PAYLOAD, "belongs to another call") from None
