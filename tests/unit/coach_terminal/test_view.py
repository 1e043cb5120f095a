"""What the rep reads, drawn into text at the widths of real terminals."""

import io
import math
from typing import Any

import pytest
from rich.console import Console, RenderableType
from rich.text import Text

from coach_terminal import panel_changes
from coach_terminal.messages import NudgeKind
from coach_terminal.panel_state import Condition, Connection, PanelState
from coach_terminal.requests import ControlAction, FeedbackAction
from coach_terminal.view import render
from coach_terminal.wording import CONDITIONS, CONSENTS, FEEDBACK, KINDS, duration, reason_in_words
from unit.coach_terminal.samples import hello, nudge, status

WIDTHS = [60, 80, 120, 200]


def drawn(renderable: RenderableType, width: int = 80) -> str:
    output = io.StringIO()
    Console(file=output, width=width, force_terminal=True, color_system="truecolor").print(
        renderable
    )
    return output.getvalue()


def text_of(renderable: RenderableType, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, record=True)
    console.print(renderable)
    return console.export_text()


def listening(**changes: Any) -> PanelState:
    return panel_changes.receive_status(PanelState(), status(**changes), 10.0)


def showing(**changes: Any) -> PanelState:
    sample = nudge(**changes)
    return panel_changes.receive_nudge(listening(), sample, arrived_at=10.0, now=10.0)[0]


def first_line(state: PanelState, now: float = 11.0) -> str:
    return text_of(render(state, now), width=200).splitlines()[0].strip()


@pytest.mark.parametrize("width", WIDTHS)
def test_nudge_is_drawn_with_kind_line_to_say_and_evidence(width: int) -> None:
    text = " ".join(text_of(render(showing(), 14.0), width).replace("┃", " ").split())

    assert "▲ OBJECTION" in text
    assert "Price objection: anchor on payback" in text
    assert "SAY “Most teams earn this back in six weeks.”" in text
    assert "buyer-1 said: “that is way over our budget”" in text
    assert "16 s" in text


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    state = showing(headline="word " * 23, say="x" * 160, detail="y" * 600)
    state = panel_changes.receive_hello(state, hello(disclosure="z" * 900), 10.0)

    lines = text_of(render(state, 11.0, Text("extra " * 50)), width).splitlines()

    assert max(len(line) for line in lines) <= width


@pytest.mark.parametrize("field", ["headline", "detail", "say", "moment"])
def test_hostile_text_reaches_the_terminal_neither_as_control_nor_as_markup(field: str) -> None:
    hostile = "\x1b]0;owned\x07\x1b[2J[bold red]boo[/] :smile: \u202eabc"

    output = drawn(render(showing(**{field: hostile}), 11.0))

    assert "\x1b]" not in output
    assert "\x1b[2J" not in output
    assert "\u202e" not in output
    assert field == "moment" or "[bold red]boo[/] :smile:" in output


def test_earlier_nudges_are_folded_and_say_what_the_rep_thought() -> None:
    state = showing()
    state = panel_changes.rate(state, "n-1", FeedbackAction.USED)
    for number in range(6):
        sample = nudge(id=f"m-{number}", headline=f"Number {number}")
        state, _ = panel_changes.receive_nudge(state, sample, arrived_at=11.0, now=11.0)

    text = text_of(render(state, 71.0))

    assert "Number 4" in text
    assert "1:00 ago" in text
    assert "and 2 earlier" in text


def test_disclosure_takes_the_stage_while_consent_is_pending() -> None:
    state = panel_changes.receive_hello(PanelState(), hello(), 1.0)

    text = text_of(render(state, 2.0))

    assert "? Waiting for consent" in text
    assert "I have an assistant on this call." in text
    assert "g they agreed   n somebody did not" in text


@pytest.mark.parametrize("condition", list(Condition))
def test_every_condition_has_a_shape_and_words(condition: Condition) -> None:
    assert CONDITIONS[condition].glyph.strip()
    assert CONDITIONS[condition].word.strip()


def test_every_kind_consent_and_feedback_has_its_words() -> None:
    assert set(KINDS) == set(NudgeKind)
    assert len({look.glyph for look in KINDS.values()}) == len(KINDS)
    assert set(FEEDBACK) == set(FeedbackAction)
    assert len(CONSENTS) == 5


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (PanelState(), "○ Waiting for the coach to join"),
        (PanelState(connection=Connection.DISCONNECTED), "✕ Not connected to the call"),
        (listening(), "● Listening  ·  consent granted  ·  discovery"),
        (
            listening(state="degraded", reasons=["stt_down"], stage="", lag_ms=2_300),
            "◐ Listening, with limits  ·  consent granted  ·  Speech recognition is down"
            "  ·  3 s behind",
        ),
        (
            panel_changes.mute(listening(thinking=True, stage=""), 311.0),
            "◌ Muted  ·  for 5:00  ·  consent granted",
        ),
        (
            listening(thinking=True),
            "● Listening  ·  consent granted  ·  discovery  ·  thinking…",
        ),
        (
            panel_changes.mute(listening(stage=""), math.inf),
            "◌ Muted  ·  until you unmute  ·  consent granted",
        ),
        (
            panel_changes.refuse(listening(), ControlAction.CONSENT_REVOKED),
            "⊘ Revoking consent, not confirmed yet",
        ),
    ],
)
def test_status_line_says_how_things_are(state: PanelState, line: str) -> None:
    assert first_line(state) == line


def test_silence_of_the_coach_is_said_with_its_length() -> None:
    assert first_line(listening(), now=100.0) == "✕ Coach lost  ·  silent for 1:30"


def test_nudges_that_come_too_late_are_not_hidden_from_the_rep() -> None:
    state = listening()
    for number in range(2):
        sample = nudge(id=f"n-{number}")
        state, _ = panel_changes.receive_nudge(state, sample, arrived_at=30.0, now=30.0)

    assert "2 hints came too late" in first_line(state, now=31.0)


def test_program_around_the_panel_can_add_its_own_and_leave_the_keys_out() -> None:
    text = text_of(render(listening(), 11.0, Text("buyer-1: hello"), has_keys=False))

    assert "buyer-1: hello" in text
    assert "quit" not in text


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("stt_down", "Speech recognition is down"),
        ("llm_down", "The advisor is down"),
        ("crm_down", "Account data is down"),
        ("llm_first_choice_down", "The model's stand-in answers"),
        ("stt_first_choice_down", "The recogniser's stand-in listens"),
        ("trace_down", "The record has gaps"),
        ("inbox_down", "The coach fell behind and missed something"),
        ("rep_moments_off", "Your own words are not heard"),
        ("llm_slow", "The advisor is slow"),
        ("billing_meter_down", "billing meter is down"),
        ("moon_phase", "moon phase"),
    ],
)
def test_reasons_are_said_in_words_also_the_unknown_ones(reason: str, words: str) -> None:
    assert reason_in_words(reason) == words


def test_durations_are_written_like_a_clock() -> None:
    assert [duration(each) for each in (0.2, 59, 60, 245, 3723)] == [
        "1 s",
        "59 s",
        "1:00",
        "4:05",
        "1:02:03",
    ]
