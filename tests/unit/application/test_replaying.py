"""Replay: the same call object, on a virtual clock, with a panel that answers at once."""

from coach.application.replaying import replay
from coach.domain.events import Ack, Ended, EndReason, Event, ParticipantChanged, Transcript
from coach.domain.outputs import Finish, Output
from coach.domain.playbook import Speaker, When
from coach.domain.records import Decision, Receipt
from fakes.playbooks import moment, playbook, shape
from fakes.scene import BUYER, REP, new_call

BOOK = playbook(
    moment("low", "alpha", priority=30),
    moment("high", "bravo", priority=70),
    shape("silence", When.SILENCE, after_ms=5_000),
)


def said(text: str, start_ms: int = 0) -> Transcript:
    return Transcript(BUYER, Speaker.PROSPECT, text, True, start_ms)


def played(
    *steps: tuple[int, Event], answered: frozenset[str] = frozenset()
) -> list[tuple[int, Output]]:
    all_steps = [(0, ParticipantChanged(REP, Speaker.REP, True, True)), *steps]
    done = replay(new_call(BOOK), all_steps, answered)
    return [(at_ms, output) for at_ms, output, _ in done]


def decided(outputs: list[tuple[int, Output]]) -> list[tuple[int, str | None, str]]:
    decisions = [(at_ms, o) for at_ms, o in outputs if isinstance(o, Decision)]
    return [(at_ms, d.moment, str(d.reason or d.outcome)) for at_ms, d in decisions]


def test_the_panel_shows_each_nudge_at_once() -> None:
    outputs = played((2_000, said("alpha and bravo")))

    assert decided(outputs) == [(2_000, "high", "delivered"), (2_000, "low", "delivered")]
    receipts = [output for _, output in outputs if isinstance(output, Receipt)]
    assert [receipt.acknowledged_ms for receipt in receipts] == [2_000, 2_000]


def test_a_nudge_whose_answer_is_recorded_waits_for_it() -> None:
    (nudge,) = [
        output.nudge
        for _, output in played((2_000, said("bravo")))
        if isinstance(output, Decision) and output.nudge
    ]

    outputs = played(
        (2_000, said("bravo")),
        (2_100, said("alpha")),
        (2_300, Ack(nudge.id, 0, "shown")),
        answered=frozenset({nudge.id}),
    )

    assert decided(outputs) == [(2_000, "high", "delivered"), (2_300, "low", "delivered")]


def test_what_time_brings_has_its_own_time() -> None:
    outputs = played((2_000, said("hello")), (60_000, Ended(EndReason.END_OF_FILE)))

    assert decided(outputs) == [(7_000, "silence", "delivered")]
    assert [at_ms for at_ms, _ in outputs] == sorted(at_ms for at_ms, _ in outputs)


def test_the_time_of_a_line_is_the_time_in_it() -> None:
    outputs = played((2_000, said("alpha")), (9_000, said("bravo")), (60_000, Ended()))

    assert all(at_ms == d.heard_at_ms for at_ms, d in outputs if isinstance(d, Decision))


def test_nothing_is_played_after_the_end() -> None:
    outputs = played((2_000, Ended()), (3_000, said("alpha")))

    assert decided(outputs) == []
    assert len([output for _, output in outputs if isinstance(output, Finish)]) == 1


def test_the_answer_to_a_nudge_that_was_on_its_way_at_the_end_counts() -> None:
    (nudge,) = [
        output.nudge
        for _, output in played((2_000, said("bravo")))
        if isinstance(output, Decision) and output.nudge
    ]

    outputs = played(
        (2_000, said("bravo")),
        (2_100, Ended()),
        (2_200, said("alpha")),
        (2_300, Ack(nudge.id, 0, "shown")),
        answered=frozenset({nudge.id}),
    )

    assert decided(outputs) == [(2_000, "high", "delivered")]
    receipts = [output for _, output in outputs if isinstance(output, Receipt)]
    assert [receipt.acknowledged_ms for receipt in receipts] == [2_300]


def test_the_calls_own_pace_is_kept_on_demand() -> None:
    waited: list[int] = []
    steps: list[tuple[int, Event]] = [(2_000, said("alpha")), (5_000, Ended())]

    list(replay(new_call(BOOK), steps, frozenset(), waited.append))

    assert waited == [2_000, 5_000]
