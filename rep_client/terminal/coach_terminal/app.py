"""The panel on a terminal: draws the client's state and obeys keys."""

import asyncio
import itertools
from collections.abc import Coroutine, Hashable
from typing import Any, Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from coach_terminal.client import RepClient
from coach_terminal.coach_line import CoachCallError
from coach_terminal.commands import (
    APPROVE_KEY,
    ASK_KEY,
    COMMANDS,
    HELP_KEY,
    OTHER_KEYS,
    PAGE_KEY,
    QUIT_KEY,
    Run,
    ask,
)
from coach_terminal.keyboard import ESCAPE
from coach_terminal.paging import Pages
from coach_terminal.plain_text import plain
from coach_terminal.view import render

REDRAW_SECONDS: Final = 0.25
NOTICE_SECONDS: Final = 6.0
NOTICE_LIMIT: Final = 160
COMMANDS_AT_ONCE: Final = 8  # keys pressed faster than the coach answers are ignored
KEYS_AT_ONCE: Final = 4
QUESTION_LIMIT: Final = 500

KEY_NAMES: Final = {PAGE_KEY: "space"}
UNREAD: Final = "Read all of it first: space shows the next page."

_ENTER: Final = frozenset("\r\n")
_BACKSPACE: Final = frozenset("\x7f\b")


class TerminalApp:
    """One rep, one call, one terminal."""

    def __init__(self, client: RepClient, console: Console) -> None:
        self._client = client
        self._console = console
        self._pages = Pages(console)
        self._group = asyncio.TaskGroup()
        self._running: set[asyncio.Task[None]] = set()
        self._has_changed = asyncio.Event()
        self._is_done = asyncio.Event()
        self._question: str | None = None
        self._notice = Text()
        self._notice_until = 0.0
        self._shows_help = False

    async def run(self, typed: asyncio.Queue[str]) -> None:
        """Show the panel, obeying what is typed, until the rep quits or `stop` is called."""
        with Live(console=self._console, screen=True, auto_refresh=False) as live:
            async with asyncio.TaskGroup() as group:
                self._group = group
                self._start(self._draw(live), "draw")
                self._start(self._follow(), "follow")
                self._start(self._obey(typed), "obey")
                await self._is_done.wait()
                for task in self._running:
                    task.cancel()

    def stop(self) -> None:
        """End `run`. Safe to call twice."""
        self._is_done.set()

    def type(self, characters: str) -> None:
        """Obey what was typed at once; a paste is a question's text and never a row of commands."""
        if self._question is None and len(characters) > KEYS_AT_ONCE:
            return
        for key in characters:
            self.press(key)

    def press(self, key: str) -> None:
        """Obey one key."""
        if self._question is not None:
            self._edit(key)
        elif key == QUIT_KEY:
            self.stop()
        elif key == HELP_KEY:
            self._shows_help = not self._shows_help
        elif key == ASK_KEY:
            self._question = ""
        elif key == PAGE_KEY:
            self._pages.turn()
        elif key == APPROVE_KEY and not self._has_read_proposal():
            self._tell(Text(UNREAD, style="bold yellow"))
        elif key in COMMANDS:
            self._begin(COMMANDS[key].run)
        self._has_changed.set()

    def drawing(self) -> RenderableType:
        """Draw everything as it is now."""
        now = self._client.now()
        return render(self._client.state, now, self._below(now))

    def _below(self, now: float) -> RenderableType | None:
        if self._question is not None:
            return Text.assemble(("Ask: ", "bold"), plain(self._question, QUESTION_LIMIT), "▏")
        parts: list[RenderableType] = []
        if now < self._notice_until:
            parts.append(self._notice)
        if self._shows_help:
            parts.append(_help())
        return Group(*parts) if parts else None

    def _subject(self) -> Hashable:
        """Name what would be approved, and what stands around it, at this size of the terminal."""
        state = self._client.state
        on_stage = (state.proposal(self._client.now()), state.latest)
        revisions = tuple(shown and (shown.nudge.id, shown.nudge.rev) for shown in on_stage)
        return revisions, self._console.size

    def _has_read_proposal(self) -> bool:
        is_open = self._client.state.proposal(self._client.now()) is not None
        return not is_open or self._pages.has_shown(self._subject())

    def _edit(self, key: str) -> None:
        question = self._question or ""
        if key in _ENTER:
            self._question = None
            if question.strip():
                self._begin(ask(question))
        elif key == ESCAPE:
            self._question = None
        elif key in _BACKSPACE:
            self._question = question[:-1]
        elif key.isprintable() and len(question) < QUESTION_LIMIT:
            self._question = question + key

    def _begin(self, run: Run) -> None:
        if len(self._running) < COMMANDS_AT_ONCE:
            self._start(self._perform(run), "command")

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = self._group.create_task(work, name=f"coach_terminal.{name}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _perform(self, run: Run) -> None:
        try:
            self._tell(Text(await run(self._client), style="green"))
        except CoachCallError as error:
            self._tell(Text(f"Not done: {error}", style="bold yellow"))

    def _tell(self, notice: Text) -> None:
        notice.truncate(NOTICE_LIMIT, overflow="ellipsis")
        self._notice, self._notice_until = notice, self._client.now() + NOTICE_SECONDS
        self._has_changed.set()

    async def _draw(self, live: Live) -> None:
        while True:
            self._has_changed.clear()
            live.update(self._pages.cut(self.drawing(), self._subject()), refresh=True)
            try:
                async with asyncio.timeout(REDRAW_SECONDS):
                    await self._has_changed.wait()
            except TimeoutError:
                continue

    async def _follow(self) -> None:
        async for _ in self._client.events():
            self._has_changed.set()

    async def _obey(self, typed: asyncio.Queue[str]) -> None:
        while True:
            self.type(await typed.get())


def _help() -> RenderableType:
    meanings = {key: command.meaning for key, command in COMMANDS.items()} | OTHER_KEYS
    cells = [
        Text.assemble((KEY_NAMES.get(key, key), "bold"), (f" {meaning}", "dim"))
        for key, meaning in meanings.items()
    ]
    table = Table.grid(padding=(0, 3, 0, 0))
    half = (len(cells) + 1) // 2
    for left, right in itertools.zip_longest(cells[:half], cells[half:]):
        table.add_row(left, right)
    return table
