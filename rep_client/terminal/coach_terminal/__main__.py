"""`python -m coach_terminal`: the rep's panel in a terminal."""

import asyncio
import os
import signal
import sys
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from coach_terminal.app import TerminalApp
from coach_terminal.client import RepClient
from coach_terminal.joining import CannotJoin, convenience_token, joined_room
from coach_terminal.keyboard import key_presses

BAD_INPUT_EXIT_CODE = 2


async def show_panel(url: str, token: str, agent_identity: str | None) -> None:
    """Join the room and show the panel until the rep quits.

    Raises:
        CannotJoin: The room could not be joined.
    """
    async with (
        joined_room(url, token) as room,
        RepClient(room, agent_identity=agent_identity) as client,
    ):
        app = TerminalApp(client, Console())
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, app.stop)
        with key_presses(sys.stdin.fileno()) as typed:
            await app.run(typed)


def main(
    url: Annotated[str, typer.Option(envvar="LIVEKIT_URL", help="The LiveKit server.")] = "",
    token: Annotated[str, typer.Option(envvar="LIVEKIT_TOKEN", help="The rep's token.")] = "",
    agent: Annotated[str, typer.Option(help="Believe only the agent of this identity.")] = "",
    room: Annotated[str, typer.Option(help="Without a token: the room to sign one for.")] = "",
    identity: Annotated[str, typer.Option(help="Without a token: who the rep is.")] = "rep-1",
) -> None:
    """Show the coach's hints for one call, to the rep and to nobody else."""
    try:
        if not url:
            raise CannotJoin("give the LiveKit server with --url or LIVEKIT_URL")
        if not token and not room:
            raise CannotJoin("give the rep's token with --token or LIVEKIT_TOKEN")
        asyncio.run(
            show_panel(url, token or convenience_token(room, identity, os.environ), agent or None)
        )
    except CannotJoin as error:
        typer.echo(f"coach_terminal: {error}", err=True)
        raise typer.Exit(BAD_INPUT_EXIT_CODE) from None
    except KeyboardInterrupt:
        return


def leave(exit_code: int) -> NoReturn:
    """End the process at once.

    The media library's threads still call into Python while the interpreter is taken down, which
    now and then ends in a native panic, with its trace on the terminal and another exit code.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)


if __name__ == "__main__":
    try:
        typer.run(main)
    except SystemExit as ending:
        leave(ending.code if isinstance(ending.code, int) else 0)
