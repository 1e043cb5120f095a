"""`coach panel`: a meeting page with the coach beside it, served on this machine by one command."""

import asyncio
import secrets
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from coach.cli.demo.processes import (
    CHECKOUT,
    LiveKit,
    ProcessFailed,
    kill_all,
    livekit,
    scratch_folder,
    worker,
)
from coach.cli.demo.signals import stopping
from coach.cli.panel.endpoints import REP, Meeting
from coach.cli.panel.site import Links, serving
from coach.errors import CoachError, ConfigError


def run(
    port: Annotated[int, typer.Option(help="Port of the page; 0: any free one.")] = 0,
) -> None:
    """Serve a meeting page on this machine: a rep with the coach's panel, and a prospect."""
    console = Console()
    with stopping(kill_all) as stop:
        try:
            _run(console, port)
        except KeyboardInterrupt:
            console.print("stopped")
            raise typer.Exit(stop.exit_code) from None
        except (CoachError, ProcessFailed) as error:
            console.print(f"error: {error}", style="bold red", markup=False, highlight=False)
            raise typer.Exit(2) from None


def _run(console: Console, port: int) -> None:
    with scratch_folder() as name:
        folder = Path(name)
        with console.status("starting the LiveKit server …") as status, livekit(folder) as server:
            meeting = fresh_meeting(server)
            status.update("starting the worker and its recogniser …")
            with worker(folder, _worker_variables(meeting)):
                status.stop()
                show_dispatch(console, meeting)
                asyncio.run(_serve(console, meeting, port))


def fresh_meeting(server: LiveKit) -> Meeting:
    """Return a meeting with names of its own: on a server of somebody's it takes no other call."""
    suffix = secrets.token_hex(3)
    return Meeting.fresh(server, f"meeting-{suffix}", f"call-assistant-{suffix}")


def _worker_variables(meeting: Meeting) -> dict[str, str]:
    return meeting.server.environment() | {
        "LIVEKIT_AGENT_NAME": meeting.agent_name,
        "COACH_PLAYBOOK": str(CHECKOUT / "playbook"),
    }


async def _serve(console: Console, meeting: Meeting, port: int) -> None:
    async with serving(meeting, port=port) as links:
        show(console, links)
        await asyncio.Event().wait()


async def keep_open(console: Console, server: LiveKit, room: str, agent_name: str) -> None:
    """Serve a page for a call that is up already, until cancelled; without a built page, wait."""
    try:
        await _serve(console, Meeting.fresh(server, room, agent_name), 0)
    except ConfigError as error:  # whoever only wants the demo need not have built the page
        console.print(f"No page to join by: {error}", style="dim", markup=False)
        await asyncio.Event().wait()


def show_dispatch(console: Console, meeting: Meeting) -> None:
    """Print how to bring this worker's coach into a room of one's own page.

    The key pair is not printed: it is that of `livekit.yaml`, or stands in the environment.
    """
    console.print("\nFor a page of your own, bring the coach into its room with:\n")
    console.print(
        f"  LIVEKIT_URL={meeting.server.url} LIVEKIT_AGENT_NAME={meeting.agent_name}"
        f" .venv/bin/coach dispatch ROOM --rep {REP}",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )


def show(console: Console, links: Links) -> None:
    """Print where to join."""
    console.print("\nJoin as the rep (this link is a secret: it shows the nudges):\n")
    console.print(f"  {links.rep}\n", soft_wrap=True, highlight=False, markup=False)
    console.print("and, in another window or on headphones, as the prospect:\n")
    console.print(f"  {links.prospect}\n", soft_wrap=True, highlight=False, markup=False)
    console.print("Everything runs on this machine, without a key, until Ctrl-C.", style="dim")
