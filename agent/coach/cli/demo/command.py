"""The demo's course: start, join, ask for consent, speak, show, stop, report."""

import asyncio
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from coach.cli.demo import report
from coach.cli.demo.people import Person, play, token
from coach.cli.demo.playbook import STALE_SECONDS, shorten
from coach.cli.demo.processes import (
    LiveKit,
    ProcessFailed,
    kill_all,
    learn,
    livekit,
    scratch_folder,
    worker,
)
from coach.cli.demo.results import Results, collect, read_trace
from coach.cli.demo.screen import ScreenShare
from coach.cli.demo.signals import stopping
from coach.cli.demo.witness import Witness
from coach.cli.dispatch import dispatch_coach
from coach.cli.panel.command import keep_open
from coach.errors import CoachError
from coach.settings import Settings
from coach_terminal.client import RepClient
from coach_terminal.messages import CoachState
from coach_terminal.view import render
from demo_call import DemoCall, load_demo_call
from demo_call.audio import CallAudio, RecordingError, read_pair, read_stereo

REP, PROSPECT = "rep-1", "buyer-1"
TRACES, PLAYBOOK = "traces", "playbook"
_COACH_SECONDS = 30.0
_POLL_SECONDS = 0.05
_TAIL_SECONDS = 3.0
"""The recogniser's last words come after the last sample."""
_REFRESHES_PER_SECOND = 8


@dataclass(frozen=True, slots=True)
class Names:
    """Names of one demo alone: on a server of somebody's, it takes no call of a real worker."""

    agent: str
    room: str

    @classmethod
    def fresh(cls) -> "Names":
        """Make names that nobody else has."""
        suffix = secrets.token_hex(3)
        return cls(f"call-assistant-{suffix}", f"demo-{suffix}")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be played."""

    audio: CallAudio
    call: DemoCall | None
    screen: ScreenShare | None = None
    names: Names = field(default_factory=Names.fresh)

    @property
    def seconds(self) -> float:
        """Length of the recording."""
        return self.audio.left.size / 48_000

    def environment(self, folder: Path) -> dict[str, str]:
        """Return the worker's variables, beside the server's and those that are set already.

        What is set stays set: `COACH_LLM_MODEL` lets the advisor join in.
        """
        variables = {
            "LIVEKIT_AGENT_NAME": self.names.agent,
            "COACH_TRACE_DIR": str(folder / TRACES),
            "COACH_DATA": str(folder / "data"),
        }
        if self.call is not None:  # its marks are those of the playbook that comes with it
            variables["COACH_PLAYBOOK"] = str(folder / PLAYBOOK)
        return variables


def run(
    recording: Annotated[
        list[Path] | None,
        typer.Option(help="Your own call: one stereo file (left the rep), or two mono files."),
    ] = None,
    keep: Annotated[
        bool, typer.Option(help="Leave everything up, and say how to join by hand.")
    ] = False,
) -> None:
    """Coach a recorded sales call from end to end, and show what reached whom."""
    console = Console()
    with stopping(kill_all) as stop:
        try:
            plan = _plan(recording or [])
            results, witness = asyncio.run(_demo(console, plan, keep))
        except KeyboardInterrupt:
            _leave(stop.exit_code)
        except Exception as error:
            if stop.number is not None:  # such as a terminal that is closed, hence not writable
                _leave(stop.exit_code)
            if not isinstance(error, CoachError | RecordingError | ProcessFailed):
                raise
            console.print(f"error: {error}", style="bold red", markup=False, highlight=False)
            _leave(2)
        _leave(1 if results.missed or witness.leaks else 0)


def _leave(code: int) -> NoReturn:
    """Exit without the interpreter's last steps, in which LiveKit's native threads may panic."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


@contextmanager
def _announced(console: Console) -> Iterator[None]:
    """Say at once that somebody's wish to stop was heard."""
    try:
        yield
    except (KeyboardInterrupt, asyncio.CancelledError):
        with suppress(OSError, SystemExit):  # nobody need be there to read it
            console.print("stopping …")
        raise


def _plan(recordings: list[Path]) -> Plan:
    if not recordings:
        call = load_demo_call()
        return Plan(read_stereo(call.audio_path), call, ScreenShare(call.screen))
    if len(recordings) == 1:
        return Plan(read_stereo(recordings[0]), None)
    if len(recordings) == 2:
        return Plan(read_pair(*recordings), None)
    raise RecordingError(recordings[2], "is a third file", "Give one stereo or two mono files")


async def _demo(console: Console, plan: Plan, keep: bool) -> tuple[Results, Witness]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(scratch_folder()))
        (folder / TRACES).mkdir()
        if plan.call is not None:
            _say_what_differs(console, shorten(folder / PLAYBOOK))
        with console.status("starting the LiveKit server …"):
            server = stack.enter_context(livekit(folder))
        environment = server.environment() | plan.environment(folder)
        learn(Path(environment.get("COACH_PLAYBOOK") or Settings.from_env().playbook))
        with console.status("starting the worker and its recogniser …"):
            stack.enter_context(worker(folder, environment))
        stack.enter_context(_announced(console))
        results, witness = await _call(console, plan, server, folder / TRACES)
        report.show(console, results, witness)
        if keep:
            await _keep(console, server, plan.names)
        return results, witness


