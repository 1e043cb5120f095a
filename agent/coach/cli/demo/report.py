"""The closing tables of a demo."""

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from coach.cli.demo.advised import Advice
from coach.cli.demo.results import Results, Row
from coach.cli.demo.spread import Spread
from coach.cli.demo.witness import Witness
from coach.domain.nudge import Path

_CAUSES = {
    Path.TRIGGER: "end of the last word that caused it",
    Path.PASSAGE: "end of the question, a pause included",
    Path.SCREEN: "the slide had stood too long",
    Path.PACE: "it was due",
    Path.STAGE: "it was due",
    Path.ADVISOR: "end of the turn",
    Path.TOOL: "end of the turn",
    Path.ASK: "the rep asked",
}


def show(console: Console, results: Results, witness: Witness) -> None:
    """Print what reached the rep, what was held back, and what reached the prospect."""
    console.print(Group("", _nudges(results), _latency(results)))
    if results.advice is not None:
        console.print(_advice(results.advice))
    if results.held:
        console.print(_held(results))
    for mark in results.yielded:
        text = f"{mark.moment} at {_clock(mark.end_ms)} gave way to a hint of the advisor"
        console.print(Text(text, style="yellow"))
    for mark in results.missed:
        console.print(Text(f"missing: {mark.moment} at {_clock(mark.end_ms)}", style="bold red"))
    console.print(_prospect(witness))


def _nudges(results: Results) -> RenderableType:
    table = _table("What the rep saw")
    table.add_column("cause at", justify="right")
    table.add_column("path")
    table.add_column("moment, the words that caused it, the hint", ratio=1)
    for step in ("recog-\nnised", "decided", "shown", "acknow-\nledged"):
        table.add_column(step, justify="right")
    for row in results.rows:
        times = (row.recognised_ms, row.decided_ms, row.shown_ms, row.acknowledged_ms)
        after = [f"{time - row.caused_ms:+.0f}" for time in times]
        path = Text(row.path, style="cyan")
        table.add_row(_clock(row.caused_ms), path, _told(row), *after, end_section=True)
    table.caption = (
        "Times in milliseconds after the cause: the end of the last word that caused the hint, "
        "exact to a tenth of a second (below 0 the recogniser guessed the word before its end); "
        "for what nobody said, the moment at which it was due."
    )
    table.caption_justify = "left"
    return table


def _told(row: Row) -> Text:
    told = Text(row.moment, style="bold")
    if row.quote:
        told.append(f"\n“{row.quote}”", style="not bold italic")
    told.append(f"\n→ {row.headline}", style="not bold")
    if row.first_token_ms is not None:
        total = f", last {row.total_ms:,} ms" if row.total_ms is not None else ""
        told.append(f"\nfirst token {row.first_token_ms:,} ms{total}", style="not bold dim")
    return told


def _latency(results: Results) -> RenderableType:
    if not results.rows:
        return Text("No hint, hence no times.")
    table = _spreads("Cause → the rep's screen, by path", "path", "from")
    for way, spread in results.spreads():
        table.add_row(Text(way, style="cyan"), _CAUSES[way], *_cells(spread))
    return table


def _advice(advice: Advice) -> RenderableType:
    table = _spreads("The advisor's answers", "from the question to")
    for name, spread in (("first token", advice.first_token), ("last token", advice.total)):
        if spread is not None:
            table.add_row(name, *_cells(spread))
    spoke = advice.answered_count - advice.silent_count
    text = (
        f"{advice.silent_count} times it had nothing to say, {spoke} times it saw a moment; "
        f"{advice.failed_count} questions stayed without an answer.\n"
    )
    return Group(table, Text(text)) if advice.answered_count else Text(text)


def _spreads(title: str, *names: str) -> Table:
    table = _table(title)
    for name in names:
        table.add_column(name)
    for name in ("n", "p50", "p95", "p99"):
        table.add_column(name, justify="right")
    return table


def _cells(spread: Spread) -> list[str]:
    times = (spread.p50, spread.p95, spread.p99)
    return [str(spread.count), *("–" if ms is None else f"{ms:,.0f} ms" for ms in times)]


def _held(results: Results) -> RenderableType:
    table = _table("What was held back, and why")
    for name in ("at", "path", "moment", "why", "words"):
        table.add_column(name)
    for held in results.held:
        why = f"{held.outcome}: {held.reason}" if held.reason else held.outcome
        path, rest = Text(held.path, style="cyan"), (held.moment, why, held.quote)
        table.add_row(_clock(held.at_ms), path, *(Text(cell) for cell in rest))
    return table


def _prospect(witness: Witness) -> RenderableType:
    if witness.leaks:
        return Text(f"The prospect's client received: {', '.join(witness.leaks)}", style="bold red")
    count = sum(witness.counts.values())
    return Text(
        "The prospect's client received from the agent: its presence, its name, its neutral "
        f"attributes.\nNo track, data, stream, call, transcription or metadata ({count} events "
        f"of the client looked at).\nFrom the rep it received {witness.rep_media}.",
        style="green",
    )


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)


def _clock(ms: float) -> str:
    seconds = max(0.0, ms) / 1000
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"
