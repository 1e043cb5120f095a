"""The `coach` command: its verbs, each imported only when it is used."""

import importlib
from collections.abc import Mapping
from typing import Any, Final

import typer
from typer.core import TyperGroup

VERBS: Final[Mapping[str, tuple[str, str]]] = {
    "demo": ("coach.cli.demo.command", "run"),
    "replay": ("coach.cli.replay", "run"),
    "playbook": ("coach.cli.playbook", "app"),
    "panel": ("coach.cli.panel.command", "run"),
    "dispatch": ("coach.cli.dispatch", "dispatch"),
    "doctor": ("coach.cli.doctor.command", "run"),
    "stt-server": ("coach.cli.stt_server", "stt_server"),
}
"""Verb → module and name in it: a function, or an application with verbs of its own."""


class LazyVerbs(TyperGroup):
    """Finds a verb's code when somebody asks for it: `coach replay` need not load LiveKit."""

    # Typer's click is private to it, hence `Any`.

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the verbs."""
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a verb's command, or None when there is no such verb."""
        return _load(cmd_name) if cmd_name in VERBS else None


def _load(verb: str) -> Any:
    module, name = VERBS[verb]
    found: Any = getattr(importlib.import_module(module), name)
    if not isinstance(found, typer.Typer):
        function, found = found, typer.Typer(add_completion=False)
        found.command(verb)(function)
    command = typer.main.get_command(found)
    command.name = verb
    return command


app: Final = typer.Typer(cls=LazyVerbs, no_args_is_help=True, add_completion=False)


@app.callback()
def main() -> None:
    """A silent LiveKit agent that hears a sales call and whispers hints to the rep only."""
