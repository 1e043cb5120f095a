"""The life of a call: created, loading, waiting, listening, ending, ended; and its status."""

from coach.domain.events import Ack, Ask, ControlAction, Ended, EndReason, ServiceChanged
from coach.domain.job import ConsentState
from coach.domain.outputs import (
    Answer,
    Finish,
    Listen,
    PanelState,
    SendHello,
    SendStatus,
    StateChanged,
)
from coach.domain.playbook import Advice, Battlecard, Playbook, Speaker, Stage, When
from coach.domain.records import Decision
from fakes.playbooks import moment, playbook, shape
from fakes.scene import BUYER, COLLEAGUE, REP, Scene, job, new_call

PRICE = playbook(moment("price", "alpha"), stages=(Stage("opening", "Say hello."),))
TWO_HOURS_MS, FIVE_MINUTES_MS = 7_200_000, 300_000


def states(scene: Scene) -> list[str]:
    return [change.state.value for change in scene.all(StateChanged)]


def test_a_call_goes_through_its_life_in_order() -> None:
    scene = Scene(PRICE).begin()

    scene.orders(5_000, ControlAction.STOP)

    assert states(scene) == ["created", "loading", "waiting", "listening", "ending", "ended"]


def test_it_waits_without_rep_and_listens_again_at_the_return() -> None:
    scene = Scene(PRICE).begin()

    scene.leaves(5_000, REP)
    while_away = scene.listening
    scene.comes(9_000, REP)

    assert while_away == frozenset()
    assert scene.listening == {REP, BUYER}
    assert states(scene)[2:] == ["waiting", "listening", "waiting", "listening"]


def test_words_while_the_rep_is_away_are_not_looked_at() -> None:
    scene = Scene(PRICE).begin()
    scene.leaves(5_000, REP)

    scene.says(6_000, "alpha")

    assert scene.decisions == []


def test_hello_is_said_at_every_return_of_the_rep_and_on_demand() -> None:
    scene = Scene(PRICE).begin()
    scene.leaves(5_000, REP)
    scene.comes(9_000, REP)

    outputs = scene.orders(10_000, ControlAction.HELLO)

    assert len(scene.all(SendHello)) == 3
    assert [type(output) for output in outputs] == [SendHello, SendStatus]


def test_the_call_ends_after_five_minutes_without_the_rep() -> None:
    scene = Scene(PRICE).begin()
    scene.leaves(5_000, REP)

    scene.wait(5_000 + FIVE_MINUTES_MS - 1)
    before = scene.all(Finish)
    scene.wait(5_000 + FIVE_MINUTES_MS)

    assert before == []
    assert scene.all(Finish) == [Finish(EndReason.REP_ABSENT)]


def test_a_rep_who_never_comes_ends_the_call_too() -> None:
    scene = Scene(PRICE)

    scene.wait(FIVE_MINUTES_MS)

    assert scene.all(Finish) == [Finish(EndReason.REP_ABSENT)]
    assert scene.all(SendStatus) == []


def test_the_call_ends_after_two_hours_without_speech() -> None:
    scene = Scene(PRICE).begin()
    scene.says(60_000, "hello")

    scene.wait(60_000 + TWO_HOURS_MS - 1)
    before = scene.all(Finish)
    scene.wait(60_000 + TWO_HOURS_MS)

    assert before == []
    assert scene.all(Finish) == [Finish(EndReason.NO_SPEECH)]


def test_the_last_thing_is_a_status_that_says_so() -> None:
    scene = Scene(PRICE).begin()

    outputs = scene.at(5_000, Ended(EndReason.ROOM_CLOSED))

    assert Listen(frozenset()) in outputs
    assert scene.status.state is PanelState.ENDED
    assert scene.all(Finish) == [Finish(EndReason.ROOM_CLOSED)]


def test_nothing_happens_after_the_end() -> None:
    scene = Scene(PRICE).begin()
    scene.orders(5_000, ControlAction.STOP)

    outputs = [
        *scene.says(6_000, "alpha"),
        *scene.leaves(7_000, REP),
        *scene.orders(8_000, ControlAction.CONSENT_REVOKED),
        *scene.at(9_000, Ended()),
        *scene.wait(10_000_000),
    ]

    assert outputs == []
    assert scene.call.next_due_ms() is None


