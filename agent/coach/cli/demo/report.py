"""The closing tables of a demo."""

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from coach.cli.demo.results import Results
from coach.cli.demo.witness import Witness


def show(console: Console, results: Results, witness: Witness) -> None:
    """Print what reached the rep, what was held back, and what reached the prospect."""
    console.print(Group("", _nudges(results), _latency(results)))
    if results.held:
        console.print(_held(results))
    for mark in results.missed:
        console.print(Text(f"missing: {mark.moment} at {_clock(mark.end_ms)}", style="bold red"))
    console.print(_prospect(witness))


def _nudges(results: Results) -> RenderableType:
    table = Table(title="What the rep saw", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("word at", justify="right")
    table.add_column("moment, the words that caused it, the hint", ratio=1)
    for step in ("recog-\nnised", "decided", "shown", "acknow-\nledged"):
        table.add_column(step, justify="right")
    for row in results.rows:
        times = (row.recognised_ms, row.decided_ms, row.shown_ms, row.acknowledged_ms)
        after = [f"{time - row.spoken_ms:+.0f}" for time in times]
        told = Text.assemble(
            (f"{row.moment}\n", "bold"), (f"“{row.quote}”\n", "italic"), f"→ {row.headline}"
        )
        table.add_row(_clock(row.spoken_ms), told, *after)
    table.caption = (
        "Times in milliseconds after the last word that caused the hint; below 0 the recogniser "
        "guessed the word before its end. Word ends are exact to a tenth of a second."
    )
    table.caption_justify = "left"
    return table


def _latency(results: Results) -> RenderableType:
    figures = results.word_to_screen()
    if figures is None:
        return Text("Too few nudges for a distribution.")
    p50, p95 = figures
    text = f"Trigger word → screen: p50 {p50:.0f} ms, p95 {p95:.0f} ms (n = {len(results.rows)})."
    return Text(text, style="bold")


def _held(results: Results) -> RenderableType:
    table = Table(title="What was held back, and why", title_justify="left", box=box.SIMPLE_HEAD)
    for name in ("at", "moment", "why", "words"):
        table.add_column(name)
    for held in results.held:
        why = f"{held.outcome}: {held.reason}" if held.reason else held.outcome
        cells = (held.moment, why, held.quote)
        table.add_row(_clock(held.at_ms), *(Text(cell) for cell in cells))
    return table


def _prospect(witness: Witness) -> RenderableType:
    if witness.leaks:
        return Text(f"The prospect's client received: {', '.join(witness.leaks)}", style="bold red")
    count = sum(witness.counts.values())
    return Text(
        "The prospect's client received from the agent: its presence, its name, its neutral "
        f"attributes.\nNo track, data, stream, call, transcription or metadata ({count} events "
        "of the client looked at).",
        style="green",
    )


def _clock(ms: float) -> str:
    seconds = max(0.0, ms) / 1000
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"
