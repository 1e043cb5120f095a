"""A live call on virtual time: what the call decides reaches the outside, whatever that does."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from coach.application import inbox
from coach.application.call import CallSession, Outside
from coach.domain.advice import Counsel
from coach.domain.events import (
    Ack,
    Ask,
    Control,
    ControlAction,
    Ended,
    EndReason,
    ParticipantChanged,
    ServiceChanged,
    Transcript,
    TurnCompleted,
)
from coach.domain.job import ConsentState, Job
from coach.domain.outputs import Answer, CallState, PanelState, StateChanged
from coach.domain.playbook import Advice, Battlecard, Playbook, Speaker
from coach.domain.records import Decision, Receipt
from fakes.advisor import ScriptedAdvisor
from fakes.clock import LoopClock
from fakes.matcher import PlainMatcher
from fakes.panel import HANGS, Reply, ScriptedPanel
from fakes.playbooks import moment, playbook
from fakes.room import RecordingRoom
from fakes.scene import BUYER, REP, job, new_call
from fakes.trace import RecordingTrace
from fakes.virtual_time import in_virtual_time

CARD = Battlecard("security", "Encryption", Advice("All is encrypted"))
BOOK = playbook(
    moment("low", "alpha", priority=30),
    moment("middle", "bravo", priority=50),
    moment("high", "charlie", priority=70),
    cards=[CARD],
)


class Live:
    """A call session with fakes around it."""

    def __init__(
        self,
        book: Playbook = BOOK,
        a_job: Job | None = None,
        advisor: ScriptedAdvisor | None = None,
    ) -> None:
        self.room, self.panel, self.trace = RecordingRoom(), ScriptedPanel(), RecordingTrace()
        self.call = new_call(book, a_job, turns_given=True, has_advisor=advisor is not None)
        outside = Outside(self.room, self.panel, self.trace, advisor)
        self.session = CallSession(self.call, outside, LoopClock())
        self.running: asyncio.Task[EndReason] | None = None

    @asynccontextmanager
    async def coached(self) -> AsyncIterator["Live"]:
        """Run the call with rep and buyer present; stop it at the end if it still runs."""
        self.running = asyncio.create_task(self.session.run())
        self.session.post(ParticipantChanged(REP, Speaker.REP, True, True))
        self.session.post(ParticipantChanged(BUYER, Speaker.PROSPECT, True, True))
        await asyncio.sleep(0.1)
        try:
            yield self
        finally:
            self.session.post(Control(ControlAction.STOP))
            await asyncio.wait({self.running})

    async def says(self, text: str, *, is_final: bool = True, then_seconds: float = 0.1) -> None:
        """Let the buyer say something and some time pass."""
        start_ms = self.call.at_ms
        self.session.post(Transcript(BUYER, Speaker.PROSPECT, text, is_final, start_ms))
        await asyncio.sleep(then_seconds)

    @property
    def shown(self) -> list[str]:
        return [nudge.moment for nudge in self.panel.nudges]

    @property
    def acks(self) -> list[Ack]:
        return [event for _, event in self.trace.events if isinstance(event, Ack)]


@in_virtual_time
async def test_a_nudge_reaches_the_panel_and_its_answer_the_trace() -> None:
    async with Live().coached() as live:
        live.panel.replies.append(Reply(after_seconds=0.05))
        await live.says("alpha")

    assert live.shown == ["low"]
    (receipt,) = [output for _, output in live.trace.outputs if isinstance(output, Receipt)]
    assert (receipt.reply, receipt.acknowledged_ms - receipt.sent_ms) == ("shown", 50)


@in_virtual_time
async def test_a_panel_that_hangs_delays_the_next_nudge_by_two_seconds_at_most() -> None:
    async with Live().coached() as live:
        live.panel.replies.append(HANGS)
        await live.says("alpha")
        asked_ms = live.call.at_ms
        await live.says("bravo", then_seconds=3)

    (second,) = [
        at_ms
        for at_ms, output in live.trace.outputs
        if isinstance(output, Decision) and output.moment == "middle"
    ]
    assert second - asked_ms <= 2_000
    assert live.shown[:2] == ["low", "middle"]
    assert live.panel.most_in_flight == 1


@in_virtual_time
async def test_a_panel_that_always_hangs_gets_nothing_after_a_nudges_life() -> None:
    book = playbook(replace(BOOK.moments["low"], expires_ms=5_000))
    async with Live(book).coached() as live:
        live.panel.replies = deque([HANGS] * 10)
        await live.says("alpha", then_seconds=30)

    assert live.shown == ["low"] * 3
    assert live.trace.decisions[-1].reason == "unreachable"


@in_virtual_time
async def test_hello_is_repeated_each_second_until_it_is_answered() -> None:
    live = Live()
    live.panel.unanswered_hellos = 3

    async with live.coached():
        await asyncio.sleep(10)

    assert [at_ms for at_ms, _ in live.panel.hellos] == [0, 1_000, 2_000, 3_000]


@in_virtual_time
async def test_a_repeated_hello_tells_the_newest_state_of_consent() -> None:
    """The client that answers at last must not be told what was true at the first attempt."""
    live = Live(a_job=job(ConsentState.PENDING))
    live.panel.unanswered_hellos = 2

    async with live.coached():
        live.session.post(Control(ControlAction.CONSENT_GRANTED))
        await asyncio.sleep(5)

    assert [consent for _, consent in live.panel.hellos] == ["pending", "granted", "granted"]


@in_virtual_time
async def test_of_statuses_that_wait_only_the_newest_is_sent() -> None:
    live = Live()
    live.panel.status_seconds = 0.5

    async with live.coached():
        for name in ("one", "two", "three"):
            live.session.post(ServiceChanged(name, is_up=False))
        await asyncio.sleep(2)

    assert [len(status.reasons) for _, status in live.panel.statuses[:2]] == [0, 3]


@in_virtual_time
async def test_the_ears_follow_the_call() -> None:
    async with Live().coached() as live:
        during = live.room.listening

    assert during == {REP, BUYER}
    assert live.room.listening == frozenset()


@in_virtual_time
async def test_the_last_status_goes_out_before_the_end() -> None:
    live = Live()
    live.panel.status_seconds = 0.3

    async with live.coached():
        pass

    assert live.panel.statuses[-1][1].state is PanelState.ENDED
    assert [meters["recognised_ms"] for meters in live.trace.meters] == [200]


@in_virtual_time
async def test_a_question_that_was_called_back_is_metered_all_the_same() -> None:
    """The call hears of answers only, and counted one question of three."""
    advisor = ScriptedAdvisor([(1.0, Counsel(None))])
    live = Live(advisor=advisor)
    async with live.coached():
        for _ in range(3):
            await live.says("we still do all of it on paper")
            live.session.post(TurnCompleted(BUYER, Speaker.PROSPECT))
            await asyncio.sleep(0.2)

    assert len(advisor.requests) == 3
    assert [meters["text_tokens"] for meters in live.trace.meters] == [3_000]


@in_virtual_time
async def test_the_model_is_connected_to_with_consent_and_not_before() -> None:
    advisor = ScriptedAdvisor([(1.0, Counsel(None))])
    async with Live(a_job=job(ConsentState.PENDING), advisor=advisor).coached() as live:
        await asyncio.sleep(5)
        before = advisor.connect_count
        live.session.post(Control(ControlAction.CONSENT_GRANTED))
        await asyncio.sleep(0.1)
        with_consent = advisor.connect_count

    assert (before, with_consent) == (0, 1)


@in_virtual_time
async def test_a_client_that_takes_no_status_does_not_hold_the_end_up() -> None:
    live = Live()
    async with live.coached():
        live.panel.status_seconds = 60
        live.session.post(Control(ControlAction.MUTE))
        await asyncio.sleep(0.1)
        ended_ms = live.call.at_ms

    assert live.call.state == "ended"
    assert live.trace.meters[0]["agent_ms"] - ended_ms <= 1_600


@in_virtual_time
async def test_a_nudge_on_its_way_at_the_end_has_its_receipt() -> None:
    async with Live().coached() as live:
        live.panel.replies.append(Reply(after_seconds=0.5))
        await live.says("alpha")

    (receipt,) = [output for _, output in live.trace.outputs if isinstance(output, Receipt)]
    assert (receipt.reply, receipt.acknowledged_ms - receipt.sent_ms) == ("shown", 500)
    assert [(ack.reply, ack.rev) for ack in live.acks] == [("shown", 0)]


@in_virtual_time
async def test_a_panel_that_hangs_at_the_end_does_not_hold_it_up() -> None:
    async with Live().coached() as live:
        live.panel.replies.append(HANGS)
        await live.says("alpha")
        ended_ms = live.call.at_ms

    assert live.panel.statuses[-1][1].state is PanelState.ENDED
    assert 1_500 <= live.trace.meters[0]["agent_ms"] - ended_ms <= 1_700
    assert live.acks == []


@in_virtual_time
async def test_what_a_revocation_took_back_is_not_waited_for() -> None:
    async with Live().coached() as live:
        start_ms = live.call.at_ms
        live.session.post(Transcript(BUYER, Speaker.PROSPECT, "alpha", True, start_ms))
        live.session.post(Control(ControlAction.CONSENT_REVOKED))  # before anything was sent
        await asyncio.sleep(1)
        ended_ms = live.call.at_ms

    assert live.shown == []
    assert live.trace.meters[0]["agent_ms"] - ended_ms <= 1_100


@in_virtual_time
async def test_the_reason_of_the_end_is_returned() -> None:
    live = Live()
    async with live.coached():
        live.session.post(Ended())
        await asyncio.sleep(0)

    assert live.running is not None
    assert live.running.result() is EndReason.ROOM_CLOSED


@in_virtual_time
async def test_a_call_without_anybody_ends_by_itself() -> None:
    live = Live()

    reason = await live.session.run()

    assert reason is EndReason.REP_ABSENT
    assert live.trace.meters[0]["agent_ms"] == 300_000


@in_virtual_time
async def test_an_absent_rep_is_told_once_and_not_while_who_is_there_is_still_being_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "coach")
    live = Live()
    running = asyncio.create_task(live.session.run())
    live.session.post(ParticipantChanged(BUYER, Speaker.PROSPECT, True, True))
    live.session.post(ParticipantChanged(REP, Speaker.REP, True, True))
    await asyncio.sleep(1)
    assert "call waits for its rep" not in caplog.messages

    live.session.post(ParticipantChanged(REP, Speaker.REP, False, False))
    await asyncio.sleep(60)
    live.session.post(ParticipantChanged(BUYER, Speaker.PROSPECT, False, False))
    await running

    assert caplog.messages.count("call waits for its rep") == 1


@in_virtual_time
async def test_a_question_gets_its_answer() -> None:
    async with Live().coached() as live:
        answer = await live.session.ask(Ask(text="encryption?"))
        nothing = await live.session.ask(Ask(text="weather"))
        unknown = await live.session.ask(Ask(card="nope"))

    assert answer.nudge is not None and answer.nudge.headline == "All is encrypted"
    assert nothing == Answer(None)
    assert unknown.is_unknown_card


@in_virtual_time
async def test_a_question_at_the_end_of_a_call_is_not_left_waiting() -> None:
    """Whoever asked in the call's last moment waited for ever."""
    async with Live().coached() as live:
        live.session.post(Control(ControlAction.STOP))
        answer = await live.session.ask(Ask(text="encryption?"))
    late = await live.session.ask(Ask(text="encryption?"))

    assert answer == late == Answer(None)


