"""Keys become commands, and what came of them is said."""

import asyncio
import contextlib
import io
import json
import os
import pty
import termios
from collections.abc import AsyncIterator

import pytest
from livekit import rtc
from rich.console import Console

from coach_terminal.app import TerminalApp
from coach_terminal.client import RepClient
from coach_terminal.commands import COMMANDS, OTHER_KEYS
from coach_terminal.keyboard import ESCAPE, key_presses
from unit.coach_terminal.samples import (
    AGENT,
    MemoryParticipant,
    MemoryRoom,
    nudge_content,
    status_content,
)


async def settled() -> None:
    """Let every task that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)


class RunningApp:
    """An app that draws into memory, on a room in memory."""

    def __init__(self, room: MemoryRoom, app: TerminalApp) -> None:
        self.room = room
        self.app = app

    async def type(self, *pieces: str) -> str:
        """Type, let everything happen, and return what is on the screen."""
        for piece in pieces:
            self.app.type(piece)
            await settled()
        console = Console(file=io.StringIO(), width=100, record=True)
        console.print(self.app.drawing())
        return console.export_text()

    @property
    def sent(self) -> list[tuple[str, dict[str, object]]]:
        return [(method, payload) for _, method, payload in self.room.local_participant.calls]


@contextlib.asynccontextmanager
async def running_app() -> AsyncIterator[RunningApp]:
    room = MemoryRoom(MemoryParticipant(AGENT))
    async with RepClient(room.as_room()) as client:
        await room.call("coach_status", json.dumps(status_content()))
        app = TerminalApp(client, Console(file=io.StringIO(), width=100))
        running = asyncio.create_task(app.run(asyncio.Queue()))
        await settled()
        try:
            yield RunningApp(room, app)
        finally:
            app.stop()
            await running


async def test_keys_rate_the_nudge_on_the_stage() -> None:
    async with running_app() as running:
        assert "there is no hint yet" in await running.type("u")
        await running.room.call("coach_nudge", json.dumps(nudge_content(created_ms=10_001)))

        screen = await running.type("u")

    assert screen.count("✓ useful") == 2  # on the nudge, and as the confirmation
    assert running.sent[-1] == ("coach_feedback", {"v": 1, "nudge_id": "n-1", "action": "useful"})


async def test_keys_mute_unmute_and_answer_for_consent() -> None:
    async with running_app() as running:
        assert "◌ Muted" in await running.type("5")
        assert "● Listening" in await running.type("m")
        await running.type("g", "n", "r")

    assert [payload["action"] for _, payload in running.sent[1:]] == [
        "mute",
        "unmute",
        "consent_granted",
        "consent_denied",
        "consent_revoked",
    ]
    assert running.sent[1][1]["seconds"] == 300


async def test_question_is_typed_corrected_and_sent() -> None:
    async with running_app() as running:
        running.room.local_participant.answer = "null"
        assert "Ask: ssso▏" in await running.type("a", "s", "s", "s", "o")

        screen = await running.type("\x7f", "\x7f", "o?", "\r")

    assert "nothing fits" in screen
    assert running.sent[-1] == ("coach_ask", {"v": 1, "text": "sso?"})


async def test_question_can_be_given_up_and_an_empty_one_is_not_sent() -> None:
    async with running_app() as running:
        assert "Ask:" not in await running.type("a", "x", ESCAPE)
        await running.type("a", "\r")

    assert [method for method, _ in running.sent] == ["coach_control"]


async def test_paste_outside_of_a_question_does_nothing() -> None:
    """A pasted sentence would otherwise grant consent, mute, and leave the call."""
    async with running_app() as running:
        await running.type("granting nobody anything\n")

    assert [payload["action"] for _, payload in running.sent] == ["hello"]


async def test_failure_is_said_in_words() -> None:
    async with running_app() as running:
        running.room.local_participant.answer = rtc.RpcError(1502, "Response timeout")

        assert "Not done: the coach did not answer in time" in await running.type("m")


async def test_help_names_every_key() -> None:
    async with running_app() as running:
        screen = await running.type("?")

    meanings = [command.meaning for command in COMMANDS.values()] + list(OTHER_KEYS.values())
    assert all(meaning in screen for meaning in meanings)


async def test_quit_ends_the_app() -> None:
    async with running_app() as running, asyncio.timeout(2):
        await running.type("q")


async def test_terminal_delivers_keys_and_gets_its_settings_back() -> None:
    rep, terminal = pty.openpty()
    before = termios.tcgetattr(terminal)
    with key_presses(terminal) as typed:
        assert termios.tcgetattr(terminal) != before
        os.write(rep, b"u\x1b[A\xc3\xa9")

        async with asyncio.timeout(2):
            assert await typed.get() == "ué"

    assert termios.tcgetattr(terminal) == before
    os.close(rep)
    os.close(terminal)


async def test_without_a_terminal_there_are_no_keys() -> None:
    source, target = os.pipe()
    with key_presses(source) as typed:
        assert typed.empty()
    os.close(source)
    os.close(target)


@pytest.mark.parametrize("key", ["é", "\t", "\x00", "Z"])
async def test_other_keys_do_nothing(key: str) -> None:
    async with running_app() as running:
        await running.type(key)

    assert len(running.sent) == 1
