"""What the rep's client asks of the agent (contracts 3): feedback, control and questions.

Registered for as long as the call lasts. Answered only when the caller is the rep; a payload
becomes an event, or an error with a code. Nothing here waits for anything but the call itself.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, TypeVar

from livekit import rtc
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from coach.adapters.livekit.guard import Guard
from coach.adapters.livekit.panel import RpcPanel
from coach.adapters.wire import MAX_MESSAGE_BYTES
from coach.application.ports import Clock, EventSink
from coach.domain.events import Ask, Control, ControlAction, Feedback, FeedbackAction
from coach.domain.outputs import Answer

INVALID_PAYLOAD = 2400
UNKNOWN_ID = 2404
TOO_LARGE = 2413
TOO_MANY = 2429
CALLS_PER_WINDOW = 60
WINDOW_MS = 10_000
"""How often the rep's client may call in so long; more is refused, so a loop in it is harmless."""

AskCall = Callable[[Ask], Awaitable[Answer]]


class _Fields(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    v: Literal[1] = 1


F = TypeVar("F", bound=_Fields)
_Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]


class _FeedbackFields(_Fields):
    nudge_id: _Id
    action: Literal["useful", "dismiss", "used", "dispute", "approve", "reject"]
    note: Annotated[str, StringConstraints(max_length=1_000)] | None = None


class _ControlFields(_Fields):
    action: Literal[
        "hello", "consent_granted", "consent_denied", "consent_revoked", "mute", "unmute", "stop"
    ]
    seconds: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)] | None = None


class _AskFields(_Fields):
    text: _Text | None = None
    card: _Id | None = None


class Methods:
    """The three methods that the agent registers."""

    def __init__(
        self, guard: Guard, panel: RpcPanel, *, clock: Clock, post: EventSink, ask: AskCall
    ) -> None:
        """Bind to a call.

        Args:
            guard: says who the rep is.
            panel: knows what the rep was shown.
            clock: for the limit on how often.
            post: takes feedback and control.
            ask: answers a question.
        """
        self._guard, self._panel, self._clock = guard, panel, clock
        self._post, self._ask = post, ask
        self._calls_ms: deque[int] = deque(maxlen=CALLS_PER_WINDOW)

    def register(self, participant: rtc.LocalParticipant) -> None:
        """Answer the rep from now on. Call once the room is joined."""
        participant.register_rpc_method("coach_feedback", self._on_feedback)
        participant.register_rpc_method("coach_control", self._on_control)
        participant.register_rpc_method("coach_ask", self._on_ask)

    # Handlers are plain functions so that a stranger is refused before anything is awaited.

    def _on_feedback(self, call: rtc.RpcInvocationData) -> str:
        fields = self._read(call, _FeedbackFields)
        if not self._panel.knows(fields.nudge_id):
            raise rtc.RpcError(UNKNOWN_ID, "no such nudge")
        self._post(Feedback(fields.nudge_id, FeedbackAction(fields.action), fields.note))
        return "ok"

    def _on_control(self, call: rtc.RpcInvocationData) -> str:
        fields = self._read(call, _ControlFields)
        self._post(Control(ControlAction(fields.action), fields.seconds))
        return "ok"

    def _on_ask(self, call: rtc.RpcInvocationData) -> Awaitable[str]:
        fields = self._read(call, _AskFields)
        if (fields.text is None) is (fields.card is None):
            raise rtc.RpcError(INVALID_PAYLOAD, "either text or card is needed")
        return self._answer(Ask(fields.text, fields.card))

    async def _answer(self, question: Ask) -> str:
        answer = await self._ask(question)
        if answer.is_unknown_card:
            raise rtc.RpcError(UNKNOWN_ID, "no such card")
        if answer.nudge is None:
            return "null"
        return self._panel.answer(answer.nudge)

    def _read(self, call: rtc.RpcInvocationData, fields: type[F]) -> F:
        self._guard.admit(call)
        self._count()
        if len(call.payload.encode("utf-8", "replace")) > MAX_MESSAGE_BYTES:
            raise rtc.RpcError(TOO_LARGE, f"a message has at most {MAX_MESSAGE_BYTES} bytes")
        try:
            return fields.model_validate_json(call.payload)
        except ValidationError as error:
            raise rtc.RpcError(INVALID_PAYLOAD, f"invalid: {_place(error)}") from None

    def _count(self) -> None:
        now_ms, calls_ms = self._clock.now_ms(), self._calls_ms
        if len(calls_ms) == CALLS_PER_WINDOW and now_ms - calls_ms[0] < WINDOW_MS:
            raise rtc.RpcError(TOO_MANY, "too many calls")
        calls_ms.append(now_ms)


def _place(error: ValidationError) -> str:
    first: dict[str, Any] = dict(error.errors(include_input=False, include_url=False)[0])
    return ".".join(str(part) for part in first["loc"]) or "payload"
