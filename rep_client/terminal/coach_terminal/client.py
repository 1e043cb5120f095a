"""The rep's client on a LiveKit room: receives the coach's calls, and calls the coach.

It owns no connection: the room is the host's. It shows nothing: a view renders `state`.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final, Self

from livekit import rtc

from coach_terminal import panel_changes
from coach_terminal.callers import CallerGate
from coach_terminal.coach_line import CoachCallError, CoachLine
from coach_terminal.events import (
    AgentPresence,
    ConnectionChanged,
    Event,
    EventStream,
    EventStreams,
    HelloReceived,
    NudgeReceived,
    StatusReceived,
)
from coach_terminal.messages import Consent, Nudge, parse_hello, parse_nudge, parse_status
from coach_terminal.methods import Arrival, CoachMethods
from coach_terminal.own_clock import Clock, Stopwatch, SystemClock
from coach_terminal.panel_state import DECISIONS, Connection, PanelState
from coach_terminal.requests import ControlAction, FeedbackAction
from coach_terminal.room_connection import connection_of

NUDGES_KEPT: Final = 1000
READY: Final = '{"v":1,"ready":true}'

_REFUSALS: Final = frozenset({ControlAction.CONSENT_DENIED, ControlAction.CONSENT_REVOKED})


class RepClient:
    """The rep's end of the coach's wire contract.

    Attributes:
        nudges: The last thousand nudges that arrived, shown or not, oldest first; emptied when
            consent is refused or revoked.
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
        clock = clock or SystemClock()
        self._room = room
        self._stopwatch = Stopwatch(clock)
        self._gate = CallerGate(room, agent_identity)
        self._line = CoachLine(room, self._gate)
        self._methods = CoachMethods(self._gate, clock, self.now)
        self._streams = EventStreams(on_event)
        self._background: set[asyncio.Task[None]] = set()
        self._state = PanelState(connection=connection_of(room.connection_state))
        self._is_attached = False
        self._is_refusing = False
        self.nudges: deque[NudgeReceived] = deque(maxlen=NUDGES_KEPT)

    @property
    def state(self) -> PanelState:
        """What the panel shows at this moment."""
        self._state = panel_changes.advance(self._state, self.now())
        return self._state

    @property
    def refused_count(self) -> int:
        """Calls by somebody who is not the coach; they learned nothing."""
        return self._methods.refused_count

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
        self._methods.unregister()
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        self._streams.close()

    def events(self) -> EventStream:
        """Open a stream of everything that happens from now on; it ends with `aclose`."""
        return self._streams.open()

    async def feedback(
        self, nudge_id: str, action: FeedbackAction | str, note: str | None = None
    ) -> None:
        """Tell the coach what the rep thinks of a nudge; what does not arrive is taken back.

        Raises:
            CoachCallError: It did not reach the coach, was refused, or answers a proposal that
                has lapsed or was answered.
        """
        action = FeedbackAction(action)
        shown = self.state.shown(nudge_id)
        if action in DECISIONS and shown is not None and not shown.is_open_proposal(self.now()):
            raise CoachCallError("the proposal has lapsed or was answered")
        self._state = panel_changes.rate(self._state, nudge_id, action, is_sending=True)
        known = None if shown is None else shown.feedback
        try:
            await self._line.feedback(nudge_id, action, note)
            known = action
        finally:
            self._state = panel_changes.rate(self._state, nudge_id, known)

    async def approve(self, nudge_id: str) -> None:
        """Say yes to a proposal: what it says is written; raises like `feedback`."""
        await self.feedback(nudge_id, FeedbackAction.APPROVE)

    async def reject(self, nudge_id: str) -> None:
        """Say no to a proposal: nothing is written; raises like `feedback`."""
        await self.feedback(nudge_id, FeedbackAction.REJECT)

    async def control(self, action: ControlAction | str, seconds: float | None = None) -> None:
        """Tell the coach what to do; muting and a no to consent take effect here at once.

        Raises:
            CoachCallError: It did not reach the coach, or was refused.
        """
        action = ControlAction(action)
        if action in _REFUSALS:
            return await self._refuse(action)
        if action is ControlAction.CONSENT_GRANTED:
            self._state = panel_changes.agree(self._state)
        elif action is ControlAction.MUTE:
            until = math.inf if seconds is None else self.now() + seconds
            self._state = panel_changes.mute(self._state, until)
        elif action is ControlAction.UNMUTE:
            self._state = panel_changes.unmute(self._state)
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

    def _on_nudge(self, arrival: Arrival) -> str:
        nudge, now = parse_nudge(arrival.payload), self.now()
        self._state, answer = panel_changes.receive_nudge(
            self.state, nudge, arrived_at=arrival.arrived_at, now=now
        )
        age_seconds = self._state.freshness.age_seconds(nudge.run, nudge.created_ms, now)
        received = NudgeReceived(nudge, answer, arrival.received_at, age_seconds, arrival.caller)
        self.nudges.append(received)
        self._streams.report(received)
        return answer.value

    def _on_hello(self, arrival: Arrival) -> str:
        hello = parse_hello(arrival.payload)
        self._state = panel_changes.receive_hello(self.state, hello, self.now())
        self._take_consent(hello.consent)
        self._streams.report(HelloReceived(hello))
        return READY

    def _on_status(self, arrival: Arrival) -> str:
        status = parse_status(arrival.payload)
        self._state = panel_changes.receive_status(self.state, status, self.now())
        self._take_consent(status.consent)
        self._streams.report(StatusReceived(status))
        return "ok"

    def _take_consent(self, told: Consent) -> None:
        if self._state.consent in panel_changes.REFUSED:
            self.nudges.clear()
        refusal = self._state.refusal
        is_contradicted = self._state.is_withheld and told is Consent.GRANTED
        if is_contradicted and refusal is not None and not self._is_refusing:
            self._is_refusing = True
            self._start(self._insist(refusal), "refusal")

    async def _refuse(self, refusal: ControlAction) -> None:
        self._state = panel_changes.refuse(self._state, refusal)
        self.nudges.clear()
        self._is_refusing = True
        try:
            await self._line.control(refusal, None)
        finally:
            self._is_refusing = False

    async def _insist(self, refusal: ControlAction) -> None:
        """Tell a coach that restarted, or has not heard it yet, what the rep has said."""
        try:
            if self._state.refusal is refusal:  # or the rep has changed their mind meanwhile
                await self._line.control(refusal, None)
        except CoachCallError:
            return  # said again when its next status comes
        finally:
            self._is_refusing = False

    def _on_connection_state_changed(self, room_state: rtc.ConnectionState.ValueType) -> None:
        connection = connection_of(room_state)
        if connection is Connection.CONNECTED:
            self._register()
        if connection is not self._state.connection:
            self._state = panel_changes.with_connection(self._state, connection)
            self._streams.report(ConnectionChanged(connection))

    def _register(self) -> None:
        handlers = {
            "coach_nudge": self._on_nudge,
            "coach_hello": self._on_hello,
            "coach_status": self._on_status,
        }
        if self._methods.register(self._room.local_participant, handlers):
            for identity in self._gate.coaches():
                self._start(self._line.greet(identity), "greeting")

    def _on_participant_connected(self, participant: rtc.RemoteParticipant) -> None:
        if not self._gate.may_be_coach(participant):
            return
        if self._state.last_heard_at is None:  # its own hello may have come before `attach`
            self._start(self._line.greet(participant.identity), "greeting")
        self._streams.report(AgentPresence(participant.identity, is_present=True))

    def _on_participant_disconnected(self, participant: rtc.RemoteParticipant) -> None:
        if self._gate.may_be_coach(participant):
            self._streams.report(AgentPresence(participant.identity, is_present=False))

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=f"coach_terminal.{name}")
        self._background.add(task)
        task.add_done_callback(self._background.discard)
