"""One live call: drives the call object with events and time, and does what it says.

Owns every task of the call. The order of ending stands in `run` and nowhere else.
"""

import asyncio
import logging
import time
from dataclasses import dataclass

from coach.application.consulting import Consulting
from coach.application.inbox import Inbox, Item
from coach.application.ports import Advisor, Clock, Panel, Room, ToolBox, Trace
from coach.application.steps import due_steps
from coach.application.telling import Telling
from coach.domain.call import Call
from coach.domain.events import Ack, Ask, EndReason, Event, ServiceChanged
from coach.domain.outputs import (
    Advise,
    Answer,
    CallState,
    CancelAdvice,
    Erase,
    Finish,
    Listen,
    Output,
    RunTool,
    SendHello,
    SendNudge,
    SendStatus,
    StateChanged,
    Summarise,
)
from coach.domain.records import Decision, Receipt
from coach.domain.screen import Look, Watch

_NOTHING_ASKED = {"text_tokens": 0, "vision_tokens": 0}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outside:
    """What a call reaches beyond itself."""

    room: Room
    """Hears the microphones and sees the screen that the call names."""
    panel: Panel
    """The rep's client."""
    trace: Trace | None = None
    """What is kept; None keeps nothing."""
    advisor: Advisor | None = None
    tools: ToolBox | None = None


