"""How old the words may be that a hint of the advisor claims."""

from dataclasses import replace

import pytest

from coach.domain.advice import Counsel, ToolCall
from coach.domain.events import ToolReturned
from coach.domain.judging import BEFORE_TOPIC_MS
from fakes.advised import HEADLINE, WHOLE
from fakes.advised import advised_scene as scene
from fakes.scene import REP, Scene

OLD = "the owner decides all of it"
NEW = "so tell me how the app works for the crews on the road"
CLAIM = replace(WHOLE, words="owner decides", utterance=1)


def asked_after(gap_ms: int) -> tuple[Scene, int]:
    """Return a call whose newest turn begins so long after old words, and when it was over."""
    call = scene()
    call.ends_turn(5_000, OLD)  # too short to be asked about; ends at 4,400
    over_ms = 4_400 + gap_ms + 1_600
    call.ends_turn(over_ms, NEW)
    assert [request.turn_at_ms for request in call.asked] == [over_ms]
    return call, over_ms


@pytest.mark.parametrize("gap_ms", [2_000, BEFORE_TOPIC_MS])
def test_words_shortly_before_the_turn_are_evidence(gap_ms: int) -> None:
    call, over_ms = asked_after(gap_ms)

    call.advises(over_ms + 600, CLAIM)

    assert [sent.nudge.detail for sent in call.sent] == [WHOLE.detail]


@pytest.mark.parametrize("gap_ms", [BEFORE_TOPIC_MS + 1, 75_000])
def test_older_words_are_none_though_they_still_stand_in_the_window(gap_ms: int) -> None:
    """A hint was given on words 75 seconds old, and on the same words a second time."""
    call, over_ms = asked_after(gap_ms)

    call.advises(over_ms + 600, CLAIM)

    assert OLD in call.asked[-1].fresh
    assert call.sent == []


def test_a_headline_that_rests_on_old_words_gets_no_detail() -> None:
    call, over_ms = asked_after(75_000)
    call.advises(over_ms + 400, HEADLINE)

    call.advises(over_ms + 800, CLAIM)

    assert [sent.nudge.rev for sent in call.sent] == [0]
    assert call.decisions[-1] == ("authority", "unfounded")


def test_words_that_were_said_again_are_evidence_where_they_were_said_last() -> None:
    """Also when the model points to where they were said first."""
    call = scene()
    call.ends_turn(5_000, OLD)
    call.ends_turn(80_000, f"as i said before, {OLD} and not the crews")

    call.advises(80_600, CLAIM)

    [nudge] = [sent.nudge for sent in call.sent]
    assert nudge.evidence is not None and nudge.evidence.start_ms == 78_400


def test_a_turn_is_evidence_from_its_first_words_on_however_long_it_is() -> None:
    call = scene()
    for at_ms in range(5_000, 65_000, 5_000):
        call.says(at_ms, OLD if at_ms == 5_000 else f"and at {at_ms} another thing comes up")
    call.ends_turn(65_000, "that is how it goes with us all day long")

    call.advises(65_600, CLAIM)

    assert len(call.sent) == 1


def test_a_turn_whose_question_was_called_back_is_asked_about_with_the_next_one() -> None:
    call = scene()
    call.says(5_000, OLD)
    call.says(30_000, "and there is so much more to tell you about it", start_ms=29_000)
    call.ends_turn(31_000, "that is how it goes with us all day long")
    call.ends_turn(32_200, "but first tell me what it costs us")
    assert [request.turn_at_ms for request in call.asked] == [31_000, 32_200]

    call.advises(32_800, CLAIM)

    assert len(call.sent) == 1


def test_words_after_the_turn_are_evidence() -> None:
    call = scene()
    call.ends_turn(5_000, NEW)
    call.says(5_300, OLD, start_ms=5_100)

    call.advises(5_600, replace(CLAIM, utterance=2))

    assert len(call.sent) == 1


def test_a_slow_tool_does_not_make_the_turns_words_old() -> None:
    call = scene(has_tools=True)
    tool = ToolCall("get_battlecard", (("competitor", "Route King"),))
    call.ends_turn(5_000, f"{OLD} and he will want to know what it does")
    call.advises(5_400, Counsel(None, tools=(tool,)))
    call.says(8_000, "let me look that up for you, one moment please", REP)
    call.at(11_500, ToolReturned(tool, True, "Plans overnight."))

    call.advises(12_000, CLAIM)

    assert len(call.sent) == 1
