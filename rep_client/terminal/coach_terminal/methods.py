"""The methods that the coach calls on the rep's client: who is answered, and with which errors."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from livekit import rtc

from coach_terminal.callers import CallerGate, no_such_method
from coach_terminal.own_clock import Clock
from coach_terminal.panel_changes import AnotherCall
from coach_terminal.wire_fields import INVALID_PAYLOAD, InvalidMessage

_Registered = Callable[[rtc.RpcInvocationData], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A call of the coach.

    Attributes:
        payload: As it came.
        caller: Identity of the agent, asserted by the server.
        received_at: Reading of the monotonic clock when it reached this client.
        arrived_at: The same moment in own time.
    """

    payload: str
    caller: str
    received_at: float
    arrived_at: float


Handler = Callable[[Arrival], str]


class CoachMethods:
    """Registers handlers with a room's local participant, and lets only the coach reach them.

    Attributes:
        refused_count: Calls by somebody who is not the coach; they learned nothing.
    """

    def __init__(self, gate: CallerGate, clock: Clock, now: Callable[[], float]) -> None:
        self._gate = gate
        self._clock = clock
        self._now = now
        self._participant: rtc.LocalParticipant | None = None
        self._names: tuple[str, ...] = ()
        self.refused_count = 0

    def register(self, participant: rtc.LocalParticipant, handlers: Mapping[str, Handler]) -> bool:
        """Register with `participant`; return whether that was necessary.

        A room that is connected anew has another local participant, without these methods.
        """
        if participant is self._participant:
            return False
        self._participant, self._names = participant, tuple(handlers)
        for name, handler in handlers.items():
            participant.register_rpc_method(name, self._guarded(handler))
        return True

    def unregister(self) -> None:
        """Take everything back, also from calls that still wait for their caller."""
        if self._participant is not None:
            for name in self._names:
                self._participant.unregister_rpc_method(name)
        self._participant = None

    def _guarded(self, handler: Handler) -> _Registered:
        async def answer(call: rtc.RpcInvocationData) -> str:
            caller = call.caller_identity
            arrival = Arrival(call.payload, caller, self._clock.monotonic(), self._now())
            # whoever is not the coach must not even learn that the method exists
            if not await self._gate.admits(caller) or self._participant is None:
                self.refused_count += 1
                raise no_such_method()
            try:
                return handler(arrival)
            except InvalidMessage as error:
                raise rtc.RpcError(error.code, str(error)) from None
            except AnotherCall:
                raise rtc.RpcError(INVALID_PAYLOAD, "belongs to another call") from None

        return answer
