"""One call on a real server: who is heard when, and who is told."""

import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from livekit import rtc

from coach.adapters.speech.liveness import PING_AFTER_SECONDS
from coach.cli.ports import free_port
from integration.livekit_server import LiveKit, running_livekit
from integration.people import OTHER_HZ, PROSPECT_HZ, REP_HZ, joined
from integration.recogniser import ScriptedRecogniser, listen_url, scripted_recogniser
from integration.rep_panel import RepPanel
from integration.rooms import agents_in, dispatch, metadata
from integration.servers import open_call
from integration.waiting import eventually, never
from integration.worker_process import Worker, running_worker

# The SDK drops some handles of a client twice when it leaves a room; only tests notice.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FfiHandle")

BUDGET = "that is way over our budget"
MUTE_SECONDS = 10.0
NOTICED_SECONDS = 1.5 * PING_AFTER_SECONDS
"""A frozen recogniser: a ping, and half as long again for its answer."""
KEPT_SECONDS, SLACK_SECONDS = 1.0, 0.6
"""Audio that may wait for a recogniser; and what the transport may deliver in one go."""


@dataclass(frozen=True)
class Backbone:
    """What all tests of this module share."""

    livekit: LiveKit
    worker: Worker
    port: int


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backbone]:
    folder: Path = tmp_path_factory.mktemp("backbone")
    port = free_port()
    with running_livekit(folder) as livekit:
        environment = {"COACH_STT_BASE_URL": listen_url(port)}
        with running_worker(folder, livekit, environment) as worker:
            yield Backbone(livekit, worker, port)


@pytest.fixture
async def recogniser(backbone: Backbone) -> AsyncIterator[ScriptedRecogniser]:
    async with scripted_recogniser(backbone.port) as recogniser:
        yield recogniser


def has_attribute(room: rtc.Room, identity: str) -> bool:
    participant = room.remote_participants.get(identity)
    return participant is not None and bool(participant.attributes)


