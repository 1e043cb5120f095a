"""Moments from the shape of the call: monologue, silence, talk ratio, unanswered question."""

from coach.domain.events import TurnCompleted
from coach.domain.pace import Pace
from coach.domain.playbook import Speaker, Stage, Tier, When
from coach.domain.records import Decision
from coach.domain.turns import Turn
from fakes.playbooks import playbook, shape
from fakes.scene import BUYER, COLLEAGUE, REP, Scene, job

MONOLOGUE = shape("monologue", When.MONOLOGUE, speaker=Speaker.REP, after_ms=30_000)
SILENCE = shape("silence", When.SILENCE, after_ms=8_000)
RATIO = shape("ratio", When.TALK_RATIO, speaker=Speaker.REP, window_ms=60_000, ratio=0.65)
UNANSWERED = shape("unanswered", When.UNANSWERED_QUESTION, after_ms=6_000)


def monologue() -> Scene:
    return Scene(playbook(MONOLOGUE)).begin()


# -- monologue ----------------------------------------------------------------------------------


def test_a_long_monologue_is_told_once_when_it_gets_too_long() -> None:
    scene = monologue()
    scene.speaks(1_000, None)

    scene.wait(30_999)
    before = list(scene.decisions)
    scene.wait(200_000)

    assert before == []
    assert scene.decisions == [("monologue", "delivered")]
    assert scene.sent[0].nudge.created_ms == 31_000


def test_the_evidence_of_a_monologue_is_its_length() -> None:
    scene = monologue()
    scene.speaks(1_000, None)

    scene.wait(31_000)

    evidence = scene.sent[0].nudge.evidence
    assert evidence is not None
    assert (evidence.start_ms, evidence.end_ms, evidence.quote) == (1_000, 31_000, None)


def test_breaths_do_not_end_a_monologue() -> None:
    scene = monologue()

    for start_ms in range(0, 40_000, 10_000):
        scene.speaks(start_ms + 1_000, start_ms + 8_500)

    assert scene.delivered == ["monologue"]


def test_a_pause_ends_a_monologue() -> None:
    scene = monologue()

    scene.speaks(1_000, 20_000)
    scene.speaks(23_001, 45_000)

    assert scene.decisions == []


def test_a_back_channel_does_not_end_a_monologue() -> None:
    scene = monologue()
    scene.speaks(1_000, None)

    scene.speaks(10_000, 11_200, BUYER)
    scene.wait(31_000)

    assert scene.delivered == ["monologue"]


def test_more_than_a_back_channel_begins_the_monologue_anew() -> None:
    scene = monologue()
    scene.speaks(1_000, None)

    scene.speaks(10_000, 11_500, BUYER)
    scene.wait(41_499)
    before = list(scene.decisions)
    scene.wait(41_500)

    assert before == []
    assert scene.delivered == ["monologue"]


def test_talking_over_each_other_is_no_monologue() -> None:
    scene = monologue()
    scene.speaks(1_000, None)

    scene.speaks(29_000, None, BUYER)
    scene.wait(60_000)

    assert scene.decisions == []


def test_a_second_speaker_of_a_side_does_not_begin_its_monologue_anew() -> None:
    """The floor belongs to the side; somebody who joins in was taken for a fresh start once."""
    book = playbook(shape("rant", When.MONOLOGUE, speaker=Speaker.PROSPECT, after_ms=30_000))
    scene = Scene(book).begin()
    scene.speaks(1_000, None, BUYER)

    scene.speaks(20_000, None, "buyer-2")
    scene.wait(31_000)

    assert scene.delivered == ["rant"]


def test_words_stand_for_voice_where_none_is_reported() -> None:
    scene = monologue()

    scene.says(2_000, "so", REP, final=False, start_ms=1_000, end_ms=1_500)
    scene.wait(31_000)

    assert scene.delivered == ["monologue"]


def test_a_final_without_an_end_ends_the_voice() -> None:
    """`end_ms` is optional in a file: without it somebody seemed to speak for ever."""
    scene = monologue()

    scene.says(3_000, "so that was it", REP, start_ms=1_000)
    scene.wait(60_000)

    assert scene.decisions == []


def test_a_rep_who_left_in_mid_speech_is_not_speaking_when_back() -> None:
    scene = monologue()
    scene.speaks(1_000, None)

    scene.leaves(20_000, REP)
    scene.comes(60_000, REP)
    scene.wait(100_000)

    assert scene.decisions == []


def test_a_shape_that_does_not_fit_the_stage_is_recorded_with_the_reason() -> None:
    late = shape(
        "monologue",
        When.MONOLOGUE,
        speaker=Speaker.REP,
        after_ms=30_000,
        stages=frozenset({"closing"}),
    )
    stages = (Stage("opening", "Listen."), Stage("closing", "Ask."))
    scene = Scene(playbook(late, stages=stages)).begin()

    scene.speaks(1_000, None)
    scene.wait(31_000)

    (line,) = scene.all(Decision)
    assert (line.moment, line.reason, line.path) == ("monologue", "stage", "pace")


