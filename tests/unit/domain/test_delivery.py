"""How nudges reach the panel: one in flight, one waiting, none after its life."""

from typing import Any

from coach.domain.events import Ack, ControlAction
from coach.domain.outputs import SendNudge
from coach.domain.records import Decision, Outcome, Receipt
from fakes.playbooks import moment, playbook
from fakes.scene import BUYER, REP, Scene

NO_ANSWER, NO_ROUND_TRIP, REFUSED = 1502, 1501, 1400


def three(**more: Any) -> Scene:
    """Return a scene in which alpha, bravo and charlie fire with rising priority, unanswered."""
    moments = [
        moment(name, word, priority=priority, **more)
        for name, word, priority in (
            ("low", "alpha", 30),
            ("middle", "bravo", 50),
            ("high", "charlie", 70),
        )
    ]
    return Scene(playbook(*moments), reply=None).begin()


def test_a_nudge_is_sent_at_once_and_its_receipt_says_all_its_times() -> None:
    scene = three()

    scene.says(2_000, "alpha", start_ms=1_000, end_ms=1_800)
    scene.answers(2_150)

    (receipt,) = scene.all(Receipt)
    assert (receipt.spoken_ms, receipt.heard_ms, receipt.decided_ms) == (1_800, 2_000, 2_000)
    assert (receipt.sent_ms, receipt.acknowledged_ms, receipt.reply) == (2_000, 2_150, "shown")
    assert receipt.rule == "phrase: alpha"


def test_only_one_nudge_is_in_flight() -> None:
    scene = three()

    scene.says(2_000, "alpha")
    scene.says(2_100, "bravo")

    assert scene.delivered == ["low"]


def test_the_one_that_waits_goes_when_the_first_is_answered() -> None:
    scene = three()
    scene.says(2_000, "alpha")
    scene.says(2_100, "bravo")

    scene.answers(2_300)

    assert scene.delivered == ["low", "middle"]
    assert scene.sent[-1].nudge.created_ms == 2_100


def test_the_higher_priority_waits_and_the_lower_is_suppressed() -> None:
    scene = three()
    scene.says(2_000, "alpha")
    scene.says(2_100, "bravo")

    scene.says(2_200, "charlie")
    scene.answers(2_300)

    assert scene.decisions == [
        ("low", "delivered"),
        ("middle", "lower_priority"),
        ("high", "delivered"),
    ]


def test_a_lower_priority_does_not_displace_the_one_that_waits() -> None:
    scene = three()
    scene.says(2_000, "bravo")
    scene.says(2_100, "charlie")

    scene.says(2_200, "alpha")
    scene.answers(2_300)

    assert scene.decisions == [
        ("middle", "delivered"),
        ("low", "lower_priority"),
        ("high", "delivered"),
    ]


def test_of_two_moments_in_the_same_words_the_higher_priority_is_sent_first() -> None:
    scene = three()

    scene.says(2_000, "alpha and charlie")

    assert scene.delivered == ["high"]


def test_a_nudge_that_outlives_its_use_while_it_waits_expires() -> None:
    scene = three(expires_ms=1_500)
    scene.says(2_000, "alpha")
    scene.says(2_100, "bravo")

    scene.wait(3_600)
    at_its_end = scene.decisions[-1]
    scene.wait(3_601)

    assert at_its_end == ("low", "delivered")
    assert scene.decisions[-1] == ("middle", "expired")
    assert scene.outputs[-1][0] == 3_601


def test_what_expired_is_not_sent_later() -> None:
    scene = three(expires_ms=1_500)
    scene.says(2_000, "alpha")
    scene.says(2_100, "bravo")

    scene.answers(4_000)

    assert scene.delivered == ["low"]


def test_without_an_answer_the_same_nudge_is_sent_again_while_it_lives() -> None:
    for error in (NO_ROUND_TRIP, NO_ANSWER):
        scene = three(expires_ms=3_000)
        scene.says(2_000, "alpha")

        scene.answers(4_000, None, error)
        scene.answers(6_000, None, error)

        assert [sent.nudge.id for sent in scene.sent] == [scene.sent[0].nudge.id] * 2
        assert scene.decisions == [("low", "delivered"), ("low", "unreachable")]


def test_a_second_attempt_is_no_second_decision_and_keeps_when_it_was_sent_first() -> None:
    scene = three()
    scene.says(2_000, "alpha")

    scene.answers(3_000, None, NO_ROUND_TRIP)
    scene.answers(3_100)

    assert scene.decisions == [("low", "delivered")]
    assert [receipt.sent_ms for receipt in scene.all(Receipt)] == [2_000, 2_000]


def test_every_other_error_ends_it_at_once() -> None:
    for error in (REFUSED, 1404, 1503, None):
        scene = three()
        scene.says(2_000, "alpha")

        scene.answers(2_100, None, error)

        assert len(scene.sent) == 1
        (failed,) = scene.all(Decision, lambda d: d.outcome is Outcome.FAILED)
        assert failed.nudge is not None


def test_a_stalled_client_delays_the_next_nudge_by_one_attempt() -> None:
    """What waits goes before a second attempt, being newer."""
    scene = three()
    scene.says(2_000, "charlie")
    scene.says(2_100, "alpha")

    scene.answers(4_000, None, NO_ANSWER)

    assert [sent.nudge.moment for sent in scene.sent] == ["high", "low"]


