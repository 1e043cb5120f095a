"""Draws nudges: the prominent one large, the earlier ones folded into a few lines."""

from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from coach_terminal.messages import Evidence, Nudge
from coach_terminal.panel_state import ShownNudge
from coach_terminal.plain_text import plain
from coach_terminal.proposal_view import LABEL, ExactText
from coach_terminal.wording import FEEDBACK, KINDS, LAPSED, SENDING, duration

HISTORY_LINES: Final = 4
LAPSED_CELLS: Final = 76

_WHO: Final = {"rep": "You said", "team": "Your colleague said"}


def prominent(shown: ShownNudge, now: float) -> RenderableType:
    """Draw the one nudge that counts at this moment."""
    nudge = shown.nudge
    look = KINDS[nudge.kind]
    parts: list[RenderableType] = [Text(nudge.headline, style="bold"), *_proposal(shown, now)]
    if nudge.say:
        parts.append(_say(nudge.say))
    if nudge.detail and not _repeats_proposal(nudge):
        parts.append(Text(nudge.detail))
    origin = _origin(nudge)
    if origin:
        parts.append(origin)
    parts.append(_countdown(shown, now, look.style))
    title = Text(f" {look.glyph} {look.word.upper()} ", style=f"bold reverse {look.style}")
    fate = _fate(shown, now)
    rated = Text(f" {fate} ") if fate else None
    return Panel(
        Group(*_spaced(parts)),
        box=box.HEAVY,
        title=title,
        title_align="left",
        subtitle=rated,
        subtitle_align="right",
        border_style=look.style,
        padding=(1, 2, 0, 2),
    )


def folded(history: tuple[ShownNudge, ...], now: float) -> RenderableType:
    """Draw the earlier nudges, a line each."""
    lines = Table.grid(padding=(0, 2, 0, 0), expand=True)
    lines.add_column(width=1)
    lines.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    lines.add_column(no_wrap=True)
    lines.add_column(justify="right", no_wrap=True)
    for shown in history[:HISTORY_LINES]:
        look = KINDS[shown.nudge.kind]
        lines.add_row(
            Text(look.glyph, style=look.style),
            Text(shown.nudge.headline, style="dim"),
            Text(_fate(shown, now), style="dim"),
            Text(f"{duration(now - shown.shown_at)} ago", style="dim"),
        )
    more_count = len(history) - HISTORY_LINES
    if more_count > 0:
        lines.add_row("", Text(f"and {more_count} earlier", style="dim italic"), "", "")
    return Padding(lines, (1, 2, 0, 2))


def lapsed(shown: ShownNudge) -> RenderableType:
    """Say for a while that a proposal was not answered in time."""
    words = Text.assemble((LAPSED, "bold yellow"), (f"  {shown.nudge.headline}", "dim"))
    words.truncate(LAPSED_CELLS, overflow="ellipsis")
    return Padding(words, (1, 2, 0, 2))


def _proposal(shown: ShownNudge, now: float) -> list[RenderableType]:
    if shown.nudge.proposal is None or not shown.is_open_proposal(now):
        return []
    keys = Text.assemble(("+", "bold"), " approve   ", ("-", "bold"), " reject   ")
    keys.append("lapses by itself if you do nothing", style="dim")
    text = ExactText(shown.nudge.proposal.text)
    return [Group(Text(LABEL, style="bold reverse"), text), keys]


def _repeats_proposal(nudge: Nudge) -> bool:
    if nudge.proposal is None:
        return False
    return plain(nudge.proposal.text, len(nudge.detail) + 1, keep_lines=True) == nudge.detail


def _fate(shown: ShownNudge, now: float) -> str:
    """Say what became of it."""
    if shown.is_sending:
        return SENDING
    if shown.feedback is not None:
        return FEEDBACK[shown.feedback]
    return LAPSED if shown.has_lapsed(now) else ""


def _say(words: str) -> RenderableType:
    line = Table.grid(padding=(0, 1, 0, 0))
    line.add_column(no_wrap=True)
    line.add_column()
    line.add_row(Text("SAY", style="bold reverse"), Text(f"“{words}”", style="bold italic"))
    return line


def _origin(nudge: Nudge) -> Text | None:
    pieces: list[str] = []
    if nudge.evidence is not None and nudge.evidence.quote:
        pieces.append(f"{_speaker(nudge.evidence)}: “{nudge.evidence.quote}”")
    if nudge.source is not None and nudge.source.id:
        pieces.append(f"{nudge.source.type} {nudge.source.id}".strip())
    return Text("  ·  ".join(pieces), style="dim") if pieces else None


def _speaker(evidence: Evidence) -> str:
    if evidence.speaker in _WHO:
        return _WHO[evidence.speaker]
    return f"{evidence.identity or 'They'} said"


def _countdown(shown: ShownNudge, now: float, style: str) -> RenderableType:
    line = Table.grid(padding=(0, 1, 0, 0), expand=True)
    line.add_column(ratio=1)
    line.add_column(justify="right", no_wrap=True, width=6)
    bar = ProgressBar(
        total=1.0,
        completed=shown.relevance_ratio(now),
        style="bright_black",
        complete_style=style,
        finished_style=style,
    )
    line.add_row(bar, Text(duration(shown.seconds_left(now)), style="dim"))
    return line


def _spaced(parts: list[RenderableType]) -> list[RenderableType]:
    spaced: list[RenderableType] = []
    for part in parts:
        spaced += [part, Text("")]
    return spaced[:-1]