class CallSession:
    """Lives exactly as long as one call."""

    def __init__(self, call: Call, outside: Outside, clock: Clock) -> None:
        """Bind a call to its outside.

        Args:
            call: the state machine; nobody else may drive it.
            outside: room, panel and the rest.
            clock: 0 when the job's entrypoint began.
        """
        self._call, self._clock = call, clock
        self._room, self._trace, self._advisor = outside.room, outside.trace, outside.advisor
        self._inbox = Inbox()
        self._telling = Telling(outside.panel, clock, self.post)
        self._consulting = Consulting(outside.advisor, outside.tools, clock, self.post)
        self._finish: EndReason | None = None
        self._is_over = False
        self._answer: Answer | None = None
        self._unanswered: set[asyncio.Future[Answer]] = set()
        self._told_losses: set[str] = set()
        self._has_said_waiting = False

    def post(self, event: Event) -> None:
        """Take an event at once. Never blocks, never raises."""
        self._inbox.put(Item(self._clock.now_ms(), event, time.perf_counter_ns()))

    async def ask(self, event: Ask) -> Answer:
        """Return the call's answer to a question of the rep; no card once the call is over."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        item = Item(self._clock.now_ms(), event, time.perf_counter_ns(), answer)
        if self._is_over or not self._inbox.put(item):
            return Answer(None)
        self._unanswered.add(answer)
        answer.add_done_callback(self._unanswered.discard)
        return await answer

    async def run(self) -> EndReason:
        """Coach until the call is over. Return why it ended.

        The order of ending: the ears close, the last status goes out and the answer to the last
        nudge comes in, the senders stop, the trace is written to its last line.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                senders = self._telling.start(tasks)
                self._consulting.start(tasks)
                await self._react_until_finished()
                self._consulting.stop()
                await self._telling.flush()
                await self._take_last_answer()
                for sender in senders:
                    sender.cancel()
        except Exception as error:  # the one broad catch: a broken call ends, and says so
            _log.error("call failed", extra={"error_type": _innermost(error)})
            self._finish = None
        finally:
            self._stop()
            if self._trace is not None:
                await self._trace.aclose(self._meters())
        return self._finish or EndReason.FAILED

    def _meters(self) -> dict[str, int]:
        """What was asked in vain is owed as well: of that the advisor knows, not the call."""
        asked = self._advisor.meters() if self._advisor is not None else _NOTHING_ASKED
        return {**self._call.meters(self._clock.now_ms()), **asked, **self._room.meters()}

    def _stop(self) -> None:
        """Leave nobody waiting for an answer; a call that broke or was cancelled goes deaf, too."""
        self._is_over = True
        for answer in list(self._unanswered):
            _resolve(answer, Answer(None))
        if self._finish is None:
            self._room.listen(frozenset())
            self._room.watch(False)

    async def _react_until_finished(self) -> None:
        self._carry_out(0, self._call.start(), time.perf_counter_ns())
        now_ms = self._clock.now_ms()
        self._carry_out(now_ms, self._call.ready(now_ms), time.perf_counter_ns())
        while self._finish is None:
            self._say_if_waiting()
            item = await self._inbox.get(self._seconds_until_due())
            if item is None:
                self._catch_up(self._clock.now_ms())
            else:
                self._catch_up(item.at_ms)
                self._react(item)

    async def _take_last_answer(self) -> None:
        """A nudge that was on its way at the end has its receipt, like every other."""
        while (item := await self._inbox.get(0)) is not None:
            self._react(item)

    def _say_if_waiting(self) -> None:
        """An absent rep is said once, after everybody who was there has been reported."""
        if not self._has_said_waiting and self._call.waits_for_rep and self._inbox.is_empty:
            self._has_said_waiting = True
            _log.info("call waits for its rep")

    def _seconds_until_due(self) -> float | None:
        due_ms = self._call.next_due_ms()
        return None if due_ms is None else max(0, due_ms - self._clock.now_ms()) / 1000

    def _catch_up(self, at_ms: int) -> None:
        for due_ms, outputs in due_steps(self._call, at_ms):
            self._carry_out(due_ms, outputs, time.perf_counter_ns())

    def _react(self, item: Item) -> None:
        if self._call.is_over and not isinstance(item.event, Ack):
            return
        if not self._call.may_hear(item.event):
            return  # what was heard without consent reaches neither the call nor the trace
        at_ms = max(item.at_ms, self._call.at_ms)  # it may have come while the call was busy
        if self._trace is not None and self._call.may_keep(item.event):
            self._trace.event(at_ms, item.event)
        outputs = self._call.handle(at_ms, item.event)
        self._carry_out(at_ms, outputs, item.arrived_ns)
        if item.answer is not None:
            _resolve(item.answer, self._answer or Answer(None))
        self._answer = None
        self._report_losses()

    def _carry_out(self, at_ms: int, outputs: list[Output], arrived_ns: int) -> None:
        """Nudges first: nothing else on the way may cost them time."""
        for output in outputs:
            if isinstance(output, SendNudge):
                self._telling.nudge(output.nudge)
        spent_us = (time.perf_counter_ns() - arrived_ns) // 1_000
        for output in outputs:
            self._do(at_ms, output, spent_us)

    def _do(self, at_ms: int, output: Output, spent_us: int) -> None:
        match output:
            case SendStatus(status):
                self._telling.status(status)
            case SendHello(consent):
                self._telling.hello(consent)
            case Listen(identities):
                self._room.listen(identities)
            case Advise() | CancelAdvice() | RunTool() | Summarise() | Watch() | Look():
                self._consult(output)
            case Answer():
                self._answer = output
            case Finish(reason):
                self._finish = reason
            case Erase():
                self._telling.forget()
                self._consulting.forget()
                self._room.forget_frames()
                if self._trace is not None:
                    self._trace.erase()
            case Decision() | Receipt() | StateChanged():
                if isinstance(output, StateChanged):
                    self._entered(output.state)
                if self._trace is not None:
                    self._trace.output(at_ms, output, spent_us)
            case SendNudge():
                pass

    def _entered(self, state: CallState) -> None:
        _log.info("call state", extra={"state": state.value})
        has_consent = state is CallState.LISTENING  # without it, no service is spoken to
        if has_consent and self._advisor is not None:
            self._advisor.connect_ahead()

    def _consult(self, output: Advise | CancelAdvice | RunTool | Summarise | Watch | Look) -> None:
        """Hand on what others do in the background."""
        match output:
            case Advise(request):
                name = request.image
                self._consulting.ask(request, None if name is None else self._room.frame(name))
            case CancelAdvice(turn_at_ms, round):
                self._consulting.cancel(turn_at_ms, round)
            case RunTool(call, is_approved):
                self._consulting.run_tool(call, is_approved=is_approved)
            case Summarise(text):
                self._consulting.summarise(text)
            case Watch(is_on):
                self._room.watch(is_on)
            case Look():
                self._room.look(output)

    def _report_losses(self) -> None:
        """Lost trace lines and events show on the rep's status line, once."""
        trace_count = self._trace.lost_count if self._trace is not None else 0
        for name, count in (("trace", trace_count), ("inbox", self._inbox.lost_count)):
            if count > 0 and name not in self._told_losses:
                self._told_losses.add(name)
                self.post(ServiceChanged(name, is_up=False))


def _resolve(waiting: asyncio.Future[Answer], answer: Answer) -> None:
    if not waiting.done():
        waiting.set_result(answer)


def _innermost(error: BaseException) -> str:
    """Name the type of an error; its text may hold speech."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return type(error).__name__