class BrokenMatcher(PlainMatcher):
    def in_words(self, *args: Any, **kwargs: Any) -> Any:
        raise ZeroDivisionError("that is way over our budget")


def break_call(live: Live) -> None:
    live.call._understanding._coaching._matcher = BrokenMatcher(BOOK)


@in_virtual_time
async def test_a_broken_call_ends_closes_its_ears_and_keeps_its_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    live = Live()
    async with live.coached():
        break_call(live)
        await live.says("that is way over our budget")

    assert live.running is not None
    assert live.running.result() is EndReason.FAILED
    assert live.room.listening == frozenset()
    assert len(live.trace.meters) == 1
    assert [record.message for record in caplog.records] == ["call failed"]
    assert vars(caplog.records[0])["error_type"] == "ZeroDivisionError"
    assert "budget" not in caplog.text


@in_virtual_time
async def test_a_question_to_a_call_that_breaks_is_not_left_waiting() -> None:
    live = Live()
    async with live.coached():
        live.call._asking._matcher = BrokenMatcher(BOOK)
        answer = await live.session.ask(Ask(text="encryption?"))

    assert answer == Answer(None)


@in_virtual_time
async def test_a_cancelled_call_closes_ears_and_trace_and_leaves_no_task() -> None:
    live = Live()
    async with live.coached():
        live.panel.replies.append(HANGS)
        await live.says("alpha")
        in_flight = live.panel.in_flight
        assert live.running is not None
        live.running.cancel()
        await asyncio.wait({live.running})

    assert in_flight == 1
    assert live.panel.in_flight == 0
    assert live.running.cancelled()
    assert live.room.listening == frozenset()
    assert len(live.trace.meters) == 1


