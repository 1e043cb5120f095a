"""The command line: `python -m offline_stt`, and `main` for programs that offer it as their own."""

import argparse
import asyncio
import json
import logging
import os
import signal
import stat
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from offline_stt.decoders import DecoderError
from offline_stt.words import WordListError, read_words

PARENT_POLL_SECONDS = 0.5
EXIT_FAILED = 1
EXIT_USAGE = 2

_NOTICE = (
    "offline_stt: an embedded recogniser for demonstrations and tests only; not for real calls"
)

_log = logging.getLogger(__name__)


def main(argv: Sequence[str]) -> int:
    """Run the recogniser until SIGTERM or SIGINT; return the exit code."""
    arguments = _parse(argv)
    sys.stderr.write(_NOTICE + "\n")
    logging.basicConfig(
        level=arguments.log_level, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    try:
        if arguments.words is not None:
            read_words(arguments.words)  # a mistake is better told here than by the decoder host
        asyncio.run(_serve(arguments))
    except WordListError as error:
        sys.stderr.write(f"offline_stt: {error}\n")
        return EXIT_USAGE
    except (DecoderError, OSError) as error:
        sys.stderr.write(f"offline_stt: cannot start: {error}\n")
        return EXIT_FAILED
    return 0


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="offline_stt", description=_NOTICE.partition(": ")[2])
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=_port, default=0, help="0: any free one (default)")
    parser.add_argument("--workers", type=_positive, default=12, help="streams at once (12)")
    parser.add_argument("--words", type=Path, help="names: `name` or `name: P H O N E S` a line")
    parser.add_argument(
        "--exit-with-parent",
        action="store_true",
        help="stop when the parent dies, or closes our standard input if that is a pipe",
    )
    parser.add_argument("--log-level", default="WARNING", choices=["DEBUG", "INFO", "WARNING"])
    return parser.parse_args(argv)


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65_535:
        raise argparse.ArgumentTypeError("from 0 to 65535")
    return value


def _positive(text: str) -> int:
    value = int(text)
    if not 0 < value <= 64:
        raise argparse.ArgumentTypeError("from 1 to 64")
    return value


async def _serve(arguments: argparse.Namespace) -> None:
    # Imported now: the voice model's plugin takes a second, which a usage error need not wait.
    from offline_stt.server import ServerOptions, running

    options = ServerOptions(arguments.host, arguments.port, arguments.workers, arguments.words)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running(options) as port, asyncio.TaskGroup() as tasks:
        watch = tasks.create_task(_watch_parent(stop)) if arguments.exit_with_parent else None
        _say_ready(options.host, port)
        await stop.wait()
        if watch is not None:
            watch.cancel()


def _say_ready(host: str, port: int) -> None:
    address = f"[{host}]" if ":" in host else host
    ready = {"port": port, "pid": os.getpid(), "url": f"http://{address}:{port}/v1/listen"}
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()


async def _watch_parent(stop: asyncio.Event) -> None:
    """Set `stop` when the parent is gone.

    A closed pipe tells at once, and also of a parent that died before this ran; the poll covers a
    parent whose end of the pipe another process inherited.
    """
    parent = os.getppid()
    if sys.stdin is not None and _is_pipe(sys.stdin.fileno()):
        await asyncio.get_running_loop().connect_read_pipe(lambda: _PipeEnd(stop), sys.stdin)
    while os.getppid() == parent:
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PARENT_POLL_SECONDS)
            return
    stop.set()


class _PipeEnd(asyncio.Protocol):
    """Sets an event when a pipe ends; what arrives before is ignored."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop

    def connection_lost(self, _: Exception | None) -> None:
        self._stop.set()


def _is_pipe(descriptor: int) -> bool:
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
