"""What a demo makes of nudges, trace and marks: times by path, what is missing, what gave way."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from coach.cli.demo import report
from coach.cli.demo.results import Results, collect
from coach.cli.demo.spread import Spread, spread_of
from coach.cli.demo.witness import Witness
from coach.domain.nudge import Path as Way
from coach_terminal.events import NudgeReceived
from coach_terminal.messages import Evidence, Nudge, NudgeKind
from coach_terminal.panel_changes import Answer
from demo_call import DemoCall, Expect, Line, Mark, Role, Showing, Speaker, Word
from demo_call import Path as MarkPath

START_AT = 1_000.0
"""Monotonic seconds at which the recording began; the call's clock then showed `ZERO_MS`."""
ZERO_MS = 5_000
SAM = Speaker(Role.REP, "Sam", "Larkspur", "rms")

PRICE = Mark("price_objection", "over our budget", 1_000, 2_000, Expect.NUDGE)
CARD = Mark("integrations", "our calendar", 20_000, 21_000, Expect.NUDGE, MarkPath.PASSAGE)
STALE = Mark("screen_stale", "", 3_000, 60_000, Expect.NUDGE, MarkPath.SCREEN)


def line_of(mark: Mark) -> Line:
    words = (Word(mark.trigger.rpartition(" ")[2], mark.start_ms, mark.end_ms),)
    return Line(Role.PROSPECT, mark.trigger, mark.start_ms, mark.end_ms, words, mark)


CALL = DemoCall(
    Path("call.flac"),
    70_000,
    SAM,
    SAM,
    (line_of(PRICE), line_of(CARD)),
    (Showing("price", 3_000, 60_000, STALE),),
)


def received(
    moment: str, way: Way, at_ms: int, quote: str | None = None, rev: int = 0, late_ms: int = 0
) -> NudgeReceived:
    """Return a nudge decided at a time of the recording, and shown `late_ms` later."""
    nudge = Nudge(
        run="r",
        call_id="c",
        id=f"n-{moment}",
        rev=rev,
        is_final=True,
        kind=NudgeKind.CARD,
        moment=moment,
        path=way.value,
        headline="Do it",
        detail="",
        say="",
        source=None,
        evidence=Evidence("prospect", "buyer-1", quote or "", None, None),
        proposal=None,
        priority=40,
        created_ms=ZERO_MS + at_ms,
        expires_in_ms=6_000,
        relevant_ms=12_000,
    )
    shown_at = START_AT + (at_ms + late_ms) / 1_000
    return NudgeReceived(nudge, Answer.SHOWN, shown_at, 0.0, "agent-1")


def receipt(moment: str, rev: int = 0, **fields: Any) -> dict[str, Any]:
    return {"type": "receipt", "nudge_id": f"n-{moment}", "rev": rev} | fields


def advisor(moment: str, at_ms: int, turn_at_ms: int, **fields: Any) -> dict[str, Any]:
    answer = {"moment": moment, "final": True, "stage": None} | fields
    return {
        **{"type": "advisor", "at_ms": ZERO_MS + at_ms, "turn_at_ms": ZERO_MS + turn_at_ms},
        **{"answer": answer, "first_token_ms": 180, "total_ms": 900},
    }


def held(moment: str, reason: str, at_ms: int, way: Way = Way.TRIGGER) -> dict[str, Any]:
    return {
        **{"type": "decision", "outcome": "suppressed", "reason": reason, "path": way.value},
        **{"moment": moment, "at_ms": ZERO_MS + at_ms},
    }


EVERYTHING = (
    received("price_objection", Way.TRIGGER, 2_100, "over our budget"),
    received("integrations", Way.PASSAGE, 21_600, "our calendar"),
    received("screen_stale", Way.SCREEN, 48_000, late_ms=4),
)


def test_every_mark_is_answered_on_its_path_and_timed_from_its_cause() -> None:
    results = collect(EVERYTHING, [], CALL, START_AT)

    assert (results.missed, results.yielded, results.advice) == ((), (), None)
    times = [(row.path, row.caused_ms, round(row.cause_to_screen_ms)) for row in results.rows]
    assert times == [
        (Way.TRIGGER, 2_000, 100),
        (Way.PASSAGE, 21_000, 600),
        (Way.SCREEN, 48_000, 4),
    ]


@pytest.mark.parametrize("left_out", [0, 1, 2])
def test_a_mark_whose_nudge_did_not_come_is_missed(left_out: int) -> None:
    nudges = [each for number, each in enumerate(EVERYTHING) if number != left_out]

    results = collect(nudges, [], CALL, START_AT)

    assert results.missed == ((PRICE, CARD, STALE)[left_out],)


