"""One call, as a pure state machine: events and times in, outputs out.

The same object runs a live call and a replay. Its life is written here once:

    created → loading → waiting ⇄ listening → ending → ended

It waits while the rep is absent or consent is not granted, and listens otherwise.
"""

from dataclasses import replace

from coach.domain.asking import Asking
from coach.domain.attendance import Attendance
from coach.domain.events import (
    Ack,
    Ask,
    Control,
    ControlAction,
    Ended,
    EndReason,
    Event,
    Feedback,
    Heard,
    ParticipantChanged,
    ServiceChanged,
    Told,
    ToolReturned,
    Transcript,
)
from coach.domain.job import ConsentState, Job
from coach.domain.keeping import HEARD, kept, may_keep
from coach.domain.knowledge import Abilities, Knowledge
from coach.domain.nudge import Path
from coach.domain.outputs import (
    CallState,
    Erase,
    Finish,
    Output,
    PanelState,
    SendHello,
    SendStatus,
    StateChanged,
    Status,
)
from coach.domain.playbook import Speaker
from coach.domain.records import Decision, Outcome, Reason
from coach.domain.status import StatusLine
from coach.domain.understanding import Understanding


class Call:
    """Everything that one call knows and decides.

    `handle` and `advance` take whole milliseconds on the call's clock, which never goes back;
    whoever drives the call asks `next_due_ms` when to call `advance` at the latest.
    """

    def __init__(self, *, job: Job, knowledge: Knowledge, abilities: Abilities, run: str) -> None:
        """Build a call.

        Args:
            job: who is who.
            knowledge: what to coach, and what finds its way in it.
            abilities: what this call has beyond the playbook.
            run: id of this job, new each time.
        """
        self.job, self.playbook, self.run = job, knowledge.playbook, run
        self._asking = Asking(knowledge, job.call_id)
        self._attendance = Attendance(job, has_eye=abilities.has_eye)
        self._status_line = StatusLine(job, knowledge.playbook)
        self._state = CallState.CREATED
        self._at_ms = 0
        self._has_told_no_consent = False
        self._understanding = Understanding(job, knowledge, abilities)

    @property
    def state(self) -> CallState:
        """Where the call is in its life."""
        return self._state

    @property
    def is_over(self) -> bool:
        """Whether it has ended: nothing is heard or decided any more."""
        return self._state in (CallState.ENDING, CallState.ENDED)

    @property
    def at_ms(self) -> int:
        """The time that the call has reached; what comes later is not earlier than this."""
        return self._at_ms

    @property
    def consent(self) -> ConsentState:
        """The state of agreement."""
        return self._attendance.consent

    @property
    def waits_for_rep(self) -> bool:
        """Whether the room is joined and the rep is not in it."""
        return self._state is CallState.WAITING and not self._attendance.has_rep

    def start(self) -> list[Output]:
        """Begin at time 0: the job's entrypoint runs, the room is not joined yet."""
        return [StateChanged(CallState.CREATED), *self._move(CallState.LOADING)]

    def ready(self, at_ms: int) -> list[Output]:
        """The room is joined and its participants are about to be reported."""
        return [*self.advance(at_ms), *self._move(CallState.WAITING), *self._settle()]

    def may_hear(self, event: Event) -> bool:
        """Whether an event may be looked at at all: nothing that was heard without consent."""
        return self._attendance.is_granted or not isinstance(event, HEARD)

    def may_keep(self, event: Event) -> bool:
        """Whether an event may be stored."""
        return may_keep(event, self.consent)

    def handle(self, at_ms: int, event: Event) -> list[Output]:
        """React to an event, after everything that was due before it.

        Once the call is over only the panel's answer to a nudge that was on its way counts.
        """
        outputs = self.advance(at_ms)
        if self.is_over:
            return kept(self._react(event), self.consent) if isinstance(event, Ack) else []
        outputs += self._react(event)
        return kept(outputs + self._settle(), self.consent)

    def advance(self, at_ms: int) -> list[Output]:
        """Do what time alone has made due, each at its own time, and move the clock."""
        outputs: list[Output] = []
        while (due_ms := self.next_due_ms()) is not None and due_ms <= at_ms:
            self._at_ms = max(self._at_ms, due_ms)
            outputs += self._tick()
            outputs += self._settle()
        self._at_ms = max(self._at_ms, at_ms)
        return kept(outputs, self.consent)

    def next_due_ms(self) -> int | None:
        """Return when `advance` has something to do, or None; never in the call's past."""
        if self.is_over or self._state is CallState.CREATED:
            return None
        dues = [self._understanding.delivery_due_ms(), self._attendance.due_ms()]
        if self._state is CallState.LISTENING:
            dues.append(self._understanding.due_ms(self._at_ms))
        if self._attendance.has_rep:
            dues.append(self._status_line.due_ms())
        return min((max(due, self._at_ms) for due in dues if due is not None), default=None)

    def meters(self, at_ms: int) -> dict[str, int]:
        """Return the meters of the call so far (contracts 5)."""
        return {
            **self._attendance.meters(at_ms),
            "agent_ms": at_ms,
            **self._understanding.meters(),
        }

    # -- events ---------------------------------------------------------------------------------

    def _react(self, event: Event) -> list[Output]:
        if isinstance(event, Heard):
            return self._heard(event)
        if isinstance(event, Told):
            return self._told(event)
        match event:
            case Ack():
                return self._understanding.ack(event, self._at_ms)
            case ParticipantChanged():
                return self._participant(event)
            case Control():
                return self._control(event)
            case Ask():
                return self._asking.answer(event, self._at_ms)
            case ServiceChanged():
                self._status_line.service(event.name, event.identity, is_up=event.is_up)
                return []
            case Feedback():
                return self._feedback(event)
            case Ended():
                return self._finish(event.reason)

    def _feedback(self, event: Feedback) -> list[Output]:
        """The rep's key. Nothing is written while somebody has not agreed."""
        if not self._attendance.is_granted:
            return []
        return self._understanding.feedback(event, self._at_ms)

    def _heard(self, event: Heard) -> list[Output]:
        if not self._attendance.is_granted:
            return self._unheard(event)
        if self._state is not CallState.LISTENING:
            return []
        self._attendance.spoken(self._at_ms)
        if isinstance(event, Transcript) and event.words:
            self._status_line.lag_ms = max(0, self._at_ms - event.words[-1].end_ms)
        return self._understanding.heard(event, self._at_ms)

    def _told(self, event: Told) -> list[Output]:
        """The eye or an outside service reports: void once the call no longer listens."""
        if self._state is not CallState.LISTENING:
            return []
        if isinstance(event, ToolReturned):
            self._status_line.tool(event)
        return self._understanding.told(event, self._at_ms)

    def _unheard(self, event: Event) -> list[Output]:
        """Words without consent are not looked at; one line says so, without text."""
        if self._has_told_no_consent or not isinstance(event, Transcript):
            return []
        self._has_told_no_consent = True
        reason, path = Reason.NO_CONSENT, Path.TRIGGER
        return [Decision(Outcome.SUPPRESSED, path, None, self._at_ms, reason)]

    def _participant(self, event: ParticipantChanged) -> list[Output]:
        if not self._attendance.change(event, self._at_ms):
            return []
        if event.speaker is not Speaker.REP and not event.is_present:
            self._understanding.left(event.identity, self._at_ms)
        if event.speaker is not Speaker.REP or not event.is_present:
            return []
        self._status_line.forget()
        return [SendHello(self.consent)]

    def _control(self, event: Control) -> list[Output]:
        match event.action:
            case ControlAction.HELLO:
                self._status_line.forget()
                return [SendHello(self.consent)]
            case ControlAction.MUTE:
                return self._understanding.mute(self._at_ms, event.seconds)
            case ControlAction.UNMUTE:
                self._understanding.unmute()
                return []
            case ControlAction.STOP:
                return self._finish(EndReason.STOPPED)
            case _:
                return self._answer(event.action)

    def _answer(self, action: ControlAction) -> list[Output]:
        """Take an answer. Whoever revokes wants it forgotten, whatever the state was."""
        if self._attendance.answer(action):
            self._has_told_no_consent = False
        if action is not ControlAction.CONSENT_REVOKED:
            return []
        self._forget()
        return [Erase()]

    # -- time -----------------------------------------------------------------------------------

    def _tick(self) -> list[Output]:
        at_ms = self._at_ms
        over = self._attendance.over(at_ms)
        if over is not None:
            return self._finish(over)
        outputs = self._understanding.delivery_tick(at_ms)
        if self._state is CallState.LISTENING:
            outputs += self._understanding.tick(at_ms)
        return outputs

    # -- what follows from every change ---------------------------------------------------------

    def _settle(self) -> list[Output]:
        """Bring state, ears and status in line with what is true now."""
        if self.is_over or self._state in (CallState.CREATED, CallState.LOADING):
            return []
        outputs: list[Output] = []
        may_listen = self._attendance.may_listen
        if self._state is CallState.LISTENING and not may_listen:
            outputs += self._pause()
        outputs += self._move(CallState.LISTENING if may_listen else CallState.WAITING)
        outputs += self._understanding.begin() if may_listen else []
        outputs += self._sense(is_open=may_listen)
        return outputs + self._tell()

    def _pause(self) -> list[Output]:
        reason = Reason.REP_ABSENT if self._attendance.is_granted else Reason.NO_CONSENT
        return self._understanding.pause(self._at_ms, reason)

    def _sense(self, *, is_open: bool) -> list[Output]:
        """Hear and see what is worth it, or nothing."""
        outputs, gone = self._attendance.sense(self._at_ms, is_open=is_open)
        self._status_line.no_longer_heard(gone)
        return outputs

    def _tell(self) -> list[Output]:
        if not self._attendance.has_rep:
            return []
        news = self._status_line.news(self._status(), self._at_ms)
        return [] if news is None else [SendStatus(news)]

    def _status(self) -> Status:
        return self._status_line.compose(self.consent, self._understanding)

    def _move(self, state: CallState) -> list[Output]:
        if state is self._state:
            return []
        self._state = state
        return [StateChanged(state)]

    def _finish(self, reason: EndReason) -> list[Output]:
        outputs = self._understanding.clear(self._at_ms, Reason.STALE)
        outputs += self._move(CallState.ENDING)
        outputs += self._sense(is_open=False)
        if self._attendance.has_rep:
            outputs.append(SendStatus(replace(self._status(), state=PanelState.ENDED)))
        return [*outputs, Finish(reason), *self._move(CallState.ENDED)]

    def _forget(self) -> None:
        """Know nothing of what was said. The budget goes, too: it holds what was decided on it."""
        self._understanding = self._understanding.afresh()
        self._status_line.lag_ms = 0
        self._attendance.spoken(self._at_ms)
