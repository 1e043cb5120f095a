"""Consent: nothing before it, one answer for whom it covers, and nothing left after revocation."""

import itertools

import pytest

from coach.domain.consent import ConsentGate
from coach.domain.events import (
    Ack,
    Ask,
    ControlAction,
    Event,
    Feedback,
    FeedbackAction,
    SpeakingChanged,
    Transcript,
    TurnCompleted,
)
from coach.domain.job import Consent, ConsentPolicy, ConsentState
from coach.domain.outputs import Erase, Listen, PanelState, SendNudge, StateChanged
from coach.domain.playbook import Speaker
from coach.domain.records import Decision, Reason
from fakes.playbooks import moment, playbook
from fakes.scene import BUYER, COLLEAGUE, REP, Scene, job

PENDING, GRANTED = ConsentState.PENDING, ConsentState.GRANTED
DENIED, REVOKED = ConsentState.DENIED, ConsentState.REVOKED
GRANT, DENY = ControlAction.CONSENT_GRANTED, ControlAction.CONSENT_DENIED
REVOKE = ControlAction.CONSENT_REVOKED

ALLOWED = {
    (PENDING, GRANT): GRANTED,
    (PENDING, DENY): DENIED,
    (DENIED, GRANT): GRANTED,
    (GRANTED, REVOKE): REVOKED,
    (REVOKED, GRANT): GRANTED,
}

PRICE = playbook(moment("price", "over our budget"))


@pytest.mark.parametrize(
    ("state", "action"), list(itertools.product(ConsentState, (GRANT, DENY, REVOKE)))
)
def test_only_the_written_transitions_change_the_state(
    state: ConsentState, action: ControlAction
) -> None:
    gate = ConsentGate(Consent(state))

    has_changed = gate.answer(action)

    assert gate.state == ALLOWED.get((state, action), state)
    assert has_changed == ((state, action) in ALLOWED)


def test_nothing_is_heard_or_decided_before_consent() -> None:
    scene = Scene(PRICE, job(PENDING)).begin()

    scene.says(2_000, "that is over our budget", final=False)
    scene.says(3_000, "that is over our budget")
    scene.at(3_100, SpeakingChanged(BUYER, True))
    scene.at(3_200, TurnCompleted(BUYER, Speaker.PROSPECT))
    scene.wait(20_000)

    assert scene.all(Listen) == []
    assert scene.sent == []
    assert scene.status.state is PanelState.WAITING_FOR_CONSENT


def test_words_without_consent_leave_one_line_without_text() -> None:
    scene = Scene(PRICE, job(PENDING)).begin()

    scene.says(2_000, "that is over our budget")
    scene.says(9_000, "that is over our budget")

    (line,) = scene.all(Decision)
    assert line.reason is Reason.NO_CONSENT
    assert (line.moment, line.nudge, line.evidence, line.rule) == (None, None, None, None)


def test_nothing_heard_without_consent_may_be_kept() -> None:
    scene = Scene(PRICE, job(PENDING)).begin()
    heard: list[Event] = [
        Transcript(BUYER, Speaker.PROSPECT, "hello", True, 0),
        SpeakingChanged(BUYER, True),
        TurnCompleted(BUYER, Speaker.PROSPECT),
    ]

    may_keep = [scene.call.may_keep(event) for event in heard]

    assert may_keep == [False, False, False]


def test_words_said_before_the_grant_stay_unknown_after_it() -> None:
    scene = Scene(PRICE, job(PENDING)).begin()

    scene.says(2_000, "that is over our", final=False)
    scene.orders(3_000, GRANT)
    scene.says(4_000, "budget")

    assert scene.sent == []


def test_a_grant_opens_the_ears_for_everybody_present() -> None:
    scene = Scene(PRICE, job(PENDING)).begin()
    scene.comes(1_000, COLLEAGUE)

    scene.orders(2_000, GRANT)

    assert scene.listening == {REP, BUYER, COLLEAGUE}
    assert scene.status.state is PanelState.LISTENING
    assert scene.status.consent is GRANTED


def test_a_late_prospect_sets_the_call_to_pending_under_everyone() -> None:
    scene = Scene(PRICE, job(GRANTED, ConsentPolicy.EVERYONE)).begin()

    scene.comes(5_000, "buyer-2")

    assert scene.call.consent is PENDING
    assert scene.listening == frozenset()
    assert scene.status.state is PanelState.WAITING_FOR_CONSENT


def test_one_grant_covers_all_who_are_present() -> None:
    scene = Scene(PRICE, job(GRANTED, ConsentPolicy.EVERYONE)).begin()
    scene.comes(5_000, "buyer-2")
    scene.comes(6_000, "buyer-3")

    scene.orders(7_000, GRANT)

    assert scene.listening == {REP, BUYER, "buyer-2", "buyer-3"}


def test_a_late_prospect_changes_nothing_under_call() -> None:
    scene = Scene(PRICE, job(GRANTED, ConsentPolicy.CALL)).begin()

    scene.comes(5_000, "buyer-2")

    assert scene.call.consent is GRANTED
    assert "buyer-2" in scene.listening


def test_a_late_colleague_needs_no_new_consent() -> None:
    scene = Scene(PRICE, job(GRANTED, ConsentPolicy.EVERYONE)).begin()

    scene.comes(5_000, COLLEAGUE)

    assert scene.call.consent is GRANTED


def test_a_prospect_who_returns_is_still_covered() -> None:
    scene = Scene(PRICE, job(GRANTED, ConsentPolicy.EVERYONE)).begin()

    scene.leaves(5_000, BUYER)
    scene.comes(9_000, BUYER)

    assert scene.call.consent is GRANTED