def _say_what_differs(console: Console, usual_seconds: int) -> None:
    """Say what the demo's copy of the playbook changes, and who else joins in."""
    console.print(
        f"The call is short: here a slide has stood too long after {STALE_SECONDS} s, "
        f"in the playbook itself after {usual_seconds} s.",
        style="dim",
    )
    if os.environ.get("COACH_LLM_MODEL"):
        console.print("A model is configured: the advisor joins in.")
    else:
        text = "No model is configured (COACH_LLM_BASE_URL, COACH_LLM_MODEL): no advisor."
        console.print(text, style="dim")


async def _call(
    console: Console, plan: Plan, server: LiveKit, traces: Path
) -> tuple[Results, Witness]:
    async with AsyncExitStack() as stack:
        rep, prospect = await _join(stack, server, plan.names.room)
        witness = Witness(prospect.room, frozenset({REP, PROSPECT}))
        stack.enter_context(witness.watching())
        client = await stack.enter_async_context(RepClient(rep.room))
        with console.status("dispatching the coach …"):
            await _dispatch(server, plan.names)
            await _wait_for(lambda: client.state.last_heard_at is not None, "say hello")
        console.print("The coach asks for consent; the rep reads the text aloud and grants it.")
        await client.consent_granted()
        await _wait_for(lambda: _is_listening(client), "listen")
        await asyncio.gather(rep.open_microphone(), prospect.open_microphone())
        await asyncio.sleep(1.0)  # both microphones are subscribed before the first word
        start_at = await _play(console, plan, rep, prospect, client)
        await client.control("stop")
        trace = await _finished_trace(traces)
        return collect(list(client.nudges), trace, plan.call, start_at), witness


async def _join(stack: AsyncExitStack, server: LiveKit, room: str) -> tuple[Person, Person]:
    rep_token = token(server, room, REP, "Sam", may_publish_data=True)
    prospect_token = token(server, room, PROSPECT, "Dana", may_publish_data=False)
    people = await asyncio.gather(
        Person.join(server, rep_token), Person.join(server, prospect_token)
    )
    for person in people:
        stack.push_async_callback(person.leave)
    return people[0], people[1]


async def _dispatch(server: LiveKit, names: Names) -> None:
    metadata = {"rep": {"identity": REP, "name": "Sam"}, "account": {"id": "harbor-heating"}}
    await dispatch_coach(
        url=server.url,
        key=server.key,
        secret=server.secret,
        room=names.room,
        metadata=json.dumps(metadata),
        agent_name=names.agent,
    )


async def _wait_for(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _COACH_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise ProcessFailed(f"the coach joined, but did not {what}")
        await asyncio.sleep(_POLL_SECONDS)


def _is_listening(client: RepClient) -> bool:
    status = client.state.status
    return status is not None and status.state is CoachState.LISTENING


async def _play(
    console: Console, plan: Plan, rep: Person, prospect: Person, client: RepClient
) -> float:
    progress = Progress(TextColumn("the call"), BarColumn(), TextColumn("{task.fields[clock]}"))
    task = progress.add_task("call", total=plan.seconds, clock="")
    begun_at = time.monotonic()

    def draw() -> object:
        passed = min(plan.seconds, time.monotonic() - begun_at)
        progress.update(task, completed=passed, clock=f"{passed:.0f} / {plan.seconds:.0f} s")
        shown = plan.screen.slide_at(passed * 1000) if plan.screen is not None else None
        words = Text(f"the rep's screen: {shown or 'not shared'}", style="dim")
        return render(client.state, client.now(), Group(progress, words), has_keys=False)

    with Live(get_renderable=draw, console=console, refresh_per_second=_REFRESHES_PER_SECOND):  # type: ignore[arg-type]
        start_at = await play(rep, prospect, plan.audio, plan.screen)
        await asyncio.sleep(_TAIL_SECONDS)
    return start_at


async def _finished_trace(traces: Path) -> list[dict[str, object]]:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        lines = read_trace(traces)
        if lines and lines[-1]["type"] == "meters":
            return lines
        await asyncio.sleep(0.1)
    return read_trace(traces)


async def _keep(console: Console, server: LiveKit, names: Names) -> None:
    rep = token(server, names.room, REP, "Sam", may_publish_data=True)
    prospect = token(server, names.room, PROSPECT, "Dana", may_publish_data=False)
    await _dispatch(server, names)
    console.print("\nEverything stays up until Ctrl-C. Join as the rep, in another terminal:\n")
    console.print(
        f".venv/bin/python -m coach_terminal --url {server.url} --token {rep}", soft_wrap=True
    )
    console.print("\nand speak as the prospect with any LiveKit client and this token:\n")
    console.print(f"{server.url}\n{prospect}", soft_wrap=True)
    await keep_open(console, server, names.room, names.agent)
