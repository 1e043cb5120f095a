"""The panel's state: what is shown, folded, refused and cleared, on a clock of numbers."""

import math
from typing import Any

import pytest

from coach_terminal import panel_changes
from coach_terminal.messages import Consent
from coach_terminal.panel_changes import HISTORY_LIMIT, AnotherCall, Answer
from coach_terminal.panel_state import Condition, Connection, PanelState
from coach_terminal.requests import ControlAction, FeedbackAction
from unit.coach_terminal.samples import hello, nudge, status

# in these tests own time and the call's clock agree: 10,000 ms is 10 s


def receive(state: PanelState, at: float, **changes: Any) -> tuple[PanelState, Answer]:
    return panel_changes.receive_nudge(state, nudge(**changes), arrived_at=at, now=at)


def listening(at: float = 10.0, **changes: Any) -> PanelState:
    sample = status(at_ms=round(at * 1000), **changes)
    return panel_changes.receive_status(PanelState(), sample, at)


def ids(state: PanelState) -> list[str]:
    return [shown.nudge.id for shown in state.shown_nudges()]


def test_second_nudge_takes_the_stage_and_the_first_is_folded() -> None:
    state, _ = receive(listening(), 10.0)
    state, answer = receive(state, 12.0, id="n-2", created_ms=12_000)

    assert answer is Answer.SHOWN
    assert state.latest is not None
    assert state.latest.nudge.id == "n-2"
    assert [shown.nudge.id for shown in state.history] == ["n-1"]


def test_same_nudge_again_is_a_duplicate_even_when_it_comes_too_late() -> None:
    state, _ = receive(listening(), 10.0)

    assert receive(state, 11.0)[1] is Answer.DUPLICATE
    assert receive(state, 60.0)[1] is Answer.DUPLICATE


def test_higher_rev_replaces_in_place_and_keeps_the_countdown() -> None:
    state, _ = receive(listening(), 10.0)
    state, answer = receive(state, 11.0, rev=2, headline="Better")

    assert answer is Answer.SHOWN
    assert state.latest is not None
    assert (state.latest.nudge.headline, state.latest.shown_at) == ("Better", 10.0)
    assert receive(state, 11.5, rev=1)[1] is Answer.DUPLICATE


def test_higher_rev_of_a_dismissed_nudge_does_not_bring_it_back() -> None:
    state, _ = receive(listening(), 10.0)
    state = panel_changes.rate(state, "n-1", FeedbackAction.DISMISS)
    state, answer = receive(state, 11.0, rev=1, detail="more")

    assert answer is Answer.SHOWN
    assert state.latest is None
    assert state.history[0].nudge.detail == "more"
    assert state.history[0].feedback is FeedbackAction.DISMISS


def test_nudge_older_than_its_life_is_expired_and_never_shown() -> None:
    state, answer = receive(listening(), 16.1)

    assert answer is Answer.EXPIRED
    assert ids(state) == []
    assert receive(state, 16.0)[1] is Answer.SHOWN


def test_nudges_of_a_frozen_client_that_come_in_one_burst_are_expired() -> None:
    """Seen on a real server: a client frozen for ten seconds got nudges 8.1 and 3.8 s old."""
    state = listening(10.0)

    state, first = receive(state, 20.0, id="n-1", created_ms=11_900)
    state, second = receive(state, 20.0, id="n-2", created_ms=16_200)

    assert (first, second) == (Answer.EXPIRED, Answer.SHOWN)
    assert state.late_count == 0


def test_waiting_for_an_unknown_caller_counts_as_age() -> None:
    sample = nudge(expires_in_ms=2_000)

    _, answer = panel_changes.receive_nudge(PanelState(), sample, arrived_at=10.0, now=12.5)

    assert answer is Answer.EXPIRED


def test_nudge_leaves_the_stage_when_its_relevance_is_over() -> None:
    state, _ = receive(listening(), 10.0)

    assert state.latest is not None
    assert state.latest.relevance_ratio(15.0) == pytest.approx(0.75)
    assert panel_changes.advance(state, 29.9).latest is not None
    assert panel_changes.advance(state, 30.0).latest is None
    assert ids(panel_changes.advance(state, 30.0)) == ["n-1"]


def test_history_is_bounded() -> None:
    state = listening()
    for number in range(HISTORY_LIMIT + 20):
        state, _ = receive(state, 10.0, id=f"n-{number}")

    assert len(state.history) == HISTORY_LIMIT


def test_muted_nudge_is_not_shown_and_may_be_sent_again_after_the_mute() -> None:
    state = panel_changes.mute(listening(), until=12.0)
    state, answer = receive(state, 11.0)

    assert answer is Answer.MUTED
    assert receive(state, 12.5)[1] is Answer.SHOWN


def test_mute_of_the_coach_is_converted_to_own_time() -> None:
    ahead = status(at_ms=110_000, muted_until_ms=170_000)
    state = panel_changes.receive_status(PanelState(), ahead, 10.0)

    assert state.mute_ends_at(10.0) == pytest.approx(70.0)
    assert state.mute_ends_at(70.5) is None


def test_mute_without_an_end_lasts_until_unmuted() -> None:
    state = listening(reasons=["muted"])

    assert state.mute_ends_at(1e6) == math.inf
    assert panel_changes.unmute(state).mute_ends_at(11.0) is None


def test_message_of_another_call_is_refused_and_changes_nothing() -> None:
    state = listening()

    with pytest.raises(AnotherCall):
        receive(state, 10.0, call_id="c-2")
    with pytest.raises(AnotherCall):
        panel_changes.receive_hello(state, hello(call_id="c-2"), 11.0)


