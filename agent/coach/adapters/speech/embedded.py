"""The embedded recogniser's process: started, watched, and restarted on the same port."""

import asyncio
import json
import logging
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from coach.errors import ProviderError

HOST = "127.0.0.1"
READY_SECONDS = 60.0
"""Time to load its model, on a busy machine."""
STOP_SECONDS = 5.0
RESTART_SECONDS = (0.5, 1.0, 2.0, 5.0)
STEADY_SECONDS = 30.0
"""A process that lived this long has not failed at its start."""

_log = logging.getLogger(__name__)


class EmbeddedRecogniser:
    """Owns one recogniser process at a time."""

    def __init__(self, *, words: Path | None = None, command: tuple[str, ...] = ()) -> None:
        """Prepare to start.

        Args:
            words: list of names that are added to the recogniser's dictionary.
            command: another program to run instead; tests only.
        """
        self._words = words
        self._command = command or (sys.executable, "-m", "offline_stt")
        self._port = 0
        self._process: Process | None = None
        self.restart_count = 0

    @property
    def pid(self) -> int | None:
        """The process that serves now."""
        return self._process.pid if self._process is not None else None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Run it until the block ends; yields the address of its listen endpoint.

        Raises:
            ProviderError: it did not become ready.
        """
        try:
            await self._start()
            async with asyncio.TaskGroup() as tasks:
                watch = tasks.create_task(self._watch(), name="coach.recogniser")
                yield f"http://{HOST}:{self._port}/v1/listen"
                watch.cancel()
        finally:
            await self._stop()

    async def _start(self) -> None:
        arguments = [*self._command, "--host", HOST, "--port", str(self._port)]
        arguments.append("--exit-with-parent")  # nothing is left behind by a killed worker
        if self._words is not None:
            arguments += ["--words", str(self._words)]
        self._process = await asyncio.create_subprocess_exec(*arguments, stdin=PIPE, stdout=PIPE)
        assert self._process.stdout is not None, "asked for above"
        try:
            async with asyncio.timeout(READY_SECONDS):
                line = await self._process.stdout.readline()
            self._port = int(json.loads(line)["port"])
        except (TimeoutError, ValueError, KeyError, TypeError):
            await self._stop()
            raise ProviderError("the embedded recogniser did not start") from None

    async def _watch(self) -> None:
        """Start it again when it dies, for as long as anybody wants it."""
        loop = asyncio.get_running_loop()
        failure_count = 0
        while True:
            started_at = loop.time()
            if self._process is not None:
                await self._drain(self._process)
            if loop.time() - started_at > STEADY_SECONDS:
                failure_count = 0
            _log.warning("embedded recogniser died", extra={"failures": failure_count + 1})
            await asyncio.sleep(RESTART_SECONDS[min(failure_count, len(RESTART_SECONDS) - 1)])
            failure_count += 1
            self.restart_count += 1
            with suppress(ProviderError, OSError):  # no memory for a process now: later, then
                await self._start()

    async def _drain(self, process: Process) -> None:
        """Wait for the end of a process, reading what it prints so that it never blocks."""
        assert process.stdout is not None, "asked for in `_start`"
        while await process.stdout.read(4_096):
            pass
        await process.wait()

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
