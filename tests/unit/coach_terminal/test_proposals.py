"""A proposal: the rep reads exactly what will be written, and nothing is written without a yes."""

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from livekit import rtc
from rich.console import Console

from coach_terminal import panel_changes
from coach_terminal.app import UNREAD, TerminalApp
from coach_terminal.client import RepClient
from coach_terminal.coach_line import CoachCallError
from coach_terminal.panel_state import PanelState
from coach_terminal.requests import FeedbackAction
from coach_terminal.view import LAPSE_SAID_SECONDS, render
from coach_terminal.wording import FEEDBACK, LAPSED
from unit.coach_terminal.samples import (
    AGENT,
    HandClock,
    MemoryParticipant,
    MemoryRoom,
    nudge,
    nudge_content,
    status,
    status_content,
)

TEXT = "Log outcome: 15 % asked.\n\n  Next: J. Kern decides by Friday."


def proposal(text: str = TEXT, **changes: Any) -> dict[str, Any]:
    content = {"id": "n-1", "kind": "approval", "headline": "Shall I note this outcome?"}
    extra = {"detail": None, "say": None, "evidence": None, "source": None}
    return nudge_content(**content | extra | {"proposal": {"id": "p-1", "text": text}} | changes)


def proposing(text: str = TEXT, **changes: Any) -> PanelState:
    state = panel_changes.receive_status(PanelState(), status(), 10.0)
    sample = nudge(**proposal(text, **changes))
    return panel_changes.receive_nudge(state, sample, arrived_at=10.0, now=10.0)[0]


def rows(state: PanelState, now: float = 11.0, width: int = 60) -> list[str]:
    console = Console(file=io.StringIO(), width=width, record=True)
    console.print(render(state, now))
    return [row.strip("┃ ") for row in console.export_text().splitlines()]


def written(state: PanelState, width: int = 60) -> list[str]:
    """Return the rows of the proposal as they stand on the screen, bars included."""
    console = Console(file=io.StringIO(), width=width, record=True)
    console.print(render(state, 11.0))
    inner = [row[3:-1].rstrip() for row in console.export_text().splitlines() if row[:1] == "┃"]
    first = next(number for number, row in enumerate(inner) if row.startswith("WILL BE WRITTEN"))
    block = inner[first + 1 :]
    end = next(number for number, row in enumerate(block) if row.startswith("+ approve"))
    return block[: end - 1]


def test_line_breaks_and_spaces_are_shown_as_they_will_be_written() -> None:
    assert written(proposing()) == [
        "│ Log outcome: 15 % asked.",
        "│",
        "│   Next: J. Kern decides by Friday.",
    ]


def test_a_line_that_the_terminal_breaks_is_told_from_a_line_break() -> None:
    shown = written(proposing("word " * 20 + "\nend"))

    assert [row[:1] for row in shown] == ["│", " ", "│"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("\x1b[2Jwiped", "\ufffd[2Jwiped"),
        ("\x9b31mred", "\ufffd31mred"),
        ("\x1b]0;title\x07", "\ufffd]0;title\ufffd"),
        ("over\rwritten", "over\nwritten"),
        ("a\r\nb\u2028c\x85d", "a\nb\nc\nd"),
        ("pay \u202e001\u202c", "pay \ufffd001\ufffd"),
        ("zero\u200bwidth\x00", "zero\ufffdwidth\ufffd"),
        ("half \ud83d", "half \ufffd"),
        ("[bold]markup[/] :smile:", "[bold]markup[/] :smile:"),
        ("می‌خواهم 👩‍💻", "می‌خواهم 👩‍💻"),
        ("two  spaces \n", "two  spaces \n"),
    ],
)
def test_nothing_is_left_out_and_what_a_terminal_would_obey_is_visible(
    text: str, read: str
) -> None:
    message = nudge(**proposal(text))

    assert message.proposal is not None
    assert message.proposal.text == read


def test_a_proposal_is_never_shortened() -> None:
    text = "word " * 300

    message = nudge(**proposal(text))

    assert message.proposal is not None
    assert message.proposal.text == text


def test_a_detail_that_says_the_same_is_not_shown_twice() -> None:
    text = "\n".join(rows(proposing("Log outcome: won", detail="Log outcome: won")))

    assert text.count("Log outcome: won") == 1


def test_a_proposal_lapses_visibly_when_nobody_answers() -> None:
    state = proposing()

    open_rows = rows(state, 29.9)
    lapsed_rows = rows(panel_changes.advance(state, 30.0), 30.0)
    later = rows(panel_changes.advance(state, 30.0), 30.0 + LAPSE_SAID_SECONDS)

    assert "WILL BE WRITTEN, WORD FOR WORD" in open_rows
    assert any(row.startswith(LAPSED) for row in lapsed_rows)
    assert not any("approve" in row for row in lapsed_rows)
    assert not any(row.startswith(LAPSED) for row in later)
    assert any(LAPSED in row for row in later)  # still said among the earlier hints


def test_a_proposal_that_another_hint_has_pushed_aside_is_still_shown_in_full() -> None:
    state = proposing()
    other = nudge(id="n-2", created_ms=12_000)

    state, _ = panel_changes.receive_nudge(state, other, arrived_at=12.0, now=12.0)

    shown = rows(state, 12.0)
    assert "│ Log outcome: 15 % asked." in shown
    assert any(row.startswith("+ approve") for row in shown)


def test_a_proposal_without_words_cannot_be_approved() -> None:
    state = proposing("")

    assert state.proposal(11.0) is None
    assert "approve" not in " ".join(rows(state))