def test_a_prospect_who_missed_the_grant_is_not_covered_by_it() -> None:
    """Whoever was there before the agent, but not when consent was given, was not asked."""
    scene = Scene(PRICE, job(PENDING, ConsentPolicy.EVERYONE)).begin()
    scene.comes(0, "buyer-2", was_present=True)
    scene.leaves(2_000, "buyer-2")
    scene.orders(3_000, GRANT)

    scene.comes(4_000, "buyer-2")

    assert scene.call.consent is PENDING


def test_a_revocation_ends_the_cover_of_those_who_are_away() -> None:
    """A second grant covers those who heard the second question, not those of the first."""
    scene = Scene(PRICE, job(GRANTED, ConsentPolicy.EVERYONE)).begin()
    scene.comes(0, "buyer-2", was_present=True)
    scene.leaves(2_000, "buyer-2")
    scene.orders(3_000, REVOKE)
    scene.orders(4_000, GRANT)

    scene.comes(5_000, "buyer-2")

    assert scene.call.consent is PENDING


def test_revocation_erases_and_stops_listening_at_once() -> None:
    scene = Scene(PRICE).begin()
    scene.says(2_000, "that is over our budget")

    outputs = scene.orders(3_000, REVOKE)

    assert Erase() in outputs
    assert Listen(frozenset()) in outputs
    assert not [output for output in outputs if isinstance(output, Decision | SendNudge)]
    assert scene.status.consent is REVOKED
    assert scene.status.state is PanelState.WAITING_FOR_CONSENT


def test_a_denial_erases_nothing_for_nothing_was_heard() -> None:
    scene = Scene(PRICE, job(PENDING)).begin()

    outputs = scene.orders(3_000, DENY)

    assert Erase() not in outputs
    assert scene.status.consent is DENIED


def test_after_a_second_grant_the_call_listens_afresh() -> None:
    """Cooldowns of before are forgotten, too: they hold what was said."""
    scene = Scene(PRICE).begin()
    scene.says(2_000, "that is over our budget")
    scene.orders(3_000, REVOKE)

    scene.orders(4_000, GRANT)
    scene.says(5_000, "that is over our budget")

    assert scene.listening == {REP, BUYER}
    assert scene.delivered == ["price", "price"]


def test_a_nudge_that_waits_at_revocation_is_gone() -> None:
    book = playbook(moment("first", "alpha"), moment("second", "bravo"))
    scene = Scene(book, reply=None).begin()
    scene.says(2_000, "alpha")
    scene.says(2_100, "bravo")

    scene.orders(2_200, REVOKE)
    outputs = scene.answers(2_300)

    assert outputs == []
    assert scene.delivered == ["first"]


def test_a_nudge_that_waits_is_dropped_when_a_late_prospect_has_not_agreed() -> None:
    """Without consent nothing may be shown or kept any more, quotes included."""
    book = playbook(moment("first", "alpha"), moment("second", "bravo"))
    scene = Scene(book, job(GRANTED, ConsentPolicy.EVERYONE), reply=None).begin()
    scene.says(2_000, "alpha")
    scene.says(2_100, "bravo")

    scene.comes(2_200, "buyer-2")
    scene.answers(2_300)

    assert scene.decisions == [("first", "delivered"), ("second", "no_consent")]


def test_revocation_is_one_transition_and_the_mute_outlives_it() -> None:
    scene = Scene(PRICE).begin()
    scene.orders(1_000, ControlAction.MUTE)

    outputs = scene.orders(2_000, REVOKE)

    assert len([output for output in outputs if isinstance(output, StateChanged)]) == 1
    assert "muted" in scene.status.reasons


@pytest.mark.parametrize("answers", [(), (DENY,)])
def test_whoever_revokes_is_obeyed_while_a_late_prospect_is_being_asked(
    answers: tuple[ControlAction, ...],
) -> None:
    """What was heard under the first grant stayed in the trace: pending knew no way to revoked."""
    scene = Scene(PRICE, job(GRANTED, ConsentPolicy.EVERYONE)).begin()
    scene.says(2_000, "that is over our budget")
    scene.comes(3_000, "buyer-2")
    for number, answer in enumerate(answers):
        scene.orders(3_100 + number, answer)

    outputs = scene.orders(4_000, REVOKE)

    assert Erase() in outputs
    assert scene.listening == frozenset()


def test_what_the_rep_types_without_consent_is_not_kept() -> None:
    scene = Scene(PRICE).begin()
    scene.orders(1_000, REVOKE)

    asked = scene.at(2_000, Ask(card="roi"))

    assert not scene.call.may_keep(Ask(text="what about their budget"))
    assert not scene.call.may_keep(Feedback("n-1", FeedbackAction.DISPUTE, "they said no"))
    assert not scene.call.may_keep(Ack("n-1", 0, "shown"))
    assert not [output for output in asked if isinstance(output, Decision)]


def test_a_decision_without_consent_holds_no_words() -> None:
    book = playbook(moment("first", "alpha"), moment("second", "bravo"))
    scene = Scene(book, job(GRANTED, ConsentPolicy.EVERYONE), reply=None).begin()
    scene.says(2_000, "alpha")
    scene.says(2_100, "bravo")

    outputs = scene.comes(2_200, "buyer-2")

    [decision] = [output for output in outputs if isinstance(output, Decision)]
    assert decision.reason is Reason.NO_CONSENT
    assert (decision.nudge, decision.evidence, decision.rule) == (None, None, None)
