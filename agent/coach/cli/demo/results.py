"""What a demo call came to: each nudge with its words and times, and what was held back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from coach_terminal.events import NudgeReceived
from demo_call import DemoCall, Expect, Line, Mark

_REACH_MS = 8_000
"""A nudge this soon after a mark's last word, and of its moment, answers the mark."""
_EARLY_MS = 400
"""Word times are aligned to some tenths: a nudge may seem to come before its word."""


@dataclass(frozen=True, slots=True)
class Row:
    """One nudge on its way; times are milliseconds since the recording began."""

    moment: str
    headline: str
    quote: str
    spoken_ms: float
    recognised_ms: float
    decided_ms: float
    shown_ms: float
    acknowledged_ms: float
    reply: str

    @property
    def word_to_screen_ms(self) -> float:
        """From the end of the trigger's last word to the rep's handler."""
        return self.shown_ms - self.spoken_ms


@dataclass(frozen=True, slots=True)
class Held:
    """A moment that was recognised and not delivered."""

    moment: str
    outcome: str
    reason: str
    quote: str
    at_ms: float


@dataclass(frozen=True, slots=True)
class Results:
    """Everything the closing tables show."""

    rows: tuple[Row, ...]
    held: tuple[Held, ...]
    missed: tuple[Mark, ...]
    """Marks beside the recording whose nudge was not acknowledged."""

    def word_to_screen(self) -> tuple[float, float] | None:
        """Return p50 and p95 of trigger word → screen in milliseconds; None below two nudges."""
        times = [row.word_to_screen_ms for row in self.rows]
        if len(times) < 2:
            return None
        cuts = quantiles(times, n=100, method="inclusive")
        return cuts[49], cuts[94]


def read_trace(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of the one trace in a folder; none when the call left none."""
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        return []
    return [json.loads(text) for text in files[0].read_text(encoding="utf-8").splitlines()]


def collect(
    nudges: Sequence[NudgeReceived],
    trace: list[dict[str, Any]],
    call: DemoCall | None,
    start_at: float,
) -> Results:
    """Put together what the rep's client, the trace and the recording's marks say.

    Args:
        nudges: what reached the rep's client.
        trace: lines of the call's trace.
        call: the recording's marks; None for a recording without.
        start_at: when the recording began, monotonic seconds of this process.
    """
    # The worker's clock is not ours: the fastest message gives the difference, a few ms at most
    # too large.
    offsets = [n.received_at * 1000 - n.nudge.created_ms for n in nudges]
    zero_ms = start_at * 1000 - min(offsets, default=start_at * 1000)
    receipts = {line["nudge_id"]: line for line in trace if line["type"] == "receipt"}
    marked = call.expecting(Expect.NUDGE) + call.expecting(Expect.SUPPRESSED) if call else ()
    rows = tuple(_row(n, receipts.get(n.nudge.id, {}), marked, start_at, zero_ms) for n in nudges)
    expected = [line.mark for line in call.expecting(Expect.NUDGE) if line.mark] if call else []
    missed = tuple(mark for mark in expected if not any(_answers(row, mark) for row in rows))
    held = tuple(_held(line, zero_ms) for line in trace if _is_held(line))
    return Results(rows, held, missed)


def _row(
    received: NudgeReceived,
    receipt: dict[str, Any],
    marked: Sequence[Line],
    start_at: float,
    zero_ms: float,
) -> Row:
    nudge = received.nudge
    shown_ms = (received.received_at - start_at) * 1000
    quote = (nudge.evidence.quote if nudge.evidence else None) or ""
    line = _line_of(nudge.moment, shown_ms, marked)
    heard_ms = receipt.get("heard_ms", nudge.created_ms)
    spoken_ms = receipt.get("spoken_ms") or nudge.created_ms
    return Row(
        moment=nudge.moment or "",
        headline=nudge.headline,
        quote=quote,
        spoken_ms=_end_of(quote, line) if line else spoken_ms - zero_ms,
        recognised_ms=heard_ms - zero_ms,
        decided_ms=nudge.created_ms - zero_ms,
        shown_ms=shown_ms,
        acknowledged_ms=receipt.get("acknowledged_ms", nudge.created_ms) - zero_ms,
        reply=received.answer.value,
    )


def _line_of(moment: str | None, shown_ms: float, marked: Sequence[Line]) -> Line | None:
    """Return the line of the recording that a nudge answers."""
    for line in marked:
        if line.mark and line.mark.moment == moment and _is_near(shown_ms, line.mark):
            return line
    return None


def _end_of(quote: str, line: Line) -> float:
    """Return when the quote's last word ends in the recording; the mark's end if misheard."""
    assert line.mark is not None, "only marked lines are answered"
    marked_ms = line.mark.end_ms
    last = quote.rpartition(" ")[2].casefold()
    ends = [word.end_ms for word in line.words if word.word == last]
    return min(ends, key=lambda end: abs(end - marked_ms), default=marked_ms)


def _is_near(shown_ms: float, mark: Mark) -> bool:
    return mark.start_ms - _EARLY_MS <= shown_ms <= mark.end_ms + _REACH_MS


def _answers(row: Row, mark: Mark) -> bool:
    return row.moment == mark.moment and _is_near(row.shown_ms, mark) and row.reply == "shown"


def _is_held(line: dict[str, Any]) -> bool:
    return bool(line["type"] == "decision" and line["outcome"] != "delivered")


def _held(line: dict[str, Any], zero_ms: float) -> Held:
    evidence = line.get("evidence") or (line.get("nudge") or {}).get("evidence") or {}
    return Held(
        moment=line["moment"] or "",
        outcome=line["outcome"],
        reason=line["reason"] or "",
        quote=evidence.get("quote") or "",
        at_ms=line["at_ms"] - zero_ms,
    )
