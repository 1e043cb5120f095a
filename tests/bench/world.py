"""A LiveKit server, our worker and a recogniser for one figure, each in a process of its own."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from livekit import api

from bench.actors.actor import Actor, ActorFailed, acting
from bench.actors.lines import Fields
from bench.bench import Bench
from bench.sounds import Sound
from integration.livekit_server import LiveKit, running_livekit
from integration.worker_process import Worker, running_worker

AGENT_NAME = "call-assistant"
POLL_SECONDS = 0.05
LISTEN_SECONDS = 20.0
TRACE_SECONDS = 5.0


@dataclass(slots=True)
class World:
    """Everything that runs."""

    folder: Path
    livekit: LiveKit
    worker: Worker
    listen: Actor | None
    traces: Path

    def person(self, room: str, identity: str, **fields: Any) -> Fields:
        """Return the order that lets somebody join a room."""
        token = self.livekit.token(identity, room)
        return {"url": self.livekit.url, "token": token, "identity": identity, **fields}

    def sound(self, sound: Sound, name: str, *, is_exact: bool = True) -> Fields:
        """Return the fields of somebody who speaks a sound, written to a file."""
        path = self.folder / f"{name}.pcm"
        sound.samples().tofile(path)
        ends = [mark.end for mark in sound.marks]
        return {"sound": str(path), "marks": ends, "is_exact": is_exact}

    async def coach(self, room: str, rep: str, streams: int, **job: Any) -> None:
        """Dispatch the worker to a room and wait until it hears so many streams more."""
        before = await self.streams()
        await self.dispatch(room, rep, **job)
        ends_at = time.monotonic() + LISTEN_SECONDS
        while self.listen is not None and await self.streams() < before + streams:
            if time.monotonic() > ends_at:
                raise ActorFailed(f"the worker does not listen in {room}")
            await asyncio.sleep(POLL_SECONDS)

    async def dispatch(self, room: str, rep: str, **job: Any) -> None:
        """Ask the server for an agent, once. The call is named after its room."""
        consent = {"state": "granted", "policy": "call"}
        fields = {"v": 1, "call_id": room, "rep": {"identity": rep}, "consent": consent, **job}
        request = api.CreateAgentDispatchRequest(
            agent_name=AGENT_NAME, room=room, metadata=json.dumps(fields)
        )
        async with self.livekit.api() as server:
            await server.agent_dispatch.create_dispatch(request)

    async def streams(self) -> int:
        """Return how many streams the scripted recogniser holds."""
        if self.listen is None:
            return 0
        count = len(self.listen.of("streams"))
        await self.listen.order("count")
        return int((await self.listen.until("streams", count + 1))["open"])

    async def close(self, *rooms: str) -> None:
        """End calls, and wait until their traces are written."""
        async with self.livekit.api() as server:
            for room in rooms:
                with contextlib.suppress(api.TwirpError):  # it may be gone already
                    await server.room.delete_room(api.DeleteRoomRequest(room=room))
        await until(lambda: not self._unfinished(rooms), TRACE_SECONDS)

    def _unfinished(self, rooms: tuple[str, ...]) -> bool:
        if not self.traces.exists():
            return False
        return any('"meters"' not in self.trace_text(room) for room in rooms)

    def trace_text(self, room: str) -> str:
        """Return a call's trace; rooms and calls have the same name."""
        paths = sorted(self.traces.glob(f"{room}.*.jsonl"))
        return paths[0].read_text("utf-8") if paths else ""

    def processes(self) -> list[psutil.Process]:
        """Return the worker's process and all below it."""
        main = psutil.Process(self.worker.pid)
        return [main, *main.children(recursive=True)]


async def until(is_so: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition, not for ever. Return whether it came true."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        if is_so():
            return True
        await asyncio.sleep(POLL_SECONDS)
    return False


@contextlib.asynccontextmanager
async def running_world(
    bench: Bench,
    playbook: Path,
    *,
    hear: str | None,
    has_traces: bool = False,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[World]:
    """Run everything until the block ends.

    Args:
        bench: for its folder and progress.
        playbook: the worker's.
        hear: `tones` or `voice`, what the scripted recogniser understands; None: the embedded one.
        has_traces: let the worker write traces.
        environment: more of the worker's settings, such as services that are already there.
    """
    bench.say("starting server, worker and recogniser …")
    traces = bench.folder / "traces"
    settings = {"COACH_PLAYBOOK": str(playbook), **(environment or {})}
    if has_traces:
        traces.mkdir()
        settings["COACH_TRACE_DIR"] = str(traces)
    async with contextlib.AsyncExitStack() as stack:
        listen = None
        if hear is not None:
            listen = await stack.enter_async_context(acting("listen", bench.folder, "--hear", hear))
            settings["COACH_STT_BASE_URL"] = str((await listen.until("ready"))["url"])
        livekit = stack.enter_context(running_livekit(bench.folder))
        worker = stack.enter_context(running_worker(bench.folder, livekit, settings))
        yield World(bench.folder, livekit, worker, listen, traces)


@contextlib.asynccontextmanager
async def crowd(world: World, *people: Fields) -> AsyncIterator[Actor]:
    """Let people join their rooms, in one process of their own, until the block ends."""
    async with acting("people", world.folder) as actor:
        await actor.until("ready")
        await join(actor, *people)
        yield actor


async def join(actor: Actor, *people: Fields) -> None:
    """Let more people join, one after the other."""
    for person in people:
        count = len(actor.of("joined"))
        await actor.order("join", person=person)
        await actor.until("joined", count + 1)
