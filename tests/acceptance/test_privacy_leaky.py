"""The observer is worth its name: a worker that leaks, as plain ones do, is caught by it."""

import asyncio
from collections.abc import Iterator

import pytest

from acceptance.privacy.attacker import MISSING_METHOD
from acceptance.privacy.call import Seen, Stage
from acceptance.privacy.evidence import NOT_SUPPORTED, Evidence
from acceptance.privacy.leaking import hold_leaky_call
from acceptance.privacy.prospect import HUMANS
from acceptance.privacy.stages import leaky_stage

# The SDK drops some handles of a client twice when it leaves a room; only tests notice.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FfiHandle")

LEAKY_METHOD = "coach_control"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with leaky_stage(tmp_path_factory.mktemp("leaky")) as stage:
        yield stage


@pytest.fixture(scope="module")
def leaky(stage: Stage) -> Seen:
    return asyncio.run(hold_leaky_call(stage, "leaky"))


@pytest.fixture(scope="module")
def evidence(leaky: Seen) -> Evidence:
    return Evidence.read(leaky.records, HUMANS)


def test_instructions_told_to_whoever_asks_on_the_session_stream_are_caught(
    evidence: Evidence,
) -> None:
    assert {"stream", "byte stream", "native"} <= evidence.canaries["leakyinstructions"]


def test_the_reps_words_broadcast_as_session_events_are_caught(evidence: Evidence) -> None:
    assert "byte stream" in evidence.canaries["saidbyrep"]


def test_the_reps_words_broadcast_as_transcription_are_caught(evidence: Evidence) -> None:
    assert {"transcription", "text stream", "wire"} <= evidence.canaries["saidbyrep"]


@pytest.mark.parametrize(
    "where", ["packet", "wire", "text stream", "wire stream", "signal", "call"]
)
def test_a_hint_is_caught_by_whatever_way_it_goes(evidence: Evidence, where: str) -> None:
    assert where in evidence.canaries["leakyhint"]


@pytest.mark.parametrize(
    "what",
    [
        "data_packet_received",
        "text_stream_opened",
        "byte_stream_opened",
        "stream_header_received",
        "stream_chunk_received",
        "transcription_received",
        "rpc_method_invocation",
        "track_published",
        "agent presence",
        "agent attributes",
        "participant_metadata_changed",
        "an answer to a call",
        "wire user",
        "wire transcription",
        "wire stream_header",
    ],
)
def test_whatever_is_more_than_presence_is_a_finding(evidence: Evidence, what: str) -> None:
    assert what in {finding.what for finding in evidence.findings()}


def test_a_method_that_refuses_in_its_own_words_is_told_from_a_missing_one(leaky: Seen) -> None:
    replies = leaky.outcomes["methods"]["replies"]

    assert isinstance(replies, dict)
    assert all(reply == list(NOT_SUPPORTED) for reply in replies[MISSING_METHOD])
    assert replies[LEAKY_METHOD] != replies[MISSING_METHOD]


def test_a_job_that_a_simulator_ends_by_leaving_is_seen_to_end(leaky: Seen) -> None:
    assert leaky.has_ended
