"""What a demo call came to: each nudge with its cause and times, and what was held back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coach.cli.demo.advised import Advice, advice_in, gave_way
from coach.cli.demo.spread import Spread, spread_of
from coach.domain.budget import ADVISED
from coach.domain.nudge import Path as Way
from coach_terminal.events import NudgeReceived
from demo_call import DemoCall, Expect, Line, Mark
from demo_call import Path as MarkPath

_REACH_MS = 8_000
"""A nudge this soon after a mark's last word, and of its moment, answers the mark."""
_EARLY_MS = 400
"""Word times are aligned to some tenths: a nudge may seem to come before its word."""
_SPOKEN = frozenset({Way.TRIGGER, Way.PASSAGE})
"""Paths whose cause is words."""


@dataclass(frozen=True, slots=True)
class Row:
    """One nudge on its way; times are milliseconds since the recording began."""

    path: Way
    moment: str
    headline: str
    quote: str
    caused_ms: float
    """The end of the last word; for what nobody said, when it was due; for advice, of the turn."""
    recognised_ms: float
    decided_ms: float
    shown_ms: float
    acknowledged_ms: float
    reply: str
    first_token_ms: int | None = None
    total_ms: int | None = None

    @property
    def cause_to_screen_ms(self) -> float:
        """From the cause to the rep's handler."""
        return self.shown_ms - self.caused_ms


@dataclass(frozen=True, slots=True)
class Held:
    """A moment that was recognised and not delivered."""

    path: Way
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
    yielded: tuple[Mark, ...] = ()
    """Such marks, when it was a hint of the advisor that had taken their place."""
    advice: Advice | None = None
    """What the advisor was asked; None without one."""

    def spreads(self) -> tuple[tuple[Way, Spread], ...]:
        """Return the times from cause to screen, by path in the order of their first nudge."""
        times: dict[Way, list[float]] = {}
        for row in self.rows:
            times.setdefault(row.path, []).append(row.cause_to_screen_ms)
        return tuple((way, spread_of(of_way)) for way, of_way in times.items())


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
    reading = _Reading(trace, call, start_at, zero_ms)
    quotes = {n.nudge.id: _quote(n) for n in nudges if _quote(n)}  # advice gives it with its detail
    firsts = [received for received in nudges if received.nudge.rev == 0]
    rows = tuple(reading.row(each, quotes.get(each.nudge.id, "")) for each in firsts)
    held = tuple(_held(line, zero_ms) for line in trace if _is_held(line))
    advice = advice_in(trace)
    expected = call.marks(Expect.NUDGE) if call else ()
    missed = [mark for mark in expected if not any(_answers(row, mark) for row in rows)]
    yielded = [mark for mark in missed if advice and _gave_way(mark, held, rows, advice, zero_ms)]
    left = tuple(mark for mark in missed if mark not in yielded)
    return Results(rows, held, left, tuple(yielded), advice)