def test_a_coach_that_was_dispatched_anew_follows_one_that_has_ended() -> None:
    state = panel_changes.receive_status(listening(), status(state="ended", at_ms=11_000), 11.0)

    state = panel_changes.receive_hello(state, hello(call_id="c-2", run="r2"), 12.0)

    assert (state.call_id, state.run) == ("c-2", "r2")
    with pytest.raises(AnotherCall):
        receive(state, 13.0)


def test_new_run_of_the_same_call_replaces_the_old_one() -> None:
    state, _ = receive(listening(), 10.0)

    state, answer = receive(state, 12.0, run="r2", created_ms=100)

    assert answer is Answer.SHOWN
    assert state.run == "r2"
    assert len(state.history) == 1
    assert receive(state, 12.1, id="n-9", run="r1", created_ms=12_000)[1] is Answer.EXPIRED


def test_former_run_is_heard_again_when_its_replacement_has_fallen_silent() -> None:
    state, _ = receive(listening(), 10.0)
    state, _ = receive(state, 12.0, run="r2", id="n-2", created_ms=100)

    state, answer = receive(state, 70.0, run="r1", id="n-3", created_ms=70_000)

    assert answer is Answer.SHOWN
    assert state.run == "r1"


@pytest.mark.parametrize("refused", ["revoked", "denied"])
def test_refused_consent_clears_the_panel(refused: str) -> None:
    state, _ = receive(listening(), 10.0)

    state = panel_changes.receive_status(state, status(at_ms=12_000, consent=refused), 12.0)

    assert ids(state) == []


def test_nudge_made_before_the_revocation_is_not_shown_after_it() -> None:
    state = listening(12.0, consent="revoked")

    assert receive(state, 12.1, created_ms=11_900)[1] is Answer.EXPIRED
    assert receive(state, 13.0, created_ms=12_500)[1] is Answer.SHOWN


def test_rep_who_revokes_sees_nothing_more_until_the_coach_has_answered() -> None:
    state, _ = receive(listening(), 10.0)

    state = panel_changes.refuse(state, ControlAction.CONSENT_REVOKED)

    assert ids(state) == []
    assert receive(state, 11.0, id="n-2", created_ms=11_000)[1] is Answer.EXPIRED
    assert state.condition(11.0) is Condition.CONSENT_REVOKING
    confirmed = panel_changes.receive_status(state, status(at_ms=11_500, consent="revoked"), 11.5)
    assert confirmed.condition(11.5) is Condition.CONSENT_REVOKED


def test_older_status_changes_nothing() -> None:
    state = listening(12.0, stage="close")

    state = panel_changes.receive_status(state, status(at_ms=11_000, stage="opening"), 12.5)

    assert state.status is not None
    assert state.status.stage == "close"


def test_repeated_hello_does_not_undo_a_consent_given_since() -> None:
    state = panel_changes.receive_status(
        panel_changes.receive_hello(PanelState(), hello(), 1.0), status(), 10.0
    )

    state = panel_changes.receive_hello(state, hello(at_ms=0), 11.0)

    assert state.consent is Consent.GRANTED
    assert state.disclosure.startswith("I have an assistant")


def test_answer_to_a_question_is_shown_although_muted_and_although_shown_before() -> None:
    state, _ = receive(listening(), 10.0)
    state, _ = receive(state, 11.0, id="n-2", created_ms=11_000)
    state = panel_changes.mute(state, math.inf)

    state = panel_changes.receive_answer(state, nudge(), 12.0)

    assert ids(state) == ["n-1", "n-2"]
    assert state.latest is not None


def test_approval_waits_until_it_is_decided() -> None:
    state, _ = receive(listening(), 10.0, kind="approval", proposal={"id": "p", "text": "Log it"})
    state, _ = receive(state, 12.0, id="n-2", created_ms=12_000)

    waiting = state.proposal(12.0)
    assert waiting is not None
    assert waiting.nudge.id == "n-1"
    assert panel_changes.rate(state, "n-1", FeedbackAction.APPROVE).proposal(12.0) is None


@pytest.mark.parametrize(
    ("state", "now", "condition"),
    [
        (PanelState(), 5.0, Condition.WAITING_FOR_COACH),
        (PanelState(connection=Connection.DISCONNECTED), 5.0, Condition.DISCONNECTED),
        (PanelState(connection=Connection.RECONNECTING), 5.0, Condition.RECONNECTING),
        (listening(), 55.0, Condition.LISTENING),
        (listening(), 55.1, Condition.COACH_LOST),
        (listening(state="ended"), 500.0, Condition.ENDED),
        (listening(state="degraded"), 11.0, Condition.DEGRADED),
        (
            listening(state="waiting_for_consent", consent="pending"),
            11.0,
            Condition.WAITING_FOR_CONSENT,
        ),
        (listening(consent="denied"), 11.0, Condition.CONSENT_DENIED),
        (panel_changes.mute(listening(), math.inf), 11.0, Condition.MUTED),
    ],
)
def test_condition_is_the_most_pressing_one(
    state: PanelState, now: float, condition: Condition
) -> None:
    assert state.condition(now) is condition


def test_nudges_that_keep_coming_too_late_are_counted_until_one_is_in_time() -> None:
    state = listening()
    for number in range(3):
        state, _ = receive(state, 30.0, id=f"n-{number}")

    assert state.late_count == 3
    assert receive(state, 30.0, id="n-9", created_ms=29_000)[0].late_count == 0
