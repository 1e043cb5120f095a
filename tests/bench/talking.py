"""Calls in a real room whose words a program decides: people keep silent, ears are scripted."""

import asyncio
import contextlib
import json
import re
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.actors.actor import Actor, ActorFailed
from bench.actors.lines import Fields
from bench.bench import Bench
from bench.playbooks import REPOSITORY
from bench.sounds import Sound
from bench.world import LISTEN_SECONDS, World, crowd, join, running_world, until
from coach.cli.ports import free_port
from coach.domain.questions import is_question
from integration import model_server
from integration.recogniser import ScriptedRecogniser, Stream, listen_url, scripted_recogniser

ORDINARY = sorted((REPOSITORY / "agent/coach/adapters/matching/ordinary_talk").glob("0[123]_*.txt"))
LEAST_WORDS = 10
BUYER = "buyer"
FIRST_TOKEN_MS, TOKENS_PER_SECOND = 180, 60.0
_START_SECONDS = 10.0


@dataclass(slots=True)
class Talk:
    """One call, and the stream in which its prospect is heard."""

    room: str
    stream: Stream

    async def says(self, text: str, *, is_final: bool = True) -> float:
        """Let the prospect be heard saying this, and end a turn. Return when it was reported."""
        return await self.stream.say(text, is_final=is_final)


class Calls:
    """Opens calls, one after the other, so that each stream is known to be whose."""

    def __init__(self, world: World, people: Actor, recogniser: ScriptedRecogniser) -> None:
        self.world, self.people = world, people
        self._recogniser = recogniser
        self._opening = asyncio.Lock()
        sound = Sound()
        sound.silence(1_000)
        self._silence = world.sound(sound, "silence", is_exact=False) | {"is_looped": True}

    async def open(self, room: str, *, has_panel: bool = True, **job: Any) -> Talk:
        """Let rep and prospect join a room and the coach with them.

        Args:
            room: its name, and the call's.
            has_panel: let the rep's client come with them; else somebody else brings it.
            job: fields of the job's metadata.

        Raises:
            ActorFailed: the prospect is not heard.
        """
        async with self._opening:
            before, buyer = len(self._recogniser.streams), f"{BUYER}-{room}"
            people = [self.world.person(room, buyer, **self._silence)]
            if has_panel:
                people.append(self.world.person(room, rep_of(room), panel="bare"))
            await join(self.people, *people)
            await self.people.order("play", identity=buyer)
            await self.world.dispatch(room, rep_of(room), **job)
            if not await until(lambda: len(self._recogniser.streams) > before, LISTEN_SECONDS):
                raise ActorFailed(f"the worker does not listen in {room}")
            return Talk(room, self._recogniser.streams[before])

    async def close(self, *rooms: str) -> None:
        """End calls, and wait until their traces are written."""
        await self.world.close(*rooms)

    def trace(self, room: str) -> list[Fields]:
        """Return the lines of a call's trace so far."""
        return [json.loads(line) for line in self.world.trace_text(room).splitlines()]


def rep_of(room: str) -> str:
    """Return the identity of a room's rep."""
    return f"rep-{room}"


def said_by(side: str) -> list[str]:
    """Return ordinary utterances of one side, in which no moment occurs."""
    lines = [line for path in ORDINARY for line in path.read_text("utf-8").splitlines()]
    return [
        text for speaker, _, text in (line.partition(": ") for line in lines) if speaker == side
    ]


def quiet_statements() -> list[str]:
    """Return what prospects say that is long enough to be asked about, and asks nothing."""
    texts = dict.fromkeys(said_by("prospect"))
    return [t for t in texts if LEAST_WORDS <= len(t.split()) <= 20 and not is_question(t)]


@contextlib.asynccontextmanager
async def talking(bench: Bench, playbook: Path, **profiles: Fields) -> AsyncIterator[Calls]:
    """Run server, worker and recogniser until the block ends.

    Args:
        bench: for its folder and progress.
        playbook: the worker's.
        profiles: the services of calls, besides the recogniser; `default` is a job's that names
            none.
    """
    providers, port = bench.folder / "providers.yaml", free_port()
    providers.write_text(yaml.safe_dump({"profiles": profiles}), encoding="utf-8")
    environment = {
        "COACH_PROVIDERS": str(providers),
        "COACH_STT_BASE_URL": listen_url(port),
        "COACH_DATA": str(bench.folder / "data"),
    }
    async with (
        scripted_recogniser(port) as recogniser,
        running_world(
            bench, playbook, hear=None, has_traces=True, environment=environment
        ) as world,
        crowd(world) as people,
    ):
        yield Calls(world, people, recogniser)


@contextlib.asynccontextmanager
async def answering(folder: Path, script: Mapping[str, Any]) -> AsyncIterator[str]:
    """Run the scripted model as a process of its own; the block is given its address."""
    told, ready = folder / "model.json", folder / "model.port"
    told.write_text(json.dumps(script), encoding="utf-8")
    program = Path(model_server.__file__)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, program, "--port-file", ready, "--script", told)
    )
    try:
        if not await until(ready.exists, _START_SECONDS):
            raise ActorFailed("the scripted model does not begin")
        yield f"http://127.0.0.1:{ready.read_text()}/v1"
    finally:
        process.terminate()
        await process.wait()


def model_profile(url: str, **more: Any) -> Fields:
    """Return a profile with one model."""
    return {"llm": [{"base_url": url, "model": "scripted"}], **more}


def rule(said: str, *, after: str = "", **reply: Any) -> Fields:
    """Return a script's rule: how to answer when this text is the newest.

    Args:
        said: the text.
        after: a pattern that must stand before it.
        reply: fields of the model's reply; by default it writes as fast as a fast model does.
    """
    newest = re.escape(said) + r"»\s*$"
    pace = {"first_token_ms": FIRST_TOKEN_MS, "tokens_per_second": TOKENS_PER_SECOND}
    return {"match": f"{after}{newest}", **pace, **reply}


def of_type(lines: Iterable[Fields], kind: str) -> list[Fields]:
    """Return the lines of one type."""
    return [line for line in lines if line["type"] == kind]