# -- silence ------------------------------------------------------------------------------------


def test_silence_is_told_once_when_it_lasts() -> None:
    scene = Scene(playbook(SILENCE)).begin()
    scene.speaks(1_000, 2_000)

    scene.wait(9_999)
    before = list(scene.decisions)
    scene.wait(100_000)

    assert before == []
    assert scene.delivered == ["silence"]
    assert scene.sent[0].nudge.created_ms == 10_000


def test_nobody_has_spoken_yet_is_no_silence() -> None:
    scene = Scene(playbook(SILENCE)).begin()

    scene.wait(60_000)

    assert scene.decisions == []


def test_anybody_breaks_a_silence() -> None:
    scene = Scene(playbook(SILENCE)).begin()
    scene.speaks(1_000, 2_000)

    scene.speaks(9_000, 9_500, COLLEAGUE)
    scene.wait(17_499)

    assert scene.decisions == []


def test_it_is_not_silent_while_somebody_speaks() -> None:
    scene = Scene(playbook(SILENCE)).begin()
    scene.speaks(1_000, 2_000)

    scene.speaks(3_000, None, BUYER)
    scene.wait(60_000)

    assert scene.decisions == []


def test_the_return_of_the_rep_is_not_the_end_of_a_silence() -> None:
    """Nobody listened in between: that was taken for silence, and nudged at once."""
    scene = Scene(playbook(SILENCE)).begin()
    scene.speaks(1_000, 2_000)

    scene.leaves(3_000, REP)
    scene.comes(60_000, REP)
    scene.wait(120_000)

    assert scene.decisions == []


# -- talk ratio ---------------------------------------------------------------------------------


def turn(speaker: Speaker, start_ms: int, end_ms: int, text: str = "so it is") -> Turn:
    identity = REP if speaker is Speaker.REP else BUYER
    return Turn(identity, speaker, text, start_ms, end_ms)


def test_a_rep_who_talks_too_much_is_told_at_the_end_of_a_turn() -> None:
    scene = Scene(playbook(RATIO), turns_given=True).begin()

    scene.speaks(0, 10_000, BUYER)
    scene.speaks(10_000, 40_000, REP)
    scene.says(40_100, "so it is", REP)
    scene.at(40_700, TurnCompleted(REP, Speaker.REP))

    assert scene.delivered == ["ratio"]


def test_a_balanced_talk_is_not_told() -> None:
    scene = Scene(playbook(RATIO), turns_given=True).begin()

    scene.speaks(0, 20_000, BUYER)
    scene.speaks(20_000, 45_000, REP)
    scene.says(45_100, "so it is", REP)
    scene.at(45_700, TurnCompleted(REP, Speaker.REP))

    assert scene.decisions == []


def test_a_ratio_means_nothing_before_half_its_window() -> None:
    pace = Pace([RATIO], is_rep_transcribed=True)
    pace.voices.activity(REP, Speaker.REP, is_active=True, at_ms=0)
    pace.voices.activity(REP, Speaker.REP, is_active=False, at_ms=29_000)

    early = pace.turn(turn(Speaker.REP, 0, 29_000), 29_999)
    late = pace.turn(turn(Speaker.REP, 0, 29_000), 30_000)

    assert early == []
    assert [found.moment.id for found in late] == ["ratio"]


def test_what_is_older_than_the_window_does_not_count() -> None:
    pace = Pace([RATIO], is_rep_transcribed=True)
    for who, side, start_ms, end_ms in (
        (REP, Speaker.REP, 0, 60_000),
        (BUYER, Speaker.PROSPECT, 60_000, 100_000),
        (REP, Speaker.REP, 100_000, 105_000),
    ):
        pace.voices.activity(who, side, is_active=True, at_ms=start_ms)
        pace.voices.activity(who, side, is_active=False, at_ms=end_ms)

    found = pace.turn(turn(Speaker.REP, 100_000, 105_000), 120_000)

    assert found == []


def test_partials_with_times_do_not_count_twice() -> None:
    """Each partial holds all words since the last final, so its length is not a new one."""
    scene = Scene(playbook(RATIO)).begin()
    scene.says(20_000, "we need it for the whole team", BUYER, start_ms=0, end_ms=20_000)

    for at_ms in range(26_000, 50_000, 2_000):
        scene.says(at_ms, "so", REP, final=False, start_ms=24_000, end_ms=at_ms)
    scene.says(50_000, "so it is", REP, start_ms=24_000, end_ms=50_000)
    scene.wait(51_000)

    assert scene.decisions == []


