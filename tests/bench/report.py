"""Prints the figures as a reader wants them, and keeps all samples in a file."""

import datetime
import json
import math
import os
import platform
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bench.measures import Figure, Measure, Of, histogram, verdict

REPOSITORY = Path(__file__).resolve().parents[2]
FILE = REPOSITORY / ".cache" / "bench.json"
SHAPE_CELLS = 8
LINE_WIDTH = 99
BUSY_LOAD = 1.0
_STYLES = {True: "green", False: "bold red", None: "dim"}


def show_machine(console: Console) -> None:
    """Say on what it runs, and whether the machine is busy with something else."""
    load = os.getloadavg()[0]
    console.print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, load {load:.2f}", style="dim"
    )
    if load > BUSY_LOAD:
        console.print(
            f"the machine is busy (load {load:.2f}): times will be worse than they are",
            style="yellow",
        )


def show_done(console: Console, figure: Figure) -> None:
    """Print a line for a figure that is done."""
    mark = Text("✓ " if figure.is_met and figure.measures else "✗ ", _STYLES[figure.is_met])
    mark.append(figure.title, "default")
    mark.append(f"  {figure.seconds:.0f} s", "dim")
    console.print(mark)


def show(console: Console, figures: Sequence[Figure], *, is_quick: bool) -> None:
    """Print all figures, their columns under one head, and how many goals are met."""
    console.print()
    head = _table()
    head.add_row("", "n", "p50", "p95", "p99", "max", "", "goal", "", "shape", style="dim")
    console.print(head)
    about = "shape: how the samples lie between the smallest and the 99th percentile"
    console.print(about, style="dim", justify="right", width=LINE_WIDTH)
    for figure in figures:
        console.print(Text(figure.title, "bold"))
        table = _table()
        for measure in figure.measures:
            table.add_row(*_cells(measure))
        if figure.measures:
            console.print(table)
        for note in figure.notes:
            console.print(Padding(Text(note, "dim italic"), (0, 0, 0, 2)))
        console.print()
    _show_summary(console, figures, is_quick=is_quick)


def _table() -> Table:
    """Return a table whose columns stand where those of the others do."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=32)
    table.add_column(width=5, justify="right", style="dim")
    for _ in range(4):
        table.add_column(width=6, justify="right", no_wrap=True)
    table.add_column(width=4, style="dim")
    table.add_column(width=11)
    table.add_column(width=6)
    table.add_column(width=SHAPE_CELLS, no_wrap=True, style="cyan")
    return table


def _cells(measure: Measure) -> list[Text]:
    style = "dim" if measure.is_met is None else ""
    shape = "" if measure.is_single else histogram(measure.samples, SHAPE_CELLS)
    return [
        Text(f"  {measure.what}", style),
        Text(f"{measure.count:,}"),
        *(Text(cell, style) for cell in _numbers(measure)),
        Text(measure.unit),
        Text("\n".join(map(str, measure.goals))),
        Text(verdict(measure.is_met), _STYLES[measure.is_met]),
        Text(shape),
    ]


def _numbers(measure: Measure) -> list[str]:
    if measure.is_single:
        return [_number(measure.samples[0]), "", "", ""]
    return [_number(measure.number(of)) for of in (Of.P50, Of.P95, Of.P99, Of.MAX)]


def _number(value: float) -> str:
    """Write a number with about three digits."""
    if math.isnan(value):
        return "–"
    if value == int(value) and abs(value) < 1_000:
        return str(int(value))
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}"


def _show_summary(console: Console, figures: Sequence[Figure], *, is_quick: bool) -> None:
    judged = [m for figure in figures for m in figure.measures if m.is_met is not None]
    missed = [m for m in judged if not m.is_met]
    broken = [figure for figure in figures if not figure.measures]
    seconds = sum(figure.seconds for figure in figures)
    console.print(
        Text.assemble(
            (f"{len(judged) - len(missed)} of {len(judged)} goals met", _STYLES[not missed]),
            f", {len(broken)} figures did not run" if broken else "",
            f" in {seconds / 60:.1f} min",
            (" (--quick: too few samples to judge by)" if is_quick else "", "yellow"),
        )
    )


def save(figures: Sequence[Figure], *, is_quick: bool) -> Path:
    """Write everything to `.cache/bench.json`."""
    FILE.parent.mkdir(exist_ok=True)
    content = {
        "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "is_quick": is_quick,
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.platform(),
            "load": os.getloadavg(),
        },
        "figures": [figure.fields() for figure in figures],
    }
    FILE.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return FILE.relative_to(REPOSITORY)
