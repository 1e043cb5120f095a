"""What a hostile prospect gets out of a real call on a real server: nothing.

Two calls are held, one with a prospect who only speaks, leaves and comes back, and one with a
prospect who besides tries every door. See `acceptance/privacy/doors_*.py` for the doors.
"""

import asyncio
import json
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from acceptance.privacy.advised import BRIGHT, FIFTY, NUDGES, brightness
from acceptance.privacy.attacker import AGENT_METHODS, MISSING_METHOD, PANEL_METHODS, WROTE
from acceptance.privacy.call import DOORS_BY_ROUND, VOICES_HZ, Seen, Stage, hold_call
from acceptance.privacy.canaries import canary, find_canaries
from acceptance.privacy.doors_data import STREAMS_IN_FLOOD
from acceptance.privacy.doors_media import LATER_HZ
from acceptance.privacy.evidence import NOT_SUPPORTED, Evidence
from acceptance.privacy.playbook import CARD
from acceptance.privacy.prospect import HUMANS, REP
from acceptance.privacy.revoking import leaves_recogniser_open
from acceptance.privacy.stages import HTTP_LOGGERS, our_stage
from coach_terminal.messages import CoachState, Consent

# The SDK drops some handles of a client twice when it leaves a room; only tests notice.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FfiHandle")

