"""What the advisor wants written: proposed, approved, written once, or told."""

from dataclasses import replace

import pytest

from coach.domain.advice import Counsel, ToolCall
from coach.domain.events import (
    ControlAction,
    Feedback,
    FeedbackAction,
    ToolReturned,
)
from coach.domain.job import ConsentPolicy
from coach.domain.outputs import RunTool
from coach.domain.playbook import (
    NagBudget,
)
from coach.domain.tools import LOG_OUTCOME
from fakes.advised import BOOK, WORRY
from fakes.advised import advised_scene as scene
from fakes.scene import Scene, job

NOTE = ToolCall(LOG_OUTCOME, (("next_step", ""), ("outcome", "we explain it to the owner first")))


def approved_and_revoked() -> tuple[Scene, ToolReturned]:
    """Return a call that may listen again, and the late result of a note from before."""
    call = scene(has_tools=True)
    note = ToolCall(LOG_OUTCOME, (("next_step", ""), ("outcome", "they agreed to a secret pilot")))
    call.ends_turn(5_000, WORRY)
    call.advises(5_500, Counsel(None, tools=(note,)))
    call.at(6_000, Feedback(call.sent[-1].nudge.id, FeedbackAction.APPROVE))
    call.orders(6_100, ControlAction.CONSENT_REVOKED)
    call.orders(6_200, ControlAction.CONSENT_GRANTED)
    return call, ToolReturned(note, True, "The outcome is logged.")


def test_an_approved_note_is_not_told_to_the_model_after_a_revocation() -> None:
    call, late = approved_and_revoked()

    call.at(6_300, late)
    call.ends_turn(20_000, WORRY)

    assert "secret pilot" not in call.asked[-1].fresh


def test_what_was_approved_before_a_revocation_is_not_kept_after_it() -> None:
    call, late = approved_and_revoked()

    assert not call.call.may_keep(late)


def test_the_reps_yes_writes_what_the_rep_has_read_when_two_notes_came_at_once() -> None:
    call = scene(has_tools=True)
    first = ToolCall(LOG_OUTCOME, (("next_step", ""), ("outcome", "pilot agreed")))
    other = ToolCall(LOG_OUTCOME, (("next_step", ""), ("outcome", "discount of half agreed")))
    call.ends_turn(5_000, WORRY)
    call.advises(5_500, Counsel(None, tools=(first, other)))
    [shown] = [sent.nudge for sent in call.sent]
    assert shown.proposal is not None and "pilot agreed" in shown.proposal.text

    call.at(6_000, Feedback(shown.id, FeedbackAction.APPROVE))

    assert [run.call for run in call.all(RunTool) if run.call.name == LOG_OUTCOME] == [first]


def test_the_rep_reads_all_that_will_be_written() -> None:
    call = scene(has_tools=True)
    step, outcome = "s" * 200, "they leave us for good"
    note = ToolCall(LOG_OUTCOME, (("next_step", step), ("outcome", outcome)))
    call.ends_turn(5_000, WORRY)

    call.advises(5_500, Counsel(None, tools=(note,)))

    proposal = call.sent[-1].nudge.proposal
    assert proposal is not None and outcome in proposal.text and step in proposal.text


def test_nothing_is_written_while_consent_is_pending_again() -> None:
    call = Scene(
        BOOK,
        replace(job(), consent=replace(job().consent, policy=ConsentPolicy.EVERYONE)),
        turns_given=True,
        has_advisor=True,
        has_tools=True,
    ).begin()
    note = ToolCall(LOG_OUTCOME, (("next_step", ""), ("outcome", "pilot agreed")))
    call.ends_turn(5_000, WORRY)
    call.advises(5_500, Counsel(None, tools=(note,)))
    call.comes(5_800, "buyer-2")
    assert call.call.consent == "pending"

    call.at(6_000, Feedback(call.sent[-1].nudge.id, FeedbackAction.APPROVE))

    assert [run.call for run in call.all(RunTool) if run.call.name == LOG_OUTCOME] == []


def test_a_proposal_and_hints_leave_each_other_room() -> None:
    """Under the default budget: a minute beside the hints is no minute in front of them."""
    call = budgeted()
    call.ends_turn(5_000, WORRY)
    call.advises(5_500, Counsel(None, tools=(NOTE,)))
    call.says(60_000, "that is over our budget")
    call.says(200_000, "you must run it by my boss")

    assert [sent.nudge.moment for sent in call.sent] == ["log_outcome", "price", "authority"]


def test_a_hint_some_minutes_ago_does_not_keep_a_proposal_away() -> None:
    call = budgeted()
    call.says(3_000, "that is over our budget")
    call.ends_turn(300_000, WORRY)
    call.advises(300_400, Counsel(None, tools=(NOTE,)))

    assert [sent.nudge.moment for sent in call.sent] == ["price", "log_outcome"]


@pytest.mark.parametrize("error", ["no_account", "full", "timeout", "broken"])
def test_an_outcome_that_was_not_written_is_told_until_one_is(error: str) -> None:
    call = scene(has_tools=True)
    call.ends_turn(5_000, WORRY)
    call.advises(5_500, Counsel(None, tools=(NOTE,)))
    call.at(6_000, Feedback(call.sent[-1].nudge.id, FeedbackAction.APPROVE))

    call.at(6_500, ToolReturned(NOTE, False, "", error=error))
    assert "outcome_down" in call.status.reasons

    call.at(7_000, ToolReturned(NOTE, True, "The outcome is logged."))
    assert call.status.reasons == ()


@pytest.mark.parametrize(
    "outcome",
    ["Zorblatt agreed to a pilot", "they pay 4711 dollars", "the pilot begins on 3 May"],
)
def test_a_note_of_what_nobody_said_is_not_proposed(outcome: str) -> None:
    call = scene(has_tools=True)
    note = ToolCall(LOG_OUTCOME, (("next_step", "call again"), ("outcome", outcome)))
    call.ends_turn(5_000, WORRY)

    call.advises(5_400, Counsel(None, tools=(note,)))

    assert call.sent == []
    assert call.decisions == [("log_outcome", "unfounded")]


def test_a_note_of_what_was_said_is_proposed() -> None:
    call = scene(has_tools=True)
    note = ToolCall(
        LOG_OUTCOME,
        (("next_step", "send the offer by 3 May"), ("outcome", "Pilot with Harbor, 900 dollars")),
    )
    call.ends_turn(5_000, "so Harbor takes the pilot for 900 dollars, send it by the 3rd of May")

    call.advises(5_400, Counsel(None, tools=(note,)))

    assert [sent.nudge.moment for sent in call.sent] == ["log_outcome"]


def budgeted() -> Scene:
    """Return a call under the default nag budget."""
    book = replace(BOOK, budget=NagBudget())
    return Scene(book, turns_given=True, has_advisor=True, has_tools=True).begin()
