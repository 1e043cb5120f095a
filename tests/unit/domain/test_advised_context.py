"""More that went wrong once: dossiers, pictures, stages and evidence."""

from dataclasses import replace

from coach.adapters.models.answer import AnswerReader
from coach.domain.advice import AdviceRequest, Counsel, ToolCall
from coach.domain.events import ToolReturned
from coach.domain.job import AccountRef
from coach.domain.outputs import RunTool
from coach.domain.screen import ScreenSampled
from coach.domain.tools import ACCOUNT_CONTEXT
from fakes.advised import BOOK, HEADLINE, WHOLE, WORRY
from fakes.advised import advised_scene as scene
from fakes.scene import REP, Scene, job


def test_a_dossier_that_came_while_the_rep_reconnected_is_asked_for_again() -> None:
    call = Scene(
        BOOK, job(account=AccountRef("acme")), turns_given=True, has_advisor=True, has_tools=True
    ).begin()
    call.leaves(1_000, REP)
    call.at(2_000, ToolReturned(ACCOUNT_CONTEXT, True, "Renewal: March."))
    call.comes(3_000, REP)

    assert [run.call for run in call.all(RunTool)] == [ACCOUNT_CONTEXT, ACCOUNT_CONTEXT]


def test_a_slide_that_an_overtaken_question_did_not_bring_goes_with_the_next_one() -> None:
    call = scene()
    call.at(1_000, ScreenSampled("f-000001.jpg", 1, 1.0))
    call.ends_turn(5_000, WORRY)
    call.ends_turn(5_700, "and we have to ask the accountant too")

    assert [request.image for request in call.asked] == ["f-000001.jpg", "f-000001.jpg"]


def test_one_question_about_the_screen_sends_one_picture() -> None:
    call = scene()
    call.at(1_000, ScreenSampled("f-000001.jpg", 1, 1.0))
    call.ends_turn(5_000, "what does this chart show us about the year")
    call.advises(5_500, Counsel(None))
    call.ends_turn(12_000, "we also have nine people in the office all day long every week")
    call.advises(12_500, Counsel(None))
    call.ends_turn(20_000, "and in summer it is always much more than that for all of us")

    assert [request.image for request in call.asked].count("f-000001.jpg") == 1


def test_a_short_question_soon_after_another_turn_is_asked_about() -> None:
    call = scene()
    call.ends_turn(5_000, WORRY)
    call.advises(5_400, Counsel(None))

    call.ends_turn(9_000, "does it work with our accounting software?")

    assert [request.turn_at_ms for request in call.asked] == [5_000, 9_000]


def test_a_headline_with_a_tool_behind_it_still_needs_its_evidence() -> None:
    call = Scene(BOOK, turns_given=True, has_advisor=True, has_tools=True, reply=None).begin()
    call.says(4_000, "that is over our budget")  # in flight, unanswered
    call.ends_turn(5_000, WORRY)
    call.advises(5_500, HEADLINE)  # waits
    tool = ToolCall("get_battlecard", (("competitor", "Route King"),))
    call.advises(5_700, replace(WHOLE, words="never said by anybody", tools=(tool,)))

    call.answers(5_900)

    assert [sent.nudge.moment for sent in call.sent] == ["price"]


def test_nothing_worth_a_hint_may_still_move_the_stage_with_evidence() -> None:
    request = AdviceRequest(1, 1, 2_000, "", "", ("authority",), ("opening", "discovery"), True)
    reader = AnswerReader(request)
    reader.feed(
        '{"moment": "nothing", "confidence": 0.9, "headline": "", "evidence": {"utterance": 1,'
        ' "words": "explain that to the owner"}, "detail": "", "say": null, "stage": "discovery"}'
    )
    call = scene()
    call.ends_turn(5_000, WORRY)

    call.advises(5_500, reader.end(()))

    assert call.status.stage == "discovery"


def test_evidence_is_looked_for_in_the_words_of_the_side_the_moment_belongs_to() -> None:
    call = scene()
    call.ends_turn(5_000, WORRY)
    call.says(5_300, "so you would have to explain that to the owner", REP)
    call.advises(5_600, HEADLINE)

    call.advises(5_900, replace(WHOLE, utterance=None))

    assert [sent.nudge.rev for sent in call.sent] == [0, 1]