async def test_partial_words_become_a_nudge_for_the_rep_and_nobody_else(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    async with open_call(backbone.livekit, recogniser, "nudge", call_id="c-1") as call:
        overheard = RepPanel().register(call.prospect)

        await call.says(PROSPECT_HZ, BUDGET)
        await eventually(lambda: call.panel.nudges, "a nudge")

        [nudge] = call.panel.nudges
        assert (nudge["moment"], nudge["call_id"]) == ("price_objection", "c-1")
        assert nudge["evidence"]["identity"] == "buyer-1"
        assert nudge["evidence"]["end_ms"] <= nudge["created_ms"]
        assert call.panel.callers == {call.agent}
        assert not (overheard.nudges or overheard.hellos or overheard.statuses)


async def test_both_sides_are_heard_on_streams_of_their_own(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    async with open_call(backbone.livekit, recogniser, "sides"):
        ours = await recogniser.stream_of(REP_HZ)
        theirs = await recogniser.stream_of(PROSPECT_HZ)

        assert ours is not theirs
        assert len(recogniser.open_streams) == 2
        assert theirs.query["mip_opt_out"] == "true"


async def test_nothing_is_heard_before_consent_and_nothing_after_it_is_revoked(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    consent = {"state": "pending", "policy": "call"}
    async with open_call(backbone.livekit, recogniser, "consent", consent=consent) as call:
        await call.wait_for_status(state="waiting_for_consent")
        await never(lambda: recogniser.streams, "a stream before consent", 1.0)

        assert await call.control("consent_granted") == "ok"
        await recogniser.stream_of(PROSPECT_HZ)

        assert await call.control("consent_revoked") == "ok"
        await eventually(lambda: not recogniser.open_streams, "all streams close", 2.0)
        await call.wait_for_status(state="waiting_for_consent", consent="revoked")


async def test_a_rep_who_is_not_transcribed_is_not_subscribed_to(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    async with open_call(backbone.livekit, recogniser, "one-sided", transcribe_rep=False):
        await recogniser.stream_of(PROSPECT_HZ)

        await never(lambda: len(recogniser.streams) > 1, "a second stream", 1.0)


async def test_a_muted_microphone_closes_its_stream_and_is_heard_again_when_unmuted(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    async with (
        open_call(backbone.livekit, recogniser, "mute", transcribe_rep=False) as call,
    ):
        first = await recogniser.stream_of(PROSPECT_HZ)
        microphone = call.prospect.microphone

        microphone.track.mute()
        await eventually(lambda: not first.is_open, "the muted stream closes", MUTE_SECONDS)
        microphone.track.unmute()

        second = await recogniser.stream_of(PROSPECT_HZ)
        assert second is not first
        await second.say(BUDGET)
        await eventually(lambda: call.panel.nudges, "a nudge after unmuting")


async def test_a_short_mute_keeps_the_stream(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    async with open_call(backbone.livekit, recogniser, "cough", transcribe_rep=False) as call:
        stream = await recogniser.stream_of(PROSPECT_HZ)

        call.prospect.microphone.track.mute()
        await never(lambda: not stream.is_open, "closed at once", 1.0)
        call.prospect.microphone.track.unmute()
        await never(lambda: len(recogniser.streams) > 1, "a second stream", 4.0)

        assert stream.is_open


async def test_a_microphone_published_again_is_heard_again(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    async with open_call(backbone.livekit, recogniser, "again", transcribe_rep=False) as call:
        first = await recogniser.stream_of(PROSPECT_HZ)

        await call.prospect.microphone.unpublish()
        await call.prospect.publish_microphone(OTHER_HZ)

        second = await recogniser.stream_of(OTHER_HZ)
        assert second is not first
        await eventually(lambda: not first.is_open, "the first stream closes")
        await second.say(BUDGET)
        await eventually(lambda: call.panel.nudges, "a nudge on the new track")


async def test_last_words_of_a_track_that_ended_still_count(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    async with open_call(backbone.livekit, recogniser, "last", transcribe_rep=False) as call:
        stream = await recogniser.stream_of(PROSPECT_HZ)
        await stream.say("well then")

        await call.prospect.microphone.unpublish()
        await eventually(lambda: stream.pitch_hz == 0, "silence follows the last audio")
        await stream.say(BUDGET, is_final=True)

        await eventually(lambda: call.panel.nudges, "a nudge for the last words")


async def test_a_second_microphone_and_other_sources_are_ignored(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    async with open_call(backbone.livekit, recogniser, "second", transcribe_rep=False) as call:
        await recogniser.stream_of(PROSPECT_HZ)

        await call.prospect.publish_microphone(OTHER_HZ)
        await call.prospect.publish_microphone(
            OTHER_HZ, source=rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO
        )

        await never(lambda: len(recogniser.streams) > 1, "a second stream", 1.5)


async def test_late_comers_on_the_telephone_are_prospects_and_agents_are_not_heard(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    livekit = backbone.livekit
    async with open_call(livekit, recogniser, "late", transcribe_rep=False) as call:
        await recogniser.stream_of(PROSPECT_HZ)
        telephone = livekit.token("sip-1", "late", kind="sip")
        robot = livekit.token("robot", "late", kind="agent")
        async with (
            joined(livekit, "sip-1", "late", telephone) as caller,
            joined(livekit, "robot", "late", robot) as machine,
        ):
            await machine.publish_microphone(500)
            await caller.publish_microphone(OTHER_HZ)

            await call.says(OTHER_HZ, BUDGET)
            await eventually(lambda: call.panel.nudges, "a nudge on the caller's words")

            assert call.panel.nudges[0]["evidence"]["identity"] == "sip-1"
            assert len(recogniser.open_streams) == 2


async def test_audio_that_waits_for_a_slow_recogniser_is_bounded_and_the_oldest_goes(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    recogniser.answers_after_seconds = 3.0
    async with open_call(backbone.livekit, recogniser, "slow", transcribe_rep=False):
        [stream] = await eventually(lambda: recogniser.streams, "a stream")
        await eventually(lambda: stream.audio_seconds > 2, "two seconds of audio")

        open_seconds = time.monotonic() - stream.opened_at
        assert stream.audio_seconds < open_seconds + KEPT_SECONDS + SLACK_SECONDS


async def test_a_prospect_who_hangs_up_and_calls_again_is_heard_again(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    async with open_call(backbone.livekit, recogniser, "again", transcribe_rep=False) as call:
        for number in (1, 2):
            async with joined(backbone.livekit, "buyer-2", "again") as caller:
                await caller.publish_microphone(OTHER_HZ)
                await call.says(OTHER_HZ, f"words of visit {number}", is_final=True)
            await eventually(lambda: len(recogniser.open_streams) == 1, "the stream closes")

        assert len([stream for stream in recogniser.streams if not stream.is_open]) == 2


@pytest.mark.parametrize(
    "scenario",
    [
        rtc.SimulateScenarioKind.SIMULATE_SIGNAL_RECONNECT,
        rtc.SimulateScenarioKind.SIMULATE_FULL_RECONNECT,
    ],
)
async def test_a_prospect_whose_connection_broke_is_heard_again(
    backbone: Backbone,
    recogniser: ScriptedRecogniser,
    scenario: rtc.SimulateScenarioKind.ValueType,
) -> None:
    name = f"broken-{scenario}"
    async with open_call(backbone.livekit, recogniser, name, transcribe_rep=False) as call:
        await recogniser.stream_of(PROSPECT_HZ)

        await call.prospect.room.simulate_scenario(scenario)
        await call.says(PROSPECT_HZ, BUDGET)
        await eventually(lambda: call.panel.nudges, "a nudge after the connection is back")

        assert len(recogniser.open_streams) == 1


async def test_while_the_rep_is_absent_nobody_is_heard(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    livekit = backbone.livekit
    async with joined(livekit, "buyer-1", "absent") as prospect:
        await prospect.publish_microphone(PROSPECT_HZ)
        await dispatch(livekit, "absent", metadata())
        await eventually(lambda: agents_in(prospect.room), "the agent joins")
        await never(lambda: recogniser.streams, "a stream without the rep", 1.0)

        async with joined(livekit, "rep-1", "absent") as rep:
            panel = RepPanel().register(rep)
            await recogniser.stream_of(PROSPECT_HZ)
            await eventually(lambda: panel.hellos, "hello to the rep")

        await eventually(lambda: not recogniser.open_streams, "streams close when the rep left")


async def test_a_recogniser_that_drops_and_refuses_is_told_and_found_again(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    async with open_call(backbone.livekit, recogniser, "drop", transcribe_rep=False) as call:
        stream = await recogniser.stream_of(PROSPECT_HZ)

        recogniser.refuses = True
        await stream.close()
        degraded = await call.wait_for_status(state="degraded")
        assert "stt_down" in degraded["reasons"]
        recogniser.refuses = False

        found = await recogniser.stream_of(PROSPECT_HZ)
        better = await call.wait_for_status(state="listening")
        assert "stt_down" not in better["reasons"]
        await found.say(BUDGET)
        await eventually(lambda: call.panel.nudges, "a nudge after the recogniser is back")
        assert found.audio_seconds < 5, "audio of the gap is dropped, not sent late"


async def test_words_keep_the_calls_time_after_the_recogniser_was_away(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    async with open_call(backbone.livekit, recogniser, "times", transcribe_rep=False) as call:
        stream = await recogniser.stream_of(PROSPECT_HZ)
        await stream.close()
        await call.wait_for_status(state="degraded")

        await call.says(PROSPECT_HZ, BUDGET)
        await eventually(lambda: call.panel.nudges, "a nudge")

        nudge = call.panel.nudges[0]
        assert 0 <= nudge["created_ms"] - nudge["evidence"]["end_ms"] < 400


async def test_one_speakers_lost_stream_leaves_the_other_alone(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    async with open_call(backbone.livekit, recogniser, "alone") as call:
        ours = await recogniser.stream_of(REP_HZ)
        theirs = await recogniser.stream_of(PROSPECT_HZ)

        recogniser.refuses = True
        await ours.close()
        await call.wait_for_status(state="degraded")
        await theirs.say(BUDGET)

        await eventually(lambda: call.panel.nudges, "a nudge on the other stream")
        recogniser.refuses = False


async def test_a_recogniser_that_freezes_is_given_up_and_the_other_speaker_is_heard(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    async with open_call(backbone.livekit, recogniser, "frozen") as call:
        ours = await recogniser.stream_of(REP_HZ)
        theirs = await recogniser.stream_of(PROSPECT_HZ)
        await theirs.say("hello")

        theirs.freeze()
        degraded = await call.wait_for_status(NOTICED_SECONDS + 3, state="degraded")
        assert "stt_down" in degraded["reasons"]
        assert ours.is_open

        again = await recogniser.stream_of(PROSPECT_HZ)
        assert again is not theirs and again.audio_seconds < 5
        await call.wait_for_status(state="listening")
        await again.say(BUDGET)
        await eventually(lambda: call.panel.nudges, "a nudge")
        assert len(recogniser.streams) == 3


async def test_a_recogniser_that_lives_and_says_nothing_is_not_given_up(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    """Both speak on and on, in tones that are no words."""
    async with open_call(backbone.livekit, recogniser, "music") as call:
        await recogniser.stream_of(REP_HZ)
        await recogniser.stream_of(PROSPECT_HZ)

        await never(lambda: len(recogniser.streams) > 2, "begun anew", 2 * NOTICED_SECONDS)
        assert all(status["state"] != "degraded" for status in call.panel.statuses)


async def test_somebody_with_the_simulators_attribute_who_leaves_does_not_end_the_job(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    livekit = backbone.livekit
    async with open_call(livekit, recogniser, "simulator", transcribe_rep=False) as call:
        token = livekit.token("sim", "simulator", can_update_own_metadata=True)
        async with joined(livekit, "sim", "simulator", token) as simulator:
            await simulator.room.local_participant.set_attributes({"lk.simulator": "true"})
            await eventually(lambda: has_attribute(call.rep.room, "sim"), "the attribute is set")
        await eventually(
            lambda: "sim" not in call.rep.room.remote_participants, "the simulator has left"
        )

        await call.says(PROSPECT_HZ, BUDGET)
        await eventually(lambda: call.panel.nudges, "the job lives")


async def test_a_stranger_cannot_tell_the_agents_methods_from_missing_ones(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    async with open_call(backbone.livekit, recogniser, "stranger") as call:
        answers = set()
        for method in ("coach_control", "coach_feedback", "coach_ask", "no_such_method"):
            with pytest.raises(rtc.RpcError) as refused:
                await call.ask_agent(method, {"action": "stop"}, caller=call.prospect)
            error = refused.value
            answers.add((error.code, error.message, error.data))

        assert len(answers) == 1
        assert answers.pop()[0] == rtc.RpcError.ErrorCode.UNSUPPORTED_METHOD


async def test_the_reps_orders_are_checked_and_obeyed(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    async with open_call(backbone.livekit, recogniser, "orders") as call:
        for payload, code in (
            ("{", 2400),
            ({"action": "dance"}, 2400),
            ({"action": "mute", "note": "x" * 3_000}, 2413),
        ):
            with pytest.raises(rtc.RpcError) as refused:
                await call.ask_agent("coach_control", payload)
            assert refused.value.code == code
        with pytest.raises(rtc.RpcError) as unknown:
            await call.ask_agent("coach_feedback", {"nudge_id": "n-0", "action": "useful"})
        assert unknown.value.code == 2404

        assert await call.control("mute", seconds=60) == "ok"
        await eventually(lambda: call.panel.status.get("muted_until_ms"), "the status says muted")
        assert await call.control("stop") == "ok"
        await call.has_ended()
        assert call.panel.status["state"] == "ended"


async def test_the_agent_is_open_about_itself_and_can_publish_nothing(
    backbone: Backbone, recogniser: ScriptedRecogniser
) -> None:
    async with open_call(backbone.livekit, recogniser, "visible") as call:
        await eventually(lambda: agents_in(call.prospect.room), "the prospect sees the agent")

        [agent] = agents_in(call.prospect.room)
        assert agent.name == "Call assistant"
        assert agent.identity.startswith("call-assistant-AJ_")
        assert not agent.track_publications
        assert agent.permissions is not None
        assert not agent.permissions.can_publish
        assert not agent.permissions.can_update_metadata
