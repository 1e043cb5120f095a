"""A later revision of a nudge: its detail follows its headline, in the same place."""

import asyncio
import io
import json
from typing import Any

import pytest
from rich.console import Console

from coach_terminal import panel_changes
from coach_terminal.app import TerminalApp
from coach_terminal.client import RepClient
from coach_terminal.panel_changes import Answer
from coach_terminal.panel_state import PanelState
from coach_terminal.requests import FeedbackAction
from unit.coach_terminal.samples import (
    AGENT,
    MemoryParticipant,
    MemoryRoom,
    nudge,
    nudge_content,
    status_content,
)

HEADLINE = {"rev": 0, "final": False, "detail": None, "say": None, "path": "advisor"}
WHOLE = {"rev": 1, "final": True, "created_ms": 11_000, "path": "advisor"}


def receive(state: PanelState, at: float, **changes: Any) -> tuple[PanelState, Answer]:
    return panel_changes.receive_nudge(state, nudge(**changes), arrived_at=at, now=at)


def test_the_detail_takes_its_headline_s_place_with_countdown_and_answer() -> None:
    state, _ = receive(PanelState(), 10.0, **HEADLINE)
    state = panel_changes.rate(state, "n-1", FeedbackAction.USEFUL)

    state, answer = receive(state, 11.0, **WHOLE)

    assert answer is Answer.SHOWN
    assert state.latest is not None
    assert state.history == ()
    assert (state.latest.nudge.detail, state.latest.nudge.is_final) == (nudge().detail, True)
    assert (state.latest.shown_at, state.latest.feedback) == (10.0, FeedbackAction.USEFUL)


def test_a_headline_that_comes_after_its_detail_is_ignored() -> None:
    state, _ = receive(PanelState(), 10.0, **WHOLE | {"created_ms": 10_000})

    after, answer = receive(state, 10.5, **HEADLINE)

    assert answer is Answer.DUPLICATE
    assert after.latest == state.latest


def test_a_detail_whose_headline_was_never_shown_is_a_nudge_like_others() -> None:
    muted = panel_changes.mute(PanelState(), until=10.5)
    state, unseen = receive(muted, 10.0, **HEADLINE)

    state, answer = receive(state, 11.0, **WHOLE)

    assert (unseen, answer) == (Answer.MUTED, Answer.SHOWN)
    assert state.latest is not None
    assert state.latest.shown_at == 11.0


def test_a_detail_of_a_folded_nudge_stays_folded() -> None:
    state, _ = receive(PanelState(), 10.0, **HEADLINE)
    state, _ = receive(state, 10.5, id="n-2", created_ms=10_500)

    state, _ = receive(state, 11.0, **WHOLE)

    assert state.latest is not None
    assert state.latest.nudge.id == "n-2"
    assert state.history[0].nudge.is_final


class Terminal(io.StringIO):
    """What is written to a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("sequence", ["\x1b[2J", "\x1b[J", "\x1b[2K", "\x1b[K"])
async def test_nothing_is_wiped_when_the_detail_arrives(sequence: str) -> None:
    """The old words are written over; a wiped screen would flicker."""
    room, output = MemoryRoom(MemoryParticipant(AGENT)), Terminal()
    console = Console(file=output, width=100, height=30, force_terminal=True)
    async with RepClient(room.as_room()) as client:
        await room.call("coach_status", json.dumps(status_content()))
        app = TerminalApp(client, console)
        running = asyncio.create_task(app.run(asyncio.Queue()))
        for content in (HEADLINE, WHOLE):
            output.truncate(0)
            await room.call("coach_nudge", json.dumps(nudge_content(**content)))
            await settled()
        written = output.getvalue()
        app.stop()
        await running

    assert "Show the ROI slide." in written
    assert sequence not in written


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
