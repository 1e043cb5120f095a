"""What the rep's client may ask of the agent, and what anybody else learns: nothing."""

import inspect
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit import rtc

from coach.adapters.livekit.guard import Guard
from coach.adapters.livekit.methods import CALLS_PER_WINDOW, WINDOW_MS, Methods
from coach.adapters.livekit.panel import RpcPanel
from coach.domain.events import Ask, Control, ControlAction, Event, Feedback, FeedbackAction
from coach.domain.job import Job, Rep
from coach.domain.outputs import Answer
from fakes.clock import HandClock
from unit.livekit.sending import REP, RecordingRoom, invocation
from unit.livekit.test_panel import NUDGE


class Scene:
    """The registered methods, with what they posted and asked."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.room = RecordingRoom()
        self.clock = HandClock()
        self.posted: list[Event] = []
        self.asked: list[Ask] = []
        self._answer = answer or Answer(None)
        guard = Guard(self.room.as_room, REP)
        self.panel = RpcPanel(guard, job=Job("c", Rep(REP)), run="r", disclosure="")
        self.methods = Methods(
            guard, self.panel, clock=self.clock, post=self.posted.append, ask=self.ask
        )
        self.methods.register(self.room.as_room.local_participant)

    async def ask(self, question: Ask) -> Answer:
        self.asked.append(question)
        return self._answer

    async def call(self, method: str, fields: object, caller: str = REP) -> str:
        payload = fields if isinstance(fields, str) else json.dumps(fields)
        handler: Callable[..., Any] = self.room.local_participant.methods[method]
        result = handler(invocation(caller, payload, method))
        return str(await result if inspect.isawaitable(result) else result)

    async def refused(self, method: str, fields: object, caller: str = REP) -> int:
        with pytest.raises(rtc.RpcError) as error:
            await self.call(method, fields, caller)
        return error.value.code


async def test_feedback_on_a_known_nudge_becomes_an_event() -> None:
    scene = Scene()
    await scene.panel.nudge(NUDGE)

    fields = {"v": 1, "nudge_id": "n-1", "action": "used", "note": "good"}
    assert await scene.call("coach_feedback", fields) == "ok"

    assert scene.posted == [Feedback("n-1", FeedbackAction.USED, "good")]


async def test_feedback_on_an_unknown_nudge_is_2404() -> None:
    scene = Scene()

    assert await scene.refused("coach_feedback", {"nudge_id": "n-9", "action": "used"}) == 2404
    assert scene.posted == []


async def test_an_order_becomes_an_event() -> None:
    scene = Scene()

    assert await scene.call("coach_control", {"v": 1, "action": "mute", "seconds": 60}) == "ok"
    assert await scene.call("coach_control", {"action": "mute", "seconds": None}) == "ok"

    expected = [Control(ControlAction.MUTE, 60.0), Control(ControlAction.MUTE)]
    assert scene.posted == expected


async def test_a_question_is_answered_with_a_nudge_that_may_then_be_rated() -> None:
    scene = Scene(Answer(NUDGE))

    answer = json.loads(await scene.call("coach_ask", {"text": "encryption?"}))

    assert (answer["id"], answer["run"]) == ("n-1", "r")
    assert scene.asked == [Ask(text="encryption?")]
    assert await scene.call("coach_feedback", {"nudge_id": "n-1", "action": "useful"}) == "ok"


async def test_a_question_that_nothing_fits_is_null_and_an_unknown_card_2404() -> None:
    assert await Scene().call("coach_ask", {"text": "?"}) == "null"
    unknown = Scene(Answer(None, is_unknown_card=True))
    assert await unknown.refused("coach_ask", {"card": "nope"}) == 2404


@pytest.mark.parametrize(
    ("method", "fields", "code"),
    [
        ("coach_control", "", 2400),
        ("coach_control", "[]", 2400),
        ("coach_control", {"action": "explode"}, 2400),
        ("coach_control", {"action": "mute", "seconds": 0}, 2400),
        ("coach_control", {"action": "mute", "seconds": "60"}, 2400),
        ("coach_control", '{"action":"mute","seconds":NaN}', 2400),
        ("coach_control", {"action": "mute", "seconds": 1e9}, 2400),
        ("coach_control", {"action": "mute", "x": "x" * 2_048}, 2413),
        ("coach_control", "é" * 1_025, 2413),
        ("coach_feedback", {"action": "used"}, 2400),
        ("coach_feedback", {"nudge_id": "", "action": "used"}, 2400),
        ("coach_ask", {}, 2400),
        ("coach_ask", {"text": "a", "card": "b"}, 2400),
        ("coach_ask", {"text": ""}, 2400),
    ],
)
async def test_a_bad_payload_is_told_by_its_code(method: str, fields: object, code: int) -> None:
    scene = Scene()

    assert await scene.refused(method, fields) == code
    assert scene.posted == [] and scene.asked == []


@pytest.mark.parametrize("caller", ["buyer-1", "", "REP-1", "rep-1\x00"])
@pytest.mark.parametrize("method", ["coach_feedback", "coach_control", "coach_ask"])
def test_a_stranger_is_refused_before_anything_is_awaited(method: str, caller: str) -> None:
    """However short the answer time that a caller allows, it must not learn more than 1400."""
    scene = Scene()
    handler = scene.room.local_participant.methods[method]

    with pytest.raises(rtc.RpcError) as refused:
        handler(invocation(caller, '{"action":"stop"}', method))

    assert refused.value.code == 1400
    assert scene.posted == []


async def test_a_flood_by_the_rep_is_bounded_and_passes() -> None:
    scene = Scene()
    order = {"action": "hello"}
    for _ in range(CALLS_PER_WINDOW):
        await scene.call("coach_control", order)

    assert await scene.refused("coach_control", order) == 2429

    scene.clock.at_ms += WINDOW_MS
    assert await scene.call("coach_control", order) == "ok"


async def test_a_strangers_flood_does_not_use_up_the_reps_calls() -> None:
    scene = Scene()
    for _ in range(2 * CALLS_PER_WINDOW):
        await scene.refused("coach_control", {"action": "stop"}, caller="buyer-1")

    assert await scene.call("coach_control", {"action": "hello"}) == "ok"


@given(
    st.sampled_from(["coach_feedback", "coach_control", "coach_ask"]),
    st.text() | st.dictionaries(st.text(), st.text()).map(json.dumps),
)
async def test_any_payload_is_answered_or_refused_with_a_code_of_ours(
    method: str, payload: str
) -> None:
    try:
        await Scene().call(method, payload)
    except rtc.RpcError as error:
        assert error.code in (2400, 2404, 2413)
        assert payload not in error.message or len(payload) < 12