@in_virtual_time
async def test_the_end_leaves_no_nudge_in_flight() -> None:
    live = Live()
    async with live.coached():
        live.panel.replies.append(Reply(after_seconds=100))
        await live.says("alpha")

    assert live.panel.in_flight == 0
    assert live.acks == []


@in_virtual_time
async def test_a_nudge_that_was_not_sent_yet_is_taken_back_by_a_revocation() -> None:
    """Both came in one go: the sender had no chance to run in between."""
    async with Live().coached() as live:
        live.session.post(Transcript(BUYER, Speaker.PROSPECT, "alpha", True, 0))
        live.session.post(Control(ControlAction.CONSENT_REVOKED))
        await asyncio.sleep(5)

    assert live.shown == []
    assert live.trace.erased_count == 1


@in_virtual_time
async def test_words_that_come_late_after_a_revocation_reach_neither_call_nor_trace() -> None:
    async with Live().coached() as live:
        live.session.post(Control(ControlAction.CONSENT_REVOKED))
        await live.says("alpha")
        live.session.post(TurnCompleted(BUYER, Speaker.PROSPECT))
        await asyncio.sleep(0.1)

    kept = [event for _, event in live.trace.events]
    assert not [event for event in kept if isinstance(event, Transcript | TurnCompleted)]
    assert live.trace.decisions == []


