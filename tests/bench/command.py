"""The `bench` command: runs the figures asked for, one after the other, and reports."""

import argparse
import asyncio
import importlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType

from rich.console import Console

from bench import report
from bench.bench import Bench
from bench.measures import Figure

NAMES = (
    "decide",
    "match",
    "words_to_rep",
    "embedded",
    "painted",
    "nodes",
    "stalled",
    "cost",
    "muted",
    "replay",
    "dispatch",
    "screen",
    "advise",
    "lively",
    "retrieval",
    "hanging",
    "recovery",
)
INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Run the benchmark. Returns 0 however fast it was: speed is shown, not asserted."""
    options = _options(arguments)
    console = Console(highlight=False)
    # Own server, own worker, own settings, whatever is set around us.
    for name in [n for n in os.environ if n.startswith(("COACH_", "LIVEKIT_"))]:
        del os.environ[name]
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        figures = asyncio.run(_run(console, options.names or NAMES, is_quick=options.quick))
    except KeyboardInterrupt:
        console.print("\nstopped; everything that was started is stopped, too")
        return INTERRUPTED
    report.show(console, figures, is_quick=options.quick)
    path = report.save(figures, is_quick=options.quick)
    console.print(f"[dim]all samples: {path}[/dim]", soft_wrap=True)
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="few samples: does it still run?")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no figure named {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    return options


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.default_int_handler(number, frame)


async def _run(console: Console, names: Sequence[str], *, is_quick: bool) -> list[Figure]:
    figures = []
    report.show_machine(console)
    for name in names:
        figures.append(figure := await _run_one(console, name, is_quick=is_quick))
        report.show_done(console, figure)
    return figures


async def _run_one(console: Console, name: str, *, is_quick: bool) -> Figure:
    """Run one figure. One that breaks is reported as such, and the others go on."""
    started_at = time.monotonic()
    module = importlib.import_module(f"bench.figures.{name}")
    with (
        tempfile.TemporaryDirectory(prefix=f"bench-{name}-", ignore_cleanup_errors=True) as folder,
        console.status(name) as status,
    ):
        bench = Bench(Path(folder), is_quick=is_quick, show=lambda t: status.update(f"{name}: {t}"))
        try:
            figure: Figure = await module.run(bench)
        except Exception as error:
            console.print_exception(max_frames=6, width=100)
            reason = (str(error).splitlines() or [""])[0]
            title, broken = module.TITLE, f"did not run: {type(error).__name__}: {reason}"
            figure = Figure(name, title, (), (broken,))
    return replace(figure, seconds=time.monotonic() - started_at)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