FACTOR, SLACK_SECONDS = 3.0, 0.01
"""A refusal may take this much longer than one by the native library, on a busy machine.

On a quiet one the difference is 0.3 to 0.7 ms of some 3 ms: the native library answers for a
missing method by itself, and for a registered one it asks Python.
"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with our_stage(tmp_path_factory.mktemp("privacy")) as stage:
        yield stage


@pytest.fixture(scope="module")
def quiet(stage: Stage) -> Seen:
    return asyncio.run(hold_call(stage, "quiet", is_hostile=False))


@pytest.fixture(scope="module")
def hostile(stage: Stage, quiet: Seen) -> Seen:
    return asyncio.run(hold_call(stage, "hostile", is_hostile=True))


@pytest.fixture(scope="module")
def quiet_evidence(quiet: Seen) -> Evidence:
    return Evidence.read(quiet.records, HUMANS)


@pytest.fixture(scope="module")
def evidence(hostile: Seen) -> Evidence:
    return Evidence.read(hostile.records, HUMANS)


@pytest.fixture(scope="module")
def log(stage: Stage, hostile: Seen) -> bytes:
    return stage.worker.log.read_bytes() + stage.worker.errors.read_bytes()


def outcome(seen: Seen, door: str, name: str) -> Any:
    return seen.outcomes[door][name]


# -- what reaches the prospect ------------------------------------------------------------------


def test_no_canary_reaches_a_prospect_who_only_takes_part(quiet_evidence: Evidence) -> None:
    assert dict(quiet_evidence.canaries) == {}


def test_no_canary_reaches_a_prospect_who_tries_every_door(evidence: Evidence) -> None:
    assert dict(evidence.canaries) == {}


def test_nothing_but_presence_reaches_a_prospect_who_only_takes_part(
    quiet_evidence: Evidence,
) -> None:
    assert quiet_evidence.findings() == []
    assert quiet_evidence.packets == []


def test_nothing_but_presence_and_refusals_reaches_a_prospect_who_tries_every_door(
    evidence: Evidence,
) -> None:
    assert evidence.findings() == []
    assert evidence.packet_kinds() <= {"rpc_ack", "rpc_response"}


def test_the_observer_was_awake_on_every_layer(hostile: Seen, evidence: Evidence) -> None:
    [agent] = evidence.agents_seen()

    assert agent.encode() in evidence.signal
    assert {"rpc_ack", "rpc_response"} <= evidence.packet_kinds()
    assert len(evidence.events) > 1_000
    assert all(each["unread"] == 0 for each in hostile.outcomes.values())


def test_the_secrets_were_there_to_be_leaked(quiet: Seen) -> None:
    shown = repr((quiet.nudges(), quiet.statuses(), quiet.hellos(), quiet.answers)).encode()

    names = ("roundi", "ownwords", "detail", "say", "guidanceopening", "guidancediscovery")
    assert find_canaries(shown) >= {*names, "disclosure", "cardheadline", "carddetail", "cardsay"}
    assert find_canaries(shown) >= {
        "modelheadline",
        "modeldetail",
        "modelsay",
        "outcome",
        "nextstep",
    }
    asked = json.dumps([question.body for question in quiet.questions]).encode()
    assert find_canaries(asked) >= {"bar", "askedofmodel", "quotedrep", "crmnote", "crmabout"}
    assert find_canaries(json.dumps(quiet.outcomes_written).encode()) == {"outcome", "nextstep"}
    assert any(question.images for question in quiet.questions)


def test_every_door_was_tried(hostile: Seen) -> None:
    doors = {door for doors in DOORS_BY_ROUND for door in doors} - {"read_aloud"}
    attempts = [
        text
        for door in ("session_requests", "chat", "more_tracks", "false_names")
        for text in outcome(hostile, door, "done")
    ]

    assert doors <= hostile.outcomes.keys()
    assert set(attempts) == {"done"}
    assert outcome(hostile, "flood", "done")["done"] > 1_000


# -- what the rep sees --------------------------------------------------------------------------


def test_the_rep_is_shown_the_same_whether_or_not_the_prospect_attacks(
    quiet: Seen, hostile: Seen
) -> None:
    assert hostile.nudges() == quiet.nudges()
    assert hostile.statuses() == quiet.statuses()
    assert hostile.answers == quiet.answers
    assert [hello[1:] for hello in hostile.hellos()] == [hello[1:] for hello in quiet.hellos()]


@pytest.mark.parametrize("kind", ["quiet", "hostile"])
def test_every_moment_becomes_one_nudge_in_time(kind: str, request: pytest.FixtureRequest) -> None:
    seen: Seen = request.getfixturevalue(kind)

    assert seen.missed_rounds == []
    moments = [nudge.moment for nudge in seen.nudges()]
    advised = [moment for _, moment, _ in NUDGES]
    rounds = [f"round_{n}" for n in range(len(DOORS_BY_ROUND))]
    assert moments == ["own_words", *advised, *rounds]
    assert [answer.source.id for answer in seen.answers if answer and answer.source] == [
        CARD
    ] * len(DOORS_BY_ROUND)


def test_the_panel_refuses_the_prospect_as_if_it_had_no_such_method(hostile: Seen) -> None:
    replies = outcome(hostile, "spoofed_panel", "replies")

    assert replies.keys() == {*PANEL_METHODS, MISSING_METHOD}
    assert all(reply == list(NOT_SUPPORTED) for each in replies.values() for reply in each)
    assert hostile.refused_count >= 3 * len(PANEL_METHODS)


def test_nothing_that_the_prospect_wrote_is_shown_to_the_rep(hostile: Seen) -> None:
    shown = repr((hostile.nudges(), hostile.statuses(), hostile.hellos(), hostile.answers))

    assert WROTE not in shown


@pytest.mark.parametrize("kind", ["quiet", "hostile"])
def test_the_second_engine_took_part(kind: str, request: pytest.FixtureRequest) -> None:
    seen: Seen = request.getfixturevalue(kind)

    of_model = [nudge for nudge in seen.nudges() if nudge.path == "tool"]
    assert [(nudge.path, nudge.moment, nudge.rev) for nudge in of_model] == NUDGES
    assert len(seen.outcomes_written) == 1


def test_a_command_that_the_model_obeys_is_not_shown_to_the_rep(hostile: Seen) -> None:
    commanded = [question for question in hostile.questions if FIFTY in question.user]
    shown = repr((hostile.nudges(), hostile.statuses(), hostile.hellos(), hostile.answers))

    assert commanded
    assert FIFTY not in shown
    assert "fifty" not in shown.lower()


# -- what the prospect can do -------------------------------------------------------------------


def test_nothing_is_heard_until_the_rep_has_consented(quiet: Seen, hostile: Seen) -> None:
    assert not quiet.heard_before_consent
    assert not hostile.heard_before_consent


def test_nothing_is_heard_after_the_rep_has_revoked(quiet: Seen, hostile: Seen) -> None:
    assert not quiet.heard_after_revocation
    assert not hostile.heard_after_revocation


def test_nothing_is_seen_and_no_model_asked_until_the_rep_has_consented(
    quiet: Seen, hostile: Seen
) -> None:
    assert not quiet.seen_before_consent
    assert not hostile.seen_before_consent


def test_no_frame_is_kept_after_the_rep_has_revoked(quiet: Seen, hostile: Seen) -> None:
    assert not quiet.seen_after_revocation
    assert not hostile.seen_after_revocation


def test_only_the_reps_screen_is_ever_seen(hostile: Seen, evidence: Evidence) -> None:
    assert hostile.is_screen_seen
    assert not hostile.is_camera_seen
    assert evidence.subscribed_tracks()
    assert outcome(hostile, "more_tracks", "share") not in evidence.subscribed_tracks()
    assert hostile.pictures
    assert all(brightness(picture) > BRIGHT for picture in hostile.pictures)


def test_who_leaves_while_the_rep_revokes_leaves_no_recogniser_behind(stage: Stage) -> None:
    """A cancelled ear was cancelled again in its own closing; its connection stayed open."""
    left_open = asyncio.run(leaves_recogniser_open(stage, "revoked"))

    assert not left_open


def test_the_agents_methods_refuse_the_prospect_as_if_they_did_not_exist(hostile: Seen) -> None:
    replies = outcome(hostile, "methods", "replies")

    assert replies.keys() == {*AGENT_METHODS, MISSING_METHOD}
    assert all(reply == list(NOT_SUPPORTED) for reply in replies[MISSING_METHOD])
    assert all(replies[method] == replies[MISSING_METHOD] for method in AGENT_METHODS)


def test_handmade_calls_of_any_form_are_answered_as_if_no_method_existed(
    hostile: Seen, evidence: Evidence
) -> None:
    requests: dict[str, list[str]] = outcome(hostile, "handmade_calls", "requests")

    answers: dict[tuple[str, str], set[object]] = {}
    for request_id, (to, _, form) in requests.items():
        answers.setdefault((to, form), set()).add(evidence.answers().get(request_id))

    assert {to for to, _ in answers} > {REP}
    assert all(len(each) == 1 and None not in each for each in answers.values())


def test_refusals_take_about_as_long_as_those_of_missing_methods(hostile: Seen) -> None:
    seconds: dict[str, list[float]] = outcome(hostile, "timings", "seconds")
    median = {method: statistics.median(taken) for method, taken in seconds.items()}

    for method in AGENT_METHODS:
        assert median[method] < FACTOR * median[MISSING_METHOD] + SLACK_SECONDS


def test_second_microphone_shared_sound_and_forged_audio_are_heard_by_nobody(
    hostile: Seen,
) -> None:
    assert not hostile.tones_hz & set(LATER_HZ.values())
    assert hostile.tones_hz == set(VOICES_HZ)


def test_one_agent_stays_until_the_rep_ends_the_call(hostile: Seen) -> None:
    presences = hostile.agents()

    assert [is_present for _, is_present in presences] == [True, False]
    assert len({identity for identity, _ in presences}) == 1
    assert hostile.has_ended
    assert hostile.statuses()[-1][:2] == (CoachState.ENDED, Consent.REVOKED)


# -- logs ---------------------------------------------------------------------------------------


def test_no_canary_stands_in_the_workers_logs(log: bytes) -> None:
    assert b"call over" in log
    assert b'"level": "DEBUG"' in log
    assert find_canaries(log) == set()


def test_nothing_that_the_prospect_wrote_stands_in_the_workers_logs(log: bytes) -> None:
    assert WROTE.encode() not in log


def test_model_and_crm_have_their_lines_in_the_workers_logs(log: bytes) -> None:
    """Else it would prove nothing that no canary stands in them."""
    for name in HTTP_LOGGERS:
        assert f'"name": "{name}'.encode() in log


def test_what_is_kept_of_revoked_calls_holds_nothing_that_was_said_or_shown(
    stage: Stage, hostile: Seen
) -> None:
    traces = {path: path.read_bytes() for path in stage.traces.rglob("*") if path.is_file()}

    assert len(traces) >= 2
    for path, kept in traces.items():
        assert path.suffix == ".jsonl"
        assert find_canaries(kept) <= {"jobrepname", "jobaccount", "jobaccountid", "jobtenant"}
        assert FIFTY.encode() not in kept


def test_no_name_of_a_file_holds_a_canary(stage: Stage, hostile: Seen) -> None:
    names = "\n".join(str(path) for path in stage.folder.rglob("*"))

    assert "dossiers" in names
    assert find_canaries(names.encode()) == set()
    assert WROTE not in names


def test_a_flood_of_streams_does_not_flood_the_log(log: bytes) -> None:
    assert b'"next_are_left_out": true' in log
    assert 0 < log.count(b"ignoring a data stream") < STREAMS_IN_FLOOD


def test_a_canary_in_a_log_would_be_found(tmp_path: Path) -> None:
    line = b'{"message": "call over", "level": "DEBUG", "quote": "%s"}' % canary("quote").encode()

    assert find_canaries(line) == {"quote"}