@in_virtual_time
async def test_after_a_second_grant_a_new_nudge_waits_for_the_old_attempt_only() -> None:
    async with Live().coached() as live:
        live.panel.replies.append(HANGS)
        await live.says("alpha")
        live.session.post(Control(ControlAction.CONSENT_REVOKED))
        live.session.post(Control(ControlAction.CONSENT_GRANTED))
        await live.says("bravo", then_seconds=3)

    assert live.shown == ["low", "middle"]
    assert live.panel.most_in_flight == 1


@in_virtual_time
async def test_a_flood_of_partials_costs_partials_and_not_the_final() -> None:
    """The inbox is full once: the oldest partials are given up, and the call goes on."""
    async with Live().coached() as live:
        for number in range(inbox.INBOX_LIMIT + 50):
            partial = Transcript(BUYER, Speaker.PROSPECT, f"so {number}", False, 0)
            live.session.post(partial)
        live.session.post(Transcript(BUYER, Speaker.PROSPECT, "charlie", True, 0))
        await asyncio.sleep(0.1)
        lost_count = live.session._inbox.lost_count

    assert lost_count == 51
    assert live.shown == ["high"]


@in_virtual_time
async def test_lost_trace_lines_show_on_the_status_once() -> None:
    async with Live().coached() as live:
        live.trace.lost_count = 3
        await live.says("hello")
        live.trace.lost_count = 9
        await live.says("hello")

    services = [event for _, event in live.trace.events if isinstance(event, ServiceChanged)]
    assert services == [ServiceChanged("trace", is_up=False)]
    assert live.panel.statuses[-2][1].reasons == ("trace_down",)


@in_virtual_time
async def test_a_call_without_a_trace_is_coached_all_the_same() -> None:
    live = Live()
    live.session = CallSession(live.call, Outside(live.room, live.panel), LoopClock())
    async with live.coached():
        await live.says("alpha")
        live.session.post(Control(ControlAction.CONSENT_REVOKED))
        await asyncio.sleep(0.1)

    assert live.shown == ["low"]


@in_virtual_time
async def test_what_came_while_the_call_was_busy_is_kept_with_the_calls_own_time() -> None:
    """Participants are reported before the call is ready, and lines are in order of time."""
    live = Live()
    live.session.post(ParticipantChanged(REP, Speaker.REP, True, True))
    await asyncio.sleep(0.3)

    async with live.coached():
        await live.says("alpha")

    lines = [at_ms for at_ms, _ in live.trace.events]
    ready_ms = next(at for at, o in live.trace.outputs if o == StateChanged(CallState.WAITING))
    assert lines == sorted(lines)
    assert lines[0] == ready_ms == 300