def test_a_nudge_that_was_not_shown_or_came_after_the_slide_answers_nothing() -> None:
    hidden = replace(EVERYTHING[0], answer=Answer.MUTED)
    late = received("screen_stale", Way.SCREEN, 60_500)

    results = collect([hidden, EVERYTHING[1], late], [], CALL, START_AT)

    assert results.missed == (PRICE, STALE)


def test_without_an_advisor_a_hint_held_back_by_the_budget_is_missed() -> None:
    trace = [held("screen_stale", "budget", 48_000, Way.SCREEN)]

    results = collect(EVERYTHING[:2], trace, CALL, START_AT)

    assert (results.missed, results.yielded) == ((STALE,), ())


def advised(at_ms: int = 10_000) -> list[NudgeReceived]:
    """Return the two nudges of words, and one of the advisor with its later detail."""
    headline = received("stall", Way.ADVISOR, at_ms)
    detail = received("stall", Way.ADVISOR, at_ms + 700, "some words", rev=1)
    return [*EVERYTHING[:2], headline, detail]


def test_advice_is_one_row_timed_from_the_end_of_its_turn() -> None:
    trace = [
        advisor("nothing", 5_000, 4_500),
        advisor("stall", 10_000, 9_200, final=False),
        advisor("stall", 10_700, 9_200),
        receipt("stall", heard_ms=ZERO_MS + 10_000, acknowledged_ms=ZERO_MS + 10_010)
        | {"first_token_ms": 180, "total_ms": 800},
        receipt("stall", 1, first_token_ms=180, total_ms=1_500),
    ]

    results = collect(advised(), trace, CALL, START_AT)

    [row] = [each for each in results.rows if each.path is Way.ADVISOR]
    assert (row.caused_ms, row.cause_to_screen_ms) == (9_200, 800)
    assert (row.first_token_ms, row.total_ms, row.quote) == (180, 1_500, "some words")
    assert results.advice is not None
    assert (results.advice.answered_count, results.advice.silent_count) == (2, 1)


def test_a_hint_gives_way_when_the_advisor_has_spent_the_budget_before() -> None:
    trace = [
        advisor("stall", 10_000, 9_200),
        held("screen_stale", "budget", 48_000, Way.SCREEN),
    ]

    results = collect(advised(), trace, CALL, START_AT)

    assert (results.missed, results.yielded) == ((), (STALE,))


@pytest.mark.parametrize(
    "trace, at_ms",
    [
        ([], 10_000),  # not even recognised
        ([held("screen_stale", "negated", 48_000, Way.SCREEN)], 10_000),
        ([held("screen_stale", "budget", 48_000, Way.SCREEN)], 61_000),  # advised only later
    ],
)
def test_advice_excuses_nothing_that_it_did_not_cause(
    trace: list[dict[str, Any]], at_ms: int
) -> None:
    answered = advisor("stall", at_ms, at_ms - 800)

    results = collect(advised(at_ms), [answered, *trace], CALL, START_AT)

    assert (results.missed, results.yielded) == ((STALE,), ())


def test_a_stage_that_the_advisor_saw_lets_the_slide_count_anew() -> None:
    trace = [advisor("nothing", 40_000, 39_000, stage="close")]

    results = collect(EVERYTHING[:2], trace, CALL, START_AT)

    assert (results.missed, results.yielded) == ((), (STALE,))


def test_an_advisor_that_never_answered_is_told() -> None:
    failed = {**advisor("", 1_000, 500), "answer": None, "error": "status 500"}

    advice = collect(EVERYTHING, [failed], CALL, START_AT).advice

    assert advice is not None
    assert (advice.answered_count, advice.failed_count, advice.first_token) == (0, 1, None)


def test_of_one_time_nothing_but_itself_is_told() -> None:
    assert spread_of([7.0]) == Spread(1, 7.0, None, None)
    assert spread_of([0.0, 100.0]) == Spread(2, 50.0, 95.0, 99.0)


class NoWitness(Witness):
    """A client that received nothing."""

    def __init__(self) -> None:
        self.counts, self.leaks = {}, []  # type: ignore[assignment]

    rep_media = "the voice"


def printed(results: Results) -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    report.show(console, results, NoWitness())
    return console.export_text()


def test_the_closing_tables_tell_paths_their_spread_and_what_is_missing() -> None:
    text = printed(collect(EVERYTHING[:2], [], CALL, START_AT))

    assert "p99" in text
    assert "missing: screen_stale" in text
    assert "passage" in text


def test_the_closing_tables_tell_what_gave_way_and_how_long_the_advisor_took() -> None:
    trace = [advisor("stall", 10_000, 9_200), held("screen_stale", "budget", 48_000, Way.SCREEN)]

    text = printed(collect(advised(), trace, CALL, START_AT))

    assert "screen_stale at 1:00.0 gave way to a hint of the advisor" in text
    assert "0 times it had nothing to say, 1 times it saw a moment" in text
    assert "missing" not in text
