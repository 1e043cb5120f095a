"""The benchmark's end of an actor: starts it, gives orders, collects what it reports."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

from bench.actors.lines import Fields

TESTS = Path(__file__).resolve().parents[2]
STOP_SECONDS = 3.0
REPORT_SECONDS = 30.0
_POLL_SECONDS = 0.02


class ActorFailed(Exception):
    """An actor ended, or did not report what was waited for."""


class Actor:
    """One running actor."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.events: list[Fields] = []
        self._process, self._log = process, log
        self._is_gone = False

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def of(self, event: str) -> list[Fields]:
        """Return the reports of one kind so far."""
        return [fields for fields in self.events if fields["event"] == event]

    async def until(self, event: str, count: int = 1, seconds: float = REPORT_SECONDS) -> Fields:
        """Wait for the so-manieth report of a kind and return it.

        Raises:
            ActorFailed: it did not come.
        """
        ends_at = time.monotonic() + seconds
        while len(found := self.of(event)) < count:
            if self._is_gone or time.monotonic() > ends_at:
                raise ActorFailed(f"{self.name} did not report {event}: {self._last_words()}")
            await asyncio.sleep(_POLL_SECONDS)
        return found[count - 1]

    async def order(self, do: str, **fields: object) -> None:
        """Give an order."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **fields}).encode() + b"\n")
        await self._process.stdin.drain()

    def freeze(self) -> None:
        """Stop the process where it stands."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)

    async def read(self) -> None:
        """Collect reports until the process ends."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            self.events.append(json.loads(line))
        self._is_gone = True

    async def stop(self) -> None:
        """End it: by the end of its input, else by its process id."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            self.thaw()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    def _last_words(self) -> str:
        return " / ".join(self._log.read_text(errors="replace").splitlines()[-3:]) or "no output"


@contextlib.asynccontextmanager
async def acting(name: str, folder: Path, *arguments: str) -> AsyncIterator[Actor]:
    """Run `bench.actors.<name>` until the block ends."""
    log = folder / f"{name}.{time.monotonic_ns()}.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"bench.actors.{name}",
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            limit=1 << 24,
            env={**os.environ, "PYTHONPATH": str(TESTS)},
            start_new_session=True,  # a Ctrl-C in the terminal is ours to hand on
        )
    actor = Actor(name, process, log)
    reading = asyncio.create_task(actor.read(), name=f"bench.{name}")
    try:
        yield actor
    finally:
        await asyncio.shield(asyncio.ensure_future(actor.stop()))
        reading.cancel()