def test_the_failed_one_has_its_second_attempt_after_that() -> None:
    scene = three()
    scene.says(2_000, "charlie")
    scene.says(2_100, "alpha")
    scene.answers(4_000, None, NO_ANSWER)

    scene.answers(4_100)

    assert [sent.nudge.moment for sent in scene.sent] == ["high", "low", "high"]


def test_a_failed_one_gives_way_to_a_higher_priority() -> None:
    scene = three()
    scene.says(2_000, "alpha")
    scene.says(2_100, "bravo")
    scene.answers(4_000, None, NO_ANSWER)

    scene.says(4_100, "charlie")
    scene.answers(4_200)

    assert scene.decisions == [
        ("low", "delivered"),
        ("middle", "delivered"),
        ("low", "unreachable"),
        ("high", "delivered"),
    ]


def test_late_and_foreign_answers_are_ignored() -> None:
    scene = three()
    scene.says(2_000, "alpha")
    nudge = scene.sent[0].nudge
    scene.answers(2_100)

    outputs = [
        *scene.at(2_200, Ack(nudge.id, nudge.rev, "muted")),
        *scene.at(2_300, Ack("n-unknown", 0, "shown")),
    ]

    assert outputs == []


def test_an_answer_to_another_revision_is_ignored() -> None:
    scene = three()
    scene.says(2_000, "alpha")

    outputs = scene.at(2_100, Ack(scene.sent[0].nudge.id, 1, "shown"))

    assert outputs == []


def test_an_unsent_nudge_is_withdrawn_when_the_final_does_not_bear_it_out() -> None:
    scene = three()
    scene.says(2_000, "alpha", "buyer-2")
    scene.says(2_100, "it is bravo", final=False)

    scene.says(2_500, "it is brave oh")
    scene.answers(2_600)

    assert scene.decisions == [("low", "delivered"), ("middle", "withdrawn")]


def test_a_final_without_words_takes_back_what_its_partials_asked_for() -> None:
    scene = three()
    scene.says(2_000, "alpha", "buyer-2")
    scene.says(2_100, "it is bravo", final=False)

    scene.says(2_500, "")

    assert scene.decisions[-1] == ("middle", "withdrawn")


def test_a_sent_nudge_stays_whatever_the_final_says() -> None:
    scene = three()
    scene.says(2_000, "it is bravo", final=False)
    scene.answers(2_100)

    scene.says(2_500, "it is brave oh")

    assert scene.decisions == [("middle", "delivered")]


def test_a_nudge_that_its_final_took_back_is_not_sent_a_second_time() -> None:
    """It was sent once without an answer; then the final said something else."""
    scene = three()
    scene.says(2_000, "it is bravo", final=False)
    scene.says(2_500, "it is brave oh")

    scene.answers(3_000, None, NO_ROUND_TRIP)

    assert len(scene.sent) == 1
    assert scene.decisions[-1] == ("middle", "unreachable")


def test_what_is_withdrawn_makes_room_for_what_the_final_says_instead() -> None:
    """The withdrawal was decided last once: then the new moment lost to one that was gone."""
    scene = three()
    scene.says(2_000, "alpha", "buyer-2")
    scene.says(2_100, "charlie", final=False)

    scene.says(2_500, "bravo")
    scene.answers(2_600)

    assert scene.decisions == [
        ("low", "delivered"),
        ("high", "withdrawn"),
        ("middle", "delivered"),
    ]


def test_a_later_segment_does_not_take_back_what_an_earlier_final_bore_out() -> None:
    """The second hint of the same moment was a duplicate, so there is nothing to take back."""
    scene = three()
    scene.says(2_000, "alpha", "buyer-2")
    scene.says(2_100, "bravo")
    scene.says(2_500, "bravo", final=False)

    scene.says(2_900, "brave oh")
    scene.answers(3_000)

    assert scene.decisions == [
        ("low", "delivered"),
        ("middle", "duplicate"),
        ("middle", "delivered"),
    ]


def test_a_mute_drops_what_waits_and_ends_second_attempts() -> None:
    scene = three()
    scene.says(2_000, "alpha")
    scene.says(2_100, "bravo")

    scene.orders(2_200, ControlAction.MUTE)
    scene.answers(3_000, None, NO_ROUND_TRIP)

    assert len(scene.sent) == 1
    assert scene.decisions == [("low", "delivered"), ("middle", "muted"), ("low", "unreachable")]


def test_nothing_is_sent_to_a_rep_who_has_left() -> None:
    scene = three()
    scene.says(2_000, "alpha")
    scene.says(2_100, "bravo")

    scene.leaves(2_200, REP)
    scene.answers(3_000, None, NO_ROUND_TRIP)

    assert len(scene.sent) == 1
    assert scene.decisions == [
        ("low", "delivered"),
        ("middle", "rep_absent"),
        ("low", "unreachable"),
    ]


def test_a_nudge_has_the_id_that_a_replay_gives_it_again() -> None:
    ids = []
    for _ in range(2):
        scene = three()
        scene.says(2_000, "alpha")
        ids.append(scene.sent[0].nudge.id)

    assert ids[0] == ids[1]
    assert len(ids[0]) <= 40


def test_two_speakers_who_say_the_same_are_two_nudges() -> None:
    scene = Scene(playbook(moment("price", "alpha", cooldown_ms=0))).begin()

    scene.says(2_000, "alpha", BUYER, start_ms=1_000)
    scene.says(20_000, "alpha", "buyer-2", start_ms=1_000)

    first, second = scene.all(SendNudge)
    assert first.nudge.id != second.nudge.id
