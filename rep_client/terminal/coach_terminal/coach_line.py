"""The calls that the rep makes to the coach. Nobody else is ever called."""

from collections.abc import Callable
from typing import Final

from livekit import rtc

from coach_terminal.callers import CallerGate
from coach_terminal.messages import Nudge, parse_answer
from coach_terminal.requests import (
    ControlAction,
    FeedbackAction,
    ask_request,
    control_request,
    feedback_request,
)
from coach_terminal.wire_fields import INVALID_PAYLOAD, TOO_LARGE, UNKNOWN_ID, InvalidMessage

ROUND_TRIP_SECONDS: Final = 3.0
# of which the coach's handler is given what is left after the round trip
RESPONSE_SECONDS: Final = 5.0
ASK_RESPONSE_SECONDS: Final = 9.0

_REASONS: Final[dict[int, str]] = {
    INVALID_PAYLOAD: "the coach did not understand",
    UNKNOWN_ID: "the coach knows no such card or hint",
    TOO_LARGE: "too long to send",
    rtc.RpcError.ErrorCode.UNSUPPORTED_METHOD: "the coach does not take this from you",
    rtc.RpcError.ErrorCode.RESPONSE_TIMEOUT: "the coach did not answer in time",
}


class CoachCallError(Exception):
    """The coach could not be told or asked something; the text is for the rep.

    Attributes:
        code: The error code of the wire (2400, 2404, 2413, LiveKit's 14xx and 15xx); None when
            nothing was sent.
    """

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


class CoachLine:
    """Calls the agent that `gate` takes for the coach. All methods raise CoachCallError."""

    def __init__(self, room: rtc.Room, gate: CallerGate) -> None:
        self._room = room
        self._gate = gate

    async def feedback(self, nudge_id: str, action: FeedbackAction, note: str | None) -> None:
        """Say what the rep thinks of a nudge."""
        await self._call("coach_feedback", lambda: feedback_request(nudge_id, action, note))

    async def control(self, action: ControlAction, seconds: float | None) -> None:
        """Say what to do."""
        await self._call("coach_control", lambda: control_request(action, seconds))

    async def ask(self, text: str | None, card: str | None) -> Nudge | None:
        """Ask for a card; None when nothing fits."""
        reply = await self._call("coach_ask", lambda: ask_request(text, card), ASK_RESPONSE_SECONDS)
        try:
            return parse_answer(reply)
        except InvalidMessage as error:
            raise CoachCallError("the coach's answer is unreadable", error.code) from None

    async def greet(self, identity: str) -> None:
        """Ask this agent to introduce itself; one that does not is no coach, or not ready yet."""
        try:
            await self._perform(
                identity, "coach_control", control_request(ControlAction.HELLO, None)
            )
        except rtc.RpcError:
            return  # a coach that is not ready says hello by itself when it is

    async def _call(
        self, method: str, write: Callable[[], str], response_seconds: float = RESPONSE_SECONDS
    ) -> str:
        coaches = self._gate.coaches() if self._room.isconnected() else []
        if not coaches:
            raise CoachCallError("there is no coach in the room")
        try:
            payload = write()
        except ValueError as error:
            raise CoachCallError(str(error)) from None
        try:
            return await self._perform(coaches[0], method, payload, response_seconds)
        except rtc.RpcError as error:
            reason = _REASONS.get(error.code, "the coach could not be reached")
            raise CoachCallError(reason, error.code) from None

    async def _perform(
        self, identity: str, method: str, payload: str, response_seconds: float = RESPONSE_SECONDS
    ) -> str:
        return await self._room.local_participant.perform_rpc(
            destination_identity=identity,
            method=method,
            payload=payload,
            response_timeout=response_seconds,
            max_round_trip_latency=ROUND_TRIP_SECONDS,
        )
