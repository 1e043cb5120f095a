"""The closing tables of a demo."""

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from coach.cli.demo.results import Results
from coach.cli.demo.witness import Witness


def show(console: Console, results: Results, witness: Witness) -> None:
    """Print what reached the rep, what was held back, and what reached the prospect."""
    console.print(Group(_nudges(results), _latency(results)))
    if results.held:
        console.print(_held(results))
    for mark in results.missed:
        console.print(Text(f"missing: {mark.moment} at {_clock(mark.end_ms)}", style="bold red"))
    console.print(_prospect(witness))


def _nudges(results: Results) -> RenderableType:
    table = Table(title="What the rep saw", title_justify="left", expand=True)
    table.add_column("word at", justify="right")
    table.add_column("moment", no_wrap=True)
    table.add_column("words that caused it", ratio=3)
    table.add_column("hint", ratio=4)
    for name in ("recognised", "decided", "shown", "acknowledged"):
        table.add_column(name, justify="right")
    for row in results.rows:
        times = (row.recognised_ms, row.decided_ms, row.shown_ms, row.acknowledged_ms)
        after = [f"+{time - row.spoken_ms:.0f} ms" for time in times]
        cells = [Text(text) for text in (row.moment, row.quote, row.headline)]
        table.add_row(_clock(row.spoken_ms), *cells, *after)
    return table


def _latency(results: Results) -> RenderableType:
    figures = results.word_to_screen()
    if figures is None:
        return Text("Too few nudges for a distribution.")
    p50, p95 = figures
    text = f"Trigger word → screen: p50 {p50:.0f} ms, p95 {p95:.0f} ms (n = {len(results.rows)})."
    return Text(text, style="bold")


def _held(results: Results) -> RenderableType:
    table = Table(title="What was held back, and why", title_justify="left")
    for name in ("at", "moment", "outcome", "reason", "words"):
        table.add_column(name)
    for held in results.held:
        cells = (held.moment, held.outcome, held.reason, held.quote)
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