@contextlib.asynccontextmanager
async def attached(**changes: Any) -> AsyncIterator[tuple[MemoryRoom, RepClient, HandClock]]:
    """Attach to a coach that has proposed something."""
    room, clock = MemoryRoom(MemoryParticipant(AGENT)), HandClock()
    async with RepClient(room.as_room(), clock=clock) as client:
        await room.call("coach_status", json.dumps(status_content()))
        await room.call("coach_nudge", json.dumps(proposal(**changes)))
        await asyncio.sleep(0)
        room.local_participant.calls.clear()
        yield room, client, clock


@pytest.mark.parametrize("action", ["approve", "reject"])
async def test_an_answer_reaches_the_coach_and_is_given_once(action: str) -> None:
    async with attached() as (room, client, _):
        await getattr(client, action)("n-1")
        with pytest.raises(CoachCallError, match="lapsed or was answered"):
            await client.approve("n-1")

        (shown,) = client.state.history
        assert shown.feedback is FeedbackAction(action)
        assert room.local_participant.calls == [
            (AGENT, "coach_feedback", {"v": 1, "nudge_id": "n-1", "action": action})
        ]


async def test_an_approval_counts_only_when_the_coach_has_it() -> None:
    async with attached() as (room, client, _):
        room.local_participant.hold()
        approving = asyncio.create_task(client.approve("n-1"))
        await asyncio.sleep(0)
        on_its_way = client.state.latest
        room.local_participant.answer = rtc.RpcError(1502, "Response timeout")
        room.local_participant.release()
        with pytest.raises(CoachCallError):
            await approving

        assert on_its_way is not None
        assert on_its_way.is_sending
        assert client.state.latest is not None
        assert client.state.latest.feedback is None
        assert client.state.proposal(client.now()) is not None


async def test_a_lapsed_proposal_is_not_approved_any_more() -> None:
    async with attached() as (room, client, clock):
        clock.pass_seconds(20.1)

        with pytest.raises(CoachCallError, match="lapsed"):
            await client.approve("n-1")

        assert room.local_participant.calls == []


async def test_an_answer_that_fails_after_a_revocation_brings_nothing_back() -> None:
    async with attached() as (room, client, _):
        room.local_participant.hold()
        approving = asyncio.create_task(client.approve("n-1"))
        await asyncio.sleep(0)
        revoking = asyncio.create_task(client.consent_revoked())
        await asyncio.sleep(0)
        room.local_participant.answer = rtc.RpcError(1502, "Response timeout")
        room.local_participant.release()
        await asyncio.gather(approving, revoking, return_exceptions=True)

        assert client.state.shown_nudges() == ()


@contextlib.asynccontextmanager
async def on_terminal(height: int, **changes: Any) -> AsyncIterator[tuple[MemoryRoom, TerminalApp]]:
    async with attached(**changes) as (room, client, _):
        console = Console(file=io.StringIO(), width=80, height=height, force_terminal=True)
        app = TerminalApp(client, console)
        running = asyncio.create_task(app.run(asyncio.Queue()))
        await settled()
        try:
            yield room, app
        finally:
            app.stop()
            await running


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def pressed(app: TerminalApp, *keys: str) -> str:
    for key in keys:
        app.type(key)
        await settled()
    console = Console(file=io.StringIO(), width=80, record=True)
    console.print(app.drawing())
    return console.export_text()


def actions(room: MemoryRoom) -> list[str]:
    return [content["action"] for _, _, content in room.local_participant.calls]


@pytest.mark.parametrize(("key", "action"), [("+", "approve"), ("-", "reject")])
async def test_keys_answer_the_proposal(key: str, action: str) -> None:
    async with on_terminal(height=40) as (room, app):
        assert FEEDBACK[FeedbackAction(action)] in await pressed(app, key)
        await pressed(app, key)

        assert actions(room) == [action]


async def test_what_does_not_fit_the_terminal_is_not_approved_before_it_was_read() -> None:
    """The end of a long proposal was below the screen, and one key wrote it."""
    text = "\n".join(f"line {number}" for number in range(40))
    async with on_terminal(height=24, text=text) as (room, app):
        assert UNREAD in await pressed(app, "+")
        assert UNREAD in await pressed(app, " ", "+")
        assert actions(room) == []

        await pressed(app, " ", " ", "+")

        assert actions(room) == ["approve"]


async def test_a_proposal_that_has_not_been_drawn_yet_is_not_approved() -> None:
    async with on_terminal(height=40) as (room, app):
        await room.call("coach_nudge", json.dumps(proposal("Another", id="n-2", rev=1)))
        app.press("+")
        await settled()

        assert actions(room) == []


async def test_a_proposal_that_is_on_the_first_page_is_approved_without_turning_it() -> None:
    async with on_terminal(height=13) as (room, app):
        await pressed(app, "+")

        assert actions(room) == ["approve"]


async def test_a_proposal_behind_the_question_for_consent_is_not_approved() -> None:
    """The disclosure takes the stage while consent is pending: nobody could read the proposal."""
    async with on_terminal(height=40) as (room, app):
        pending = status_content(state="waiting_for_consent", consent="pending", at_ms=10_001)
        await room.call("coach_status", json.dumps(pending))
        await room.call("coach_nudge", json.dumps(proposal(id="n-2", rev=1, created_ms=10_002)))
        await settled()

        await pressed(app, "+")

        assert actions(room) == []
