"""Timing written talk, spoiling it, and comparing what was heard with what is marked."""

import json
from pathlib import Path

from coach.adapters.trace.reader import read_recording
from evals.authored import Line
from evals.judging import Tally
from evals.mishearing import WORD_ERROR_SHARE, Mishearing, sounds_like
from evals.replaying import Heard
from evals.timing import WORD_MS, Chunking, Timed, time_talk

TALK = (
    Line("rep", "rep-1", "So, what do you think?"),
    Line("prospect", "buyer-1", "That is way over our budget.", frozenset({"price"})),
    Line("prospect", "buyer-1", "And we are busy until May.", frozenset(), frozenset({"stall"})),
    Line("rep", "rep-1", "I see."),
)


def timed(chunking: Chunking = Chunking.USUAL, *, punctuated: bool = True) -> Timed:
    """Return the talk as a call."""
    return time_talk(TALK, seed=5, chunking=chunking, punctuated=punctuated)


def heard(line: int, moment: str, at_ms: int = 0, *, shown: bool = True) -> Heard:
    """Return a moment that was recognised."""
    return Heard(line, moment, shown, at_ms, "phrase: x", "x")


def test_written_talk_becomes_a_call_that_can_be_replayed(tmp_path: Path) -> None:
    path = tmp_path / "call.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in timed().lines))

    recording = read_recording(path)

    assert recording.warnings == ()
    assert recording.job.rep.identity == "rep-1"


def test_words_come_at_150_a_minute_and_partials_with_the_recognisers_delay() -> None:
    call = timed(Chunking.WORDS)

    said = call.spoken[1]
    partials = [
        line
        for line in call.lines
        if line["type"] == "transcript"
        and line["start_ms"] == said.start_ms
        and not line["is_final"]
    ]
    assert said.end_ms - said.start_ms == 6 * WORD_MS == 2_400
    assert [line["text"] for line in partials][:2] == ["That", "That is"]
    delays = [line["at_ms"] - line["words"][-1]["end_ms"] for line in partials[:-1]]
    assert all(140 <= delay <= 180 for delay in delays)


def test_chunkings_change_the_partials_and_nothing_else() -> None:
    assert timed(Chunking.WORDS).spoken == timed(Chunking.FINALS).spoken
    finals = [line for line in timed(Chunking.FINALS).lines if line["type"] == "transcript"]
    assert all(line["is_final"] for line in finals)


def test_the_same_seed_gives_the_same_call_and_punctuation_can_be_left_out() -> None:
    assert timed() == timed()
    assert timed(punctuated=False).spoken[1].heard == ("that", "is", "way", "over", "our", "budget")


def test_words_are_heard_as_words_that_sound_alike() -> None:
    assert {"whole", "hall"} & set(sounds_like("hole"))
    assert sounds_like("xyzzy") == ()


def test_about_nine_words_in_a_hundred_are_heard_wrong_and_always_the_same() -> None:
    words = [word for line in TALK for word in line.text.split()]
    ear = Mishearing(7)

    first = [ear.heard(words) for _ in range(200)]

    again = Mishearing(7)
    assert first == [again.heard(words) for _ in range(200)]
    assert 0.6 * WORD_ERROR_SHARE < ear.errors / ear.spoken < 1.2 * WORD_ERROR_SHARE


def test_found_missed_and_false_moments_are_counted() -> None:
    call, tally = timed(), Tally()

    tally.add(call, [heard(1, "price"), heard(3, "offer"), heard(2, "stall")], "call")

    assert (tally.recall().hits, tally.recall().total) == (1, 1)
    assert (tally.precision().hits, tally.precision().total) == (1, 2)
    assert tally.false_rate(shown=True).count == 1


def test_a_mark_may_be_heard_in_the_line_beside_it_of_the_same_speaker_only() -> None:
    near, far = Tally(), Tally()

    near.add(timed(), [heard(2, "price")], "call")
    far.add(timed(), [heard(0, "price")], "call")

    assert (near.recall().hits, near.false.total()) == (1, 0)
    assert (far.recall().hits, far.false.total()) == (0, 1)


def test_what_was_taken_for_another_is_counted() -> None:
    tally = Tally()

    tally.add(timed(), [heard(1, "trust")], "call")

    assert tally.confused == {("price", "trust"): 1}


def test_lead_is_time_before_the_speaker_stops() -> None:
    call, tally = timed(), Tally()
    said = call.spoken[1]

    tally.add(call, [heard(1, "price", said.end_ms - 700)], "call")
    tally.add(call, [heard(1, "price", said.final_ms)], "call")

    assert tally.leads_ms[0] == 700
    assert tally.leads_ms[1] < 0
    assert (tally.early().hits, tally.early().total) == (1, 2)
    assert tally.in_turn == 2


def test_what_was_recognised_and_held_back_is_not_shown() -> None:
    tally = Tally()

    tally.add(timed(), [heard(1, "price", shown=False), heard(3, "offer", shown=False)], "call")

    assert tally.recall().hits == 1
    assert tally.recall(shown=True).hits == 0
    assert (tally.false_rate(shown=False).count, tally.false_rate(shown=True).count) == (1, 0)
