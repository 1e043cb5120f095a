"""The `evals` command: runs a set, prints the table, writes it as JSON and as a picture."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from evals import report
from evals.authored import SetError, read_set
from evals.picture import draw
from evals.running import run_set

HERE = Path(__file__).resolve().parent
_OURS = HERE.parents[1] / "playbook"


def main(arguments: Sequence[str]) -> int:
    """Run a set of evals. Returns 0 however well it hears: figures are shown, not asserted."""
    options = _options(arguments)
    console = Console(highlight=False, width=118)
    try:
        authored = read_set(HERE / options.set)
    except SetError as error:
        console.print(f"error: {error}", style="red")
        return 2
    if not authored.items and not authored.dialogues:
        console.print(f"error: {HERE / options.set} holds nothing to run", style="red")
        return 2
    results = run_set(
        authored, options.playbook, options.jobs, lambda text: console.print(text, style="dim")
    )
    report.show(console, results, options.set)
    if options.misses and options.set == "dev":
        for tally in results.tallies.values():
            for remark in tally.remarks:
                console.print(remark, style="dim", markup=False, soft_wrap=True)
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"evals-{options.set.replace('/', '-')}.json"
    report.save(results, path, options.set)
    path.with_suffix(".svg").write_text(draw(results, options.set), encoding="utf-8")
    console.print(f"[dim]written: {path} and .svg[/dim]", soft_wrap=True)
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="evals", description=__doc__)
    parser.add_argument("--set", default="test", choices=("dev", "test", "test/other_trade"))
    parser.add_argument("--playbook", type=Path, default=_OURS, help="playbook folder")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--out", type=Path, default=HERE / "results", help="where to write")
    parser.add_argument(
        "--misses", action="store_true", help="print what was missed or false (development set)"
    )
    return parser.parse_args(arguments)