class _Reading:
    """Finds the times of each nudge in the trace and beside the recording."""

    def __init__(
        self, trace: list[dict[str, Any]], call: DemoCall | None, start_at: float, zero_ms: float
    ) -> None:
        self._start_at, self._zero_ms = start_at, zero_ms
        self._receipts: dict[str, list[dict[str, Any]]] = {}
        for line in trace:
            if line["type"] == "receipt":
                self._receipts.setdefault(line["nudge_id"], []).append(line)
        self._answers = [line for line in trace if line["type"] == "advisor" and line["answer"]]
        self._lines = [line for line in call.lines if line.mark] if call else []

    def row(self, received: NudgeReceived, quote: str) -> Row:
        """Return a nudge with its times."""
        nudge = received.nudge
        receipts = self._receipts.get(nudge.id, [])
        first: dict[str, Any] = next((each for each in receipts if each["rev"] == 0), {})
        shown_ms = (received.received_at - self._start_at) * 1000
        way = Way(nudge.path)
        return Row(
            path=way,
            moment=nudge.moment or "",
            headline=nudge.headline,
            quote=quote,
            caused_ms=self._caused_ms(received, first, shown_ms),
            recognised_ms=first.get("heard_ms", nudge.created_ms) - self._zero_ms,
            decided_ms=nudge.created_ms - self._zero_ms,
            shown_ms=shown_ms,
            acknowledged_ms=first.get("acknowledged_ms", nudge.created_ms) - self._zero_ms,
            reply=received.answer.value,
            first_token_ms=_newest(receipts, "first_token_ms") if way in ADVISED else None,
            total_ms=_newest(receipts, "total_ms") if way in ADVISED else None,
        )

    def _caused_ms(
        self, received: NudgeReceived, receipt: dict[str, Any], shown_ms: float
    ) -> float:
        nudge = received.nudge
        way = Way(nudge.path)
        line = self._line_of(nudge.moment, shown_ms)
        if way in _SPOKEN and line is not None:
            return _end_of(_quote(received), line)
        at_ms: int = receipt.get("heard_ms", nudge.created_ms)
        if way in _SPOKEN:
            at_ms = receipt.get("spoken_ms") or nudge.created_ms
        elif way in ADVISED:
            at_ms = self._turn_ms(nudge.moment, nudge.created_ms) or at_ms
        return at_ms - self._zero_ms

    def _turn_ms(self, moment: str, decided_ms: int) -> int | None:
        """Return when the turn was over that the advisor was asked about."""
        turns = [
            line["turn_at_ms"]
            for line in self._answers
            if line["answer"]["moment"] == moment and line["at_ms"] <= decided_ms
        ]
        return max(turns, default=None)

    def _line_of(self, moment: str | None, shown_ms: float) -> Line | None:
        """Return the line of the recording that a nudge answers."""
        for line in self._lines:
            mark = line.mark
            is_it = mark and mark.expect is not Expect.NONE and mark.moment == moment
            if mark and is_it and _is_near(shown_ms, mark):
                return line
        return None


def _quote(received: NudgeReceived) -> str:
    evidence = received.nudge.evidence
    return evidence.quote if evidence is not None else ""


def _newest(receipts: list[dict[str, Any]], name: str) -> int | None:
    found = [each[name] for each in receipts if each.get(name) is not None]
    return int(found[-1]) if found else None


def _end_of(quote: str, line: Line) -> float:
    """Return when the quote's last word ends in the recording; the mark's end if misheard."""
    assert line.mark is not None, "only marked lines are answered"
    marked_ms = line.mark.end_ms
    last = quote.rpartition(" ")[2].casefold()
    ends = [word.end_ms for word in line.words if word.word == last]
    return min(ends, key=lambda end: abs(end - marked_ms), default=marked_ms)


def _is_near(at_ms: float, mark: Mark) -> bool:
    reach_ms = 0 if mark.path is MarkPath.SCREEN else _REACH_MS
    return mark.start_ms - _EARLY_MS <= at_ms <= mark.end_ms + reach_ms


def _answers(row: Row, mark: Mark) -> bool:
    return row.moment == mark.moment and _is_near(row.shown_ms, mark) and row.reply == "shown"


def _gave_way(
    mark: Mark, held: Sequence[Held], rows: Sequence[Row], advice: Advice, zero_ms: float
) -> bool:
    """Whether a hint of the advisor, or a stage that it saw, is why a marked hint did not come."""
    was_advised = any(row.path in ADVISED and row.shown_ms < mark.end_ms for row in rows)
    near = [h.reason for h in held if h.moment == mark.moment and _is_near(h.at_ms, mark)]
    if was_advised and gave_way(near):
        return True
    stages = (at_ms - zero_ms for at_ms in advice.stages_ms)
    is_seen = mark.path is MarkPath.SCREEN
    return is_seen and any(mark.start_ms < at_ms < mark.end_ms for at_ms in stages)


def _is_held(line: dict[str, Any]) -> bool:
    return bool(line["type"] == "decision" and line["outcome"] != "delivered")


def _held(line: dict[str, Any], zero_ms: float) -> Held:
    evidence = line.get("evidence") or (line.get("nudge") or {}).get("evidence") or {}
    return Held(
        path=Way(line["path"]),
        moment=line["moment"] or "",
        outcome=line["outcome"],
        reason=line["reason"] or "",
        quote=evidence.get("quote") or "",
        at_ms=line["at_ms"] - zero_ms,
    )
