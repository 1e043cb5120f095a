"""`coach doctor`: is everything there that a call needs, and if not, what to do about it.

The exit code names the first finding that stops a call, so that scripts can tell them apart.
"""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coach.cli.doctor.finding import Check, Code, Finding
from coach.cli.doctor.machine import (
    check_libraries,
    check_playbook,
    check_providers,
    check_rep_client,
)
from coach.cli.doctor.recogniser import check_recogniser
from coach.cli.doctor.room import room_checks
from coach.cli.doctor.server import check_server
from coach.cli.doctor.worker import check_worker
from coach.errors import ConfigError
from coach.settings import Settings

CHECKS: Sequence[Check] = (
    Check("native libraries", Code.LIBRARIES, check_libraries),
    Check("playbook", Code.PLAYBOOK, check_playbook),
    Check("providers", Code.SETTINGS, check_providers),
    Check("LiveKit server", Code.SERVER, check_server),
    Check("recogniser", Code.RECOGNISER, check_recogniser),
    Check("worker", Code.WORKER, check_worker),
    Check("rep client", Code.REP_CLIENT, check_rep_client),
)


def run(
    room: Annotated[
        str | None, typer.Option(help="Look into this room, too: who is there, with what rights.")
    ] = None,
    rep: Annotated[str | None, typer.Option(help="Identity of that room's rep.")] = None,
) -> None:
    """Check what a call needs, and say what to do about what is missing.

    Exit codes: 0 all is well (a worker that is not started yet is no fault), 2 a setting,
    10 libraries, 11 playbook, 12 LiveKit server, 13 key pair, 14 recogniser,
    15 port taken, 16 worker not registered, 17 rep's client, 18 rights of a token.
    With several findings, the first one's.
    """
    if (room is None) != (rep is None):
        typer.echo("--room and --rep: a room is looked into for its rep; give both", err=True)
        raise typer.Exit(Code.SETTINGS)
    console = Console()
    try:
        settings = Settings.from_env()
    except ConfigError as error:
        findings = [Finding("settings", str(error), "correct the variable", Code.SETTINGS)]
    else:
        more = room_checks(room, rep) if room is not None and rep is not None else ()
        findings = [Finding("settings", "valid"), *asyncio.run(_examine(settings, more))]
    console.print(_table(findings))
    blocking = (f.code for f in findings if not f.is_good and f.is_blocking)
    raise typer.Exit(next(blocking, Code.OK))


async def _examine(settings: Settings, more: Sequence[Check]) -> list[Finding]:
    """Make all checks, and more only when there is a server that they can ask."""
    findings = [await check.finding(settings) for check in CHECKS]
    if not {finding.code for finding in findings} & {Code.SERVER, Code.KEY}:
        findings += [await check.finding(settings) for check in more]
    return findings


def _table(findings: Sequence[Finding]) -> Table:
    table = Table("", "what", "seen", "remedy")
    for finding in findings:
        mark = "ok" if finding.is_good else ("FAIL" if finding.is_blocking else "note")
        # What was seen may come from another program or a file: none of it is markup.
        table.add_row(mark, finding.what, Text(finding.seen), Text(finding.remedy))
    return table