def test_what_waits_at_the_end_is_not_lost_silently() -> None:
    scene = Scene(playbook(moment("one", "alpha"), moment("two", "bravo")), reply=None).begin()
    scene.says(2_000, "alpha")
    scene.says(2_100, "bravo")

    scene.orders(2_200, ControlAction.STOP)

    assert [moment for moment, _ in scene.decisions] == ["one", "two"]


def test_who_joins_and_leaves_is_heard_and_not_heard() -> None:
    scene = Scene(PRICE).begin()

    scene.comes(1_000, COLLEAGUE)
    scene.comes(2_000, "buyer-2")
    scene.leaves(3_000, BUYER)

    assert scene.listening == {REP, COLLEAGUE, "buyer-2"}


def test_the_same_news_twice_is_no_news() -> None:
    scene = Scene(PRICE).begin()

    outputs = [*scene.comes(1_000, BUYER), *scene.leaves(2_000, "nobody")]

    assert outputs == []


def test_a_rep_who_is_not_transcribed_is_not_heard() -> None:
    scene = Scene(PRICE, job(transcribe_rep=False)).begin()

    assert scene.listening == {BUYER}


def test_moments_that_need_the_rep_are_reported_as_off() -> None:
    needs = [
        moment("offer", "alpha", speaker=Speaker.REP),
        moment("limit", when=When.OVER_AUTHORITY, speaker=Speaker.REP),
        shape("unanswered", When.UNANSWERED_QUESTION, after_ms=5_000),
    ]
    reasons = [
        Scene(playbook(each), job(transcribe_rep=False)).begin().status.reasons for each in needs
    ]

    assert reasons == [("rep_moments_off",)] * 3
    assert Scene(PRICE, job(transcribe_rep=False)).begin().status.reasons == ()


# -- status -------------------------------------------------------------------------------------


def test_a_status_is_sent_on_every_change_and_not_otherwise() -> None:
    scene = Scene(PRICE).begin()
    first = len(scene.all(SendStatus))

    scene.says(1_000, "hello")
    unchanged = len(scene.all(SendStatus))
    scene.orders(2_000, ControlAction.MUTE, seconds=60)

    assert (first, unchanged) == (1, 1)
    assert len(scene.all(SendStatus)) == 2


def test_a_status_is_sent_every_thirty_seconds_at_least() -> None:
    scene = Scene(PRICE).begin()

    scene.wait(95_000)

    times = [at_ms for at_ms, output in scene.outputs if isinstance(output, SendStatus)]
    assert times == [0, 30_000, 60_000, 90_000]


def test_no_status_is_sent_while_nobody_is_there_to_read_it() -> None:
    scene = Scene(PRICE).begin()
    scene.leaves(5_000, REP)

    outputs = scene.wait(200_000)

    assert outputs == []


def test_a_service_that_is_down_degrades_and_one_that_is_back_mends() -> None:
    scene = Scene(PRICE).begin()

    scene.at(1_000, ServiceChanged("stt", False, BUYER))
    scene.at(1_500, ServiceChanged("llm", False))
    down = scene.status
    scene.at(2_000, ServiceChanged("stt", True, BUYER))
    scene.at(2_500, ServiceChanged("llm", True))

    assert (down.state, down.reasons) == (PanelState.DEGRADED, ("llm_down", "stt_down"))
    assert down.guidance == "Say hello."
    assert (scene.status.state, scene.status.reasons) == (PanelState.LISTENING, ())


def test_two_recognisers_down_are_one_reason_until_both_are_back() -> None:
    scene = Scene(PRICE).begin()

    scene.at(1_000, ServiceChanged("stt", False, BUYER))
    scene.at(1_500, ServiceChanged("stt", False, REP))
    scene.at(2_000, ServiceChanged("stt", True, BUYER))

    assert scene.status.reasons == ("stt_down",)


