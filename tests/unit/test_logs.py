"""What a log line may hold, tried on the framework's own records."""

import json
import logging
from collections.abc import Iterator

import pytest
from livekit.agents.cli.log import JsonFormatter

from coach import logs

CANARY = "xylophone"


class Kept(logging.Handler):
    """Keeps what would be printed, as `start` formats it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, object]] = []
        self.setFormatter(JsonFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))


@pytest.fixture
def kept() -> Iterator[Kept]:
    root, handler = logging.getLogger(), Kept()
    root.addHandler(handler)
    logs.install()
    yield handler
    root.removeHandler(handler)


def test_personal_extras_are_removed_and_the_rest_stays(kept: Kept) -> None:
    logging.getLogger("livekit.agents").warning(
        "skipping reply", extra={"lk.pii.user_input": CANARY, "reason": "closed"}
    )

    [line] = kept.lines
    assert line["reason"] == "closed"
    assert CANARY not in json.dumps(line)


@pytest.mark.parametrize(
    "message",
    [
        "ignoring text stream with topic '%s', no callback attached",
        "ignoring byte stream with topic '%s', no callback attached",
    ],
)
def test_a_topic_that_a_stranger_chose_is_not_logged(kept: Kept, message: str) -> None:
    logging.getLogger().warning(message, CANARY)

    [line] = kept.lines
    assert "nothing listens" in str(line["message"])
    assert CANARY not in json.dumps(line)


def test_the_native_librarys_message_is_reduced_to_its_place(kept: Kept) -> None:
    logging.getLogger("livekit").warning(
        "%s:%s:%s - %s", "livekit_rpc::client", 149, "livekit_rpc", CANARY
    )

    [line] = kept.lines
    assert line["message"] == "native library: livekit_rpc::client:149"


def test_an_event_whose_handler_failed_is_named_without_its_content(kept: Kept) -> None:
    logging.getLogger().error("error running user callback for %s: %s", "data_received", CANARY)

    [line] = kept.lines
    assert line["message"] == "error running user callback for data_received"
    assert CANARY not in json.dumps(line)


def test_job_metadata_in_the_frameworks_extras_is_removed(kept: Kept) -> None:
    job = {"metadata": CANARY}
    logging.getLogger("livekit.agents").warning("unknown job", extra={"job": job, "job_id": "AJ_1"})

    [line] = kept.lines
    assert line["job_id"] == "AJ_1"
    assert CANARY not in json.dumps(line)


def test_a_failed_recogniser_stream_is_a_warning_without_its_close_reason(kept: Kept) -> None:
    try:
        raise RuntimeError(CANARY)
    except RuntimeError:
        logging.getLogger("livekit.plugins.deepgram").exception("Error in recv_task\n%s", CANARY)

    [line] = kept.lines
    assert (line["level"], line["message"]) == ("WARNING", "recogniser stream failed")
    assert CANARY not in json.dumps(line)


def test_a_session_that_we_close_says_nothing(kept: Kept) -> None:
    logging.getLogger("livekit.agents").warning("final transcript not received after timeout")

    assert kept.lines == []


def test_the_wordings_that_are_looked_for_are_the_frameworks() -> None:
    """A new version that words them differently has to be noticed here."""
    from pathlib import Path

    import livekit.agents
    import livekit.rtc

    sources = ""
    for package in (livekit.rtc, livekit.agents):
        for path in Path(str(package.__file__)).parent.rglob("*.py"):
            if "_proto" not in path.parts:
                sources += path.read_text()
    for wording in [*logs._REWRITES, *logs._NOISE]:
        assert wording in sources, wording


def test_installing_twice_filters_once(kept: Kept) -> None:
    logs.install()

    assert sum(isinstance(f, logs.PrivacyFilter) for f in kept.filters) == 1
