"""Keeps speech and strangers' texts out of the logs, whoever writes the record.

Installed on the root logger's handlers, in the worker's main process and in each job process.
Records are cleaned, not dropped: operators see that something happened, and where, not what was
said. Only what a session says about being closed by us is dropped, for it is no event, and what
one line of code repeats without end: a stranger in the room can cause some of them at will.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from traceback import extract_tb
from typing import Final

_DROPPED_KEYS: Final = frozenset({"job", "job_request", "ws_data", "headers"})
"""Extras of the framework that carry job metadata or raw messages."""

_NOISE: Final = frozenset(
    {
        "final transcript not received after timeout",
        "skipping user input, speech scheduling is paused",
        "skipping on_user_turn_completed, speech scheduling is paused",
    }
)
_RECOGNISER_LOGGER: Final = "livekit.plugins.deepgram"
_LOOP_LOGGER: Final = "asyncio"

LINES_A_MINUTE: Final = 60
"""From one place in the code, at one level, of one process. More than any honest call needs."""
_MINUTE_SECONDS: Final = 60.0

_log = logging.getLogger(__name__)

Rewrite = Callable[[logging.LogRecord], None]


def install() -> None:
    """Filter everything that this process logs from now on. Safe to call twice."""
    for handler in logging.getLogger().handlers:
        if not any(isinstance(f, PrivacyFilter) for f in handler.filters):
            handler.addFilter(PrivacyFilter())
            handler.addFilter(FloodFilter())


class PrivacyFilter(logging.Filter):
    """Removes personal extras, and the texts in the framework's messages that others chose."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean a record in place. Return whether it is worth a line."""
        if record.msg in _NOISE:
            return False
        for key in [key for key in record.__dict__ if _is_personal(key)]:
            del record.__dict__[key]
        rewrite = _REWRITES.get(str(record.msg))
        if rewrite is not None:
            rewrite(record)
        elif record.name == _RECOGNISER_LOGGER and record.levelno >= logging.ERROR:
            _soften(record)
        elif record.name == _LOOP_LOGGER and record.levelno >= logging.WARNING:
            _keep_level(record)
        if record.exc_info:
            _keep_kind(record)
        _name_errors(record)
        return True


@dataclass(slots=True)
class _Minute:
    """What one place has logged since `begun_s`, by the records' own clock."""

    begun_s: float
    place: str
    passed_count: int = 0
    dropped_count: int = 0


class FloodFilter(logging.Filter):
    """Lets `LINES_A_MINUTE` records pass from each place in the code, and counts the others.

    A place, not a wording: some wordings are made of what others chose. Each process has places of
    its own, so that a flood in one call hides nothing of another's. Time is the records', so that
    the main process judges what a job hands on as the job did. The last line that passes says that
    others are left out; how many is told when the process next logs anything after that minute.
    """

    def __init__(self) -> None:
        super().__init__()
        self._minutes: dict[tuple[int | None, str, int, int], _Minute] = {}
        self._lock = Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Count a record. Return whether it is one of the first of its minute."""
        with self._lock:
            over = self._take_over(record.created)
            is_let_through = self._count(record)
        for minute in over:
            if minute.dropped_count:
                extra = {"count": minute.dropped_count, "place": minute.place}
                _log.warning("log lines left out", extra=extra)
        return is_let_through

    def _take_over(self, now_s: float) -> list[_Minute]:
        """Remove the minutes that are over, or to come: a wall clock may be set back."""
        over = [k for k, m in self._minutes.items() if abs(now_s - m.begun_s) >= _MINUTE_SECONDS]
        return [self._minutes.pop(key) for key in over]

    def _count(self, record: logging.LogRecord) -> bool:
        key = (record.process, record.pathname, record.lineno, record.levelno)
        place = f"{record.filename}:{record.lineno}"
        minute = self._minutes.setdefault(key, _Minute(record.created, place))
        if minute.passed_count == LINES_A_MINUTE:
            minute.dropped_count += 1
            return False
        minute.passed_count += 1
        if minute.passed_count == LINES_A_MINUTE:
            record.next_are_left_out = True
        return True


def _is_personal(key: str) -> bool:
    return key in _DROPPED_KEYS or "pii" in key.split(".")


def _drop_topic(record: logging.LogRecord) -> None:
    record.msg, record.args = "ignoring a data stream: nothing listens to its topic", ()


def _keep_place(record: logging.LogRecord) -> None:
    """Of the native library's message only the place is ours to show (livekit.rtc._ffi_client)."""
    place = record.args[:2] if isinstance(record.args, tuple) else ("livekit", 0)
    record.msg, record.args = "native library: %s:%s", place


def _keep_first(record: logging.LogRecord) -> None:
    first = record.args[0] if isinstance(record.args, tuple) and record.args else ""
    record.msg, record.args = "error running user callback for %s", (first,)


def _keep_kind(record: logging.LogRecord) -> None:
    """Of an exception keep its type and the places it came through; its text may hold anything."""
    kind, _, trace = record.exc_info if isinstance(record.exc_info, tuple) else (None, None, None)
    record.exc_info = record.exc_text = None
    if kind is None:
        return
    record.error_type = kind.__name__
    record.error_trace = [f"{f.filename}:{f.lineno} {f.name}" for f in extract_tb(trace)]


def _keep_level(record: logging.LogRecord) -> None:
    """The loop's messages show tasks and callbacks with their arguments, results and errors."""
    is_error = record.levelno >= logging.ERROR
    record.msg, record.args = "error that no task handled" if is_error else "slow event loop", ()


def _name_errors(record: logging.LogRecord) -> None:
    """Of an exception that is given to be printed keep its type, too."""
    args = record.args
    if isinstance(args, tuple):
        record.args = tuple(_type_of_error(value) for value in args)
    elif isinstance(args, Mapping):
        record.args = {key: _type_of_error(value) for key, value in args.items()}
    if isinstance(record.msg, BaseException):
        record.msg = _type_of_error(record.msg)
    for key, value in record.__dict__.items():
        if isinstance(value, BaseException):
            record.__dict__[key] = _type_of_error(value)


def _type_of_error(value: object) -> object:
    return type(value).__name__ if isinstance(value, BaseException) else value


def _soften(record: logging.LogRecord) -> None:
    """A lost recogniser is an event that the ear tells once; its close reason is a stranger's."""
    record.levelno, record.levelname = logging.WARNING, "WARNING"
    record.msg, record.args = "recogniser stream failed", ()
    record.exc_info = record.exc_text = None


_REWRITES: Final[dict[str, Rewrite]] = {
    "ignoring text stream with topic '%s', no callback attached": _drop_topic,
    "ignoring byte stream with topic '%s', no callback attached": _drop_topic,
    "%s:%s:%s - %s": _keep_place,
    "error running user callback for %s: %s": _keep_first,
}