def test_a_recogniser_of_somebody_who_left_is_not_missed() -> None:
    """Nobody reports it as back, so the call stayed degraded to its end."""
    scene = Scene(PRICE).begin()
    scene.at(1_000, ServiceChanged("stt", False, BUYER))

    scene.leaves(2_000, BUYER)

    assert (scene.status.state, scene.status.reasons) == (PanelState.LISTENING, ())


def test_without_consent_the_state_says_what_the_rep_can_do() -> None:
    scene = Scene(PRICE, job(ConsentState.PENDING)).begin()

    scene.at(1_000, ServiceChanged("llm", False))

    assert scene.status.state is PanelState.WAITING_FOR_CONSENT
    assert scene.status.reasons == ("llm_down",)


def test_triggers_go_on_while_every_service_but_the_ear_is_down() -> None:
    scene = Scene(PRICE).begin()
    scene.at(1_000, ServiceChanged("llm", False))

    scene.says(2_000, "alpha")

    assert scene.delivered == ["price"]


# -- asking -------------------------------------------------------------------------------------

CARD = Battlecard("security", "Encryption and audits", Advice("All is encrypted", "At rest, too."))


def asked(book: Playbook, ask: Ask) -> Answer:
    scene = Scene(book).begin()
    scene.at(5_000, ask)
    (answer,) = scene.all(Answer)
    return answer


def test_a_question_is_answered_from_the_cards() -> None:
    answer = asked(playbook(cards=[CARD]), Ask(text="what about encryption"))

    assert answer.nudge is not None
    assert (answer.nudge.headline, answer.nudge.path) == ("All is encrypted", "ask")


def test_a_question_that_names_a_moments_phrase_gets_its_card() -> None:
    book = playbook(moment("price", "roi", card="security"), cards=[CARD])

    answer = asked(book, Ask(text="the roi please"))

    assert answer.nudge is not None


def test_nothing_that_fits_is_an_answer_too() -> None:
    answer = asked(playbook(cards=[CARD]), Ask(text="the weather"))

    assert answer == Answer(None)


def test_an_unknown_card_is_told_apart() -> None:
    answer = asked(playbook(cards=[CARD]), Ask(card="nope"))

    assert answer == Answer(None, is_unknown_card=True)


def test_asking_costs_no_budget_and_works_while_muted() -> None:
    scene = Scene(playbook(moment("price", "alpha"), cards=[CARD])).begin()
    scene.orders(1_000, ControlAction.MUTE, seconds=1)

    scene.at(1_500, Ask(card="security"))
    scene.says(2_000, "alpha")

    assert [d.outcome for d in scene.all(Decision)] == ["delivered", "delivered"]


# -- meters and time ----------------------------------------------------------------------------


def test_meters_count_participants_and_recognised_time() -> None:
    scene = Scene(PRICE).begin()
    scene.leaves(10_000, BUYER)
    scene.wait(15_000)

    meters = scene.call.meters(20_000)

    assert meters["participant_ms"] == 10_000 + 20_000
    assert meters["recognised_ms"] == 2 * 10_000 + 10_000
    assert meters["agent_ms"] == 20_000


def test_meters_stand_still_after_the_end() -> None:
    scene = Scene(PRICE).begin()
    scene.orders(10_000, ControlAction.STOP)

    assert scene.call.meters(20_000)["recognised_ms"] == 20_000


def test_time_that_has_passed_is_due_now() -> None:
    """A shape can be complete the moment it begins to count; it is due now, not in the past."""
    book = playbook(shape("rant", When.MONOLOGUE, speaker=Speaker.REP, after_ms=10_000))
    scene = Scene(book).begin()
    scene.speaks(1_000, 10_500)

    scene.speaks(12_000, None)

    assert scene.call.next_due_ms() == 12_000


def test_a_call_that_was_not_started_has_nothing_due() -> None:
    call = new_call(PRICE)

    outputs = [*call.advance(10_000_000), *call.handle(10_000_001, Ack("n-1", 0, "shown"))]

    assert outputs == []