# -- unanswered question ------------------------------------------------------------------------


def asked(text: str = "how do you handle encryption", *, transcribe_rep: bool = True) -> Scene:
    """Return a scene in which the buyer's question is complete at 3,000."""
    scene = Scene(playbook(UNANSWERED), job(transcribe_rep=transcribe_rep)).begin()
    scene.says(2_400, text, start_ms=1_000, end_ms=2_300)
    return scene


def test_a_question_that_nobody_takes_up_is_told() -> None:
    scene = asked()

    scene.wait(8_999)
    before = list(scene.decisions)
    scene.wait(60_000)

    assert before == []
    assert scene.delivered == ["unanswered"]
    assert scene.sent[0].nudge.created_ms == 9_000


def test_the_evidence_is_the_question() -> None:
    scene = asked()

    scene.wait(9_000)

    evidence = scene.sent[0].nudge.evidence
    assert evidence is not None
    assert (evidence.identity, evidence.start_ms, evidence.end_ms) == (BUYER, 1_000, 2_300)
    assert evidence.quote == "how do you handle encryption"


def test_words_about_the_question_take_it_up() -> None:
    scene = asked()

    scene.says(5_000, "all is encrypted", REP)
    scene.wait(60_000)

    assert scene.decisions == []


def test_words_about_something_else_do_not() -> None:
    scene = asked()

    scene.says(5_000, "before that the agenda", REP)
    scene.wait(60_000)

    assert scene.delivered == ["unanswered"]


def test_a_long_answer_takes_it_up_in_whatever_words() -> None:
    scene = asked()

    scene.says(5_000, "well " * 12, REP)
    scene.wait(60_000)

    assert scene.decisions == []


def test_an_answer_that_is_still_going_on_takes_it_up() -> None:
    """Its final may come long after the question's time is over."""
    scene = asked()

    scene.says(5_000, "our encryption", REP, final=False)
    scene.wait(60_000)

    assert scene.decisions == []


def test_a_colleague_may_answer() -> None:
    scene = asked()

    scene.says(5_000, "let me take that the encryption is ours", COLLEAGUE)
    scene.wait(60_000)

    assert scene.decisions == []


def test_an_answer_that_ends_the_asking_turn_takes_it_up() -> None:
    scene = asked()

    scene.says(2_700, "encryption is always on", REP)
    scene.wait(60_000)

    assert scene.decisions == []


def test_a_statement_is_no_question() -> None:
    scene = asked("we handle that ourselves")

    scene.wait(60_000)

    assert scene.decisions == []


def test_without_the_reps_words_nobody_can_tell_and_the_status_says_so() -> None:
    scene = asked(transcribe_rep=False)

    scene.wait(60_000)

    assert scene.decisions == []
    assert scene.status.reasons == ("rep_moments_off",)


def test_a_question_before_a_break_is_not_held_against_the_rep() -> None:
    scene = asked()
    scene.wait(3_000)

    scene.leaves(4_000, REP)
    scene.comes(30_000, REP)
    scene.wait(60_000)

    assert scene.decisions == []


# -- turns --------------------------------------------------------------------------------------


def test_new_words_keep_a_turn_open() -> None:
    scene = Scene(playbook(UNANSWERED)).begin()
    scene.says(2_000, "How do you handle that?")

    scene.says(2_500, "and", final=False)
    scene.says(4_000, "And we do it ourselves.")
    scene.wait(60_000)

    assert scene.decisions == []


def test_partials_that_came_to_nothing_do_not_keep_a_turn_open() -> None:
    """The pause begins again at the empty final; without that the turn never ended."""
    scene = Scene(playbook(UNANSWERED)).begin()
    scene.says(2_000, "how do you handle encryption")

    scene.says(2_500, "uh", final=False)
    scene.says(3_000, "")
    scene.wait(60_000)

    assert [sent.nudge.created_ms for sent in scene.sent] == [9_600]


def test_where_turns_are_given_pauses_do_not_count() -> None:
    scene = Scene(playbook(UNANSWERED), turns_given=True).begin()
    scene.says(2_000, "how do you handle encryption")

    scene.wait(20_000)
    before = list(scene.decisions)
    scene.at(20_000, TurnCompleted(BUYER, Speaker.PROSPECT))
    scene.wait(26_000)

    assert before == []
    assert scene.delivered == ["unanswered"]


def test_many_shapes_at_once_are_each_told_once() -> None:
    """A bounded memory of what was told forgot the first before it came to the last."""
    silences = [shape(f"s{i}", When.SILENCE, after_ms=5_000, tier=Tier.NOTED) for i in range(150)]
    scene = Scene(playbook(*silences)).begin()
    scene.speaks(1_000, 2_000)

    scene.wait(60_000)

    assert scene.decisions == [(silence.id, "noted") for silence in silences]
