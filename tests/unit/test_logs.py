"""What a log line may hold, tried on the framework's own records."""

import asyncio
import gc
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


async def test_an_error_that_no_task_handled_is_told_without_its_text(kept: Kept) -> None:
    async def fail(words: str) -> None:
        raise ValueError(words)

    task = asyncio.create_task(fail(CANARY))
    await asyncio.wait([task])
    del task
    gc.collect()  # a task that nobody asked complains when it goes

    [line] = [line for line in kept.lines if line["name"] == "asyncio"]
    assert (line["message"], line["error_type"]) == ("error that no task handled", "ValueError")
    assert str(line["error_trace"]).count("test_logs.py") == 1
    assert CANARY not in json.dumps(line)


async def test_a_callback_that_fails_is_told_without_its_arguments(kept: Kept) -> None:
    def fail(words: str) -> None:
        raise ValueError(words)

    asyncio.get_running_loop().call_soon(fail, CANARY)
    await asyncio.sleep(0)

    [line] = [line for line in kept.lines if line["name"] == "asyncio"]
    assert line["error_type"] == "ValueError"
    assert CANARY not in json.dumps(line)


def test_a_slow_callback_is_told_without_its_arguments(kept: Kept) -> None:
    logging.getLogger("asyncio").warning("Executing %s took %.3f seconds", CANARY, 0.3)

    [line] = kept.lines
    assert line["message"] == "slow event loop"
    assert CANARY not in json.dumps(line)


@pytest.mark.parametrize(
    ("wording", "args"),
    [
        ("no answer: %s", (ValueError(CANARY),)),
        ("no answer: %r", (ValueError(CANARY),)),
        ("no answer: %(error)s", ({"error": ValueError(CANARY)},)),
        (ValueError(CANARY), ()),
    ],
)
def test_an_exception_that_is_printed_is_named_by_its_type(
    kept: Kept, wording: object, args: tuple[object, ...]
) -> None:
    logging.getLogger("library").warning(wording, *args, extra={"error": ValueError(CANARY)})

    [line] = kept.lines
    assert "ValueError" in str(line["message"])
    assert line["error"] == "ValueError"
    assert CANARY not in json.dumps(line)


class Place:
    """One place in the code, which logs at the second it is told."""

    def __init__(self, kept: Kept, line: int, process: int = 1) -> None:
        self._kept, self._line, self._process = kept, line, process

    def log(self, at_s: float, wording: str = "again") -> None:
        record = logging.LogRecord(
            "stranger", logging.INFO, "room.py", self._line, wording, (), None
        )
        record.created, record.process = at_s, self._process
        self._kept.handle(record)

    def lines(self) -> list[dict[str, object]]:
        """Return what was printed of it."""
        return [line for line in self._kept.lines if line.get("name") == "stranger"]


def left_out(kept: Kept) -> list[tuple[object, object]]:
    return [
        (line["place"], line["count"])
        for line in kept.lines
        if line["message"] == "log lines left out"
    ]


def test_a_flood_from_one_place_is_cut_and_its_size_is_told_afterwards(kept: Kept) -> None:
    room = Place(kept, 1171)
    for number in range(1_000):
        room.log(number / 100)
    assert len(room.lines()) == logs.LINES_A_MINUTE
    assert [line.get("next_are_left_out") for line in room.lines()][-2:] == [None, True]

    room.log(logs._MINUTE_SECONDS)

    assert len(room.lines()) == logs.LINES_A_MINUTE + 1
    assert left_out(kept) == [("room.py:1171", 1_000 - logs.LINES_A_MINUTE)]


def test_a_flood_in_words_that_differ_is_cut_all_the_same(kept: Kept) -> None:
    for number in range(1_000):
        Place(kept, 1171).log(0.0, wording=f"ignoring {CANARY}{number}")

    assert len(kept.lines) == logs.LINES_A_MINUTE


def test_a_flood_hides_nothing_of_other_places_and_other_calls(kept: Kept) -> None:
    for _ in range(1_000):
        Place(kept, 1171).log(0.0)

    Place(kept, 1192).log(0.0, "another place")
    Place(kept, 1171, process=2).log(0.0, "another call")

    assert [line["message"] for line in kept.lines[-2:]] == ["another place", "another call"]


def test_a_place_that_logs_now_and_then_is_never_cut(kept: Kept) -> None:
    room = Place(kept, 1171)
    for minute in range(10):
        for second in range(logs.LINES_A_MINUTE):
            room.log(60.0 * minute + second)

    assert len(room.lines()) == 10 * logs.LINES_A_MINUTE
    assert left_out(kept) == []


def test_a_clock_that_is_set_back_silences_no_place_for_long(kept: Kept) -> None:
    room = Place(kept, 1171)
    for _ in range(1_000):
        room.log(7_200.0)

    room.log(3_600.0, "an hour earlier")

    assert kept.lines[-1]["message"] != "again"
    assert len(room.lines()) == logs.LINES_A_MINUTE + 1


def test_what_is_counted_is_forgotten_after_its_minute(kept: Kept) -> None:
    [flood] = [f for f in kept.filters if isinstance(f, logs.FloodFilter)]
    for line in range(1_000):
        Place(kept, line).log(float(line))

    assert len(flood._minutes) <= logs._MINUTE_SECONDS + 1


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

    assert [type(f) for f in kept.filters] == [logs.PrivacyFilter, logs.FloodFilter]
