"""Prints the table of an eval, and writes it as JSON."""

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from evals.intervals import Rate, Share
from evals.judging import Tally
from evals.running import ERRORS, SEED, Results

_GOALS = {"plain": 0.98, "paraphrase": 0.85, ERRORS: 0.80}
_RATES = {"calls": 0.1, "price_talk": 0.3}
_TIERS = ("plain", "paraphrase", ERRORS)
_NEAR = ("near", "near, with recogniser errors")


def show(console: Console, results: Results, name: str) -> None:
    """Print what a set came to."""
    console.print(_head(results, name))
    console.print(_recall_table(results))
    console.print(_silence_table(results))
    console.print(_moments_table(results))
    if confused := _confusions(results):
        console.print(confused)
    console.print(_timing_table(results))


def _head(results: Results, name: str) -> Text:
    said = results.tallies["sentences"].moments.total()
    return Text(
        f"\nSet `{name}`: {said} moments and {results.tallies['near'].lines} near misses "
        "as sentences, "
        f"word errors of the third tier {results.word_errors:.1%}. "
        "In brackets 95 % intervals: Wilson for shares, exact Poisson for rates."
    )


def _recall_table(results: Results) -> Table:
    table = _table("Heard", "moments in", "n", "recall", "goal", "shown", "precision")
    for tier in (*_TIERS, "whole_calls", "whole_calls, with recogniser errors"):
        tally = results.tallies[tier]
        goal = _GOALS.get(tier)
        recall = tally.recall()
        table.add_row(
            tier.replace("_", " "),
            str(recall.total),
            _share(recall, goal),
            f"{goal:.2f}" if goal else "",
            _share(tally.recall(shown=True)),
            _share(tally.precision(), 0.9) if "whole" in tier else "",
        )
    table.add_row(
        "all sentences, near misses too",
        "",
        "",
        "0.90",
        "",
        _share(results.tallies["sentences"].precision(), 0.9),
    )
    return table


def _silence_table(results: Results) -> Table:
    table = _table(
        "Silent", "false in", "minutes", "shown per 10 min", "goal", "recognised per 10 min", "n"
    )
    for kind in ("calls", "price_talk", "whole_calls"):
        for suffix in ("", ", with recogniser errors"):
            tally = results.tallies[kind + suffix]
            shown, found = tally.false_rate(shown=True), tally.false_rate(shown=False)
            goal = _RATES.get(kind)
            table.add_row(
                (kind + suffix).replace("_", " "),
                f"{tally.minutes:.0f}",
                _rate(shown, goal),
                f"{goal:.1f}" if goal else "",
                _rate(found),
                f"{shown.count} / {found.count}",
            )
    for tier in _NEAR:
        tally = results.tallies[tier]
        table.add_row(
            f"{tier}: {tally.lines} sentences",
            "",
            "",
            "",
            "",
            f"{tally.false_shown.total()} / {tally.false.total()}",
        )
    return table


def _moments_table(results: Results) -> Table:
    sentences, spoilt = results.tallies["sentences"], results.tallies[ERRORS]
    table = _table("By moment", "moment", "n", "plain", "paraphrase", "with errors", "precision")
    for moment in sorted(sentences.moments):
        table.add_row(
            moment,
            str(sentences.moments[moment]),
            _share(results.tallies["plain"].recall(moment)),
            _share(results.tallies["paraphrase"].recall(moment)),
            _share(spoilt.recall(moment)),
            _share(sentences.precision(moment)),
        )
    return table


def _confusions(results: Results) -> Table | None:
    confused = results.tallies["sentences"].confused
    if not confused:
        return None
    table = _table("Taken for another", "was", "heard as", "times")
    for (was, other), times in sorted(confused.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(was, other, str(times))
    return table


def _timing_table(results: Results) -> Table:
    table = _table("In time", "figure", "value", "goal", "n")
    leads = [lead for tally in _shown_tallies(results) for lead in tally.leads_ms]
    early = Share(sum(lead > 0 for lead in leads), len(leads))
    in_turn = Share(sum(tally.in_turn for tally in _shown_tallies(results)), len(leads))
    back, agreement = results.taken_back, results.agreement
    table.add_row("while the speaker still speaks", _share(early, 0.6), "≥ 0.60", str(early.total))
    table.add_row("before the turn is complete", _share(in_turn), "", str(in_turn.total))
    if leads:
        table.add_row(
            "lead before the speaker stops, median",
            f"{median(leads) / 1000:+.1f} s",
            "",
            str(len(leads)),
        )
    table.add_row("shown, and taken back by the final", _share(back), "≤ 0.01", str(back.total))
    table.add_row(
        "the same in any chunking", _share(agreement, 0.99), "≥ 0.99", str(agreement.total)
    )
    return table


def _shown_tallies(results: Results) -> Iterator[Tally]:
    for name in ("sentences", "whole_calls"):
        yield results.tallies[name]


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", header_style="dim", box=None
    )
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right", no_wrap=True)
    return table


def _share(share: Share, goal: float | None = None) -> Text:
    if share.value is None:
        return Text("–", "dim")
    low, high = share.interval
    style = "" if goal is None else "green" if share.value >= goal else "yellow"
    return Text.assemble((f"{share.value:.2f}", style), (f" [{low:.2f}–{high:.2f}]", "dim"))


def _rate(rate: Rate, goal: float | None = None) -> Text:
    value = rate.per_ten_minutes
    if value is None:
        return Text("–", "dim")
    low, high = rate.interval
    style = "" if goal is None else "green" if value <= goal else "yellow"
    return Text.assemble((f"{value:.2f}", style), (f" [{low:.2f}–{high:.2f}]", "dim"))


def save(results: Results, path: Path, name: str) -> None:
    """Write all counts and shares."""
    content = {
        "set": name,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "seed": SEED,
        "word_errors": round(results.word_errors, 4),
        "agreement": _share_json(results.agreement),
        "taken_back": _share_json(results.taken_back),
        "tallies": {name: _tally_json(tally) for name, tally in sorted(results.tallies.items())},
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _tally_json(tally: Tally) -> dict[str, Any]:
    return {
        "lines": tally.lines,
        "minutes": round(tally.minutes, 2),
        "recall": _share_json(tally.recall()),
        "recall_shown": _share_json(tally.recall(shown=True)),
        "precision": _share_json(tally.precision()),
        "false_shown": _rate_json(tally.false_rate(shown=True)),
        "false_recognised": _rate_json(tally.false_rate(shown=False)),
        "before_speaker_stops": _share_json(tally.early()),
        "leads_ms": sorted(tally.leads_ms),
        "by_moment": {
            moment: {
                "recall": _share_json(tally.recall(moment)),
                "precision": _share_json(tally.precision(moment)),
            }
            for moment in sorted(tally.moments | tally.false)
        },
        "confused": {f"{was} > {other}": n for (was, other), n in sorted(tally.confused.items())},
    }


def _share_json(share: Share) -> dict[str, Any]:
    low, high = share.interval
    return {"hits": share.hits, "of": share.total, "value": share.value, "low": low, "high": high}


def _rate_json(rate: Rate) -> dict[str, Any]:
    low, high = rate.interval
    is_known = rate.minutes > 0
    return {
        "count": rate.count,
        "minutes": round(rate.minutes, 2),
        "per_ten_minutes": rate.per_ten_minutes,
        "low": low if is_known else None,
        "high": high if is_known else None,
    }
