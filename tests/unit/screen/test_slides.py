"""What the rep shows since when: slides that stand too long, and errors that can be read."""

from coach.domain.playbook import Speaker, When
from coach.domain.screen import ScreenMoment, ScreenSampled, read_on_screen
from fakes.playbooks import moment, playbook, shape
from unit.screen.deck import ERROR, MISMATCH, STALE, Show, fingerprint


def stale() -> Show:
    show = Show(STALE)
    show.slides.talking(True)
    return show


# -- a slide that stands too long ---------------------------------------------------------------


def test_a_slide_that_stands_too_long_is_told_once() -> None:
    show = stale()
    show.slide(5_000, 1)

    show.wait(184_999)
    before = list(show.told)
    show.wait(900_000)

    assert before == []
    assert show.found == [ScreenMoment(STALE, 5_000, 185_000)]


def test_another_slide_begins_the_clock_anew() -> None:
    show = stale()
    show.slide(0, 1)
    show.slide(100_000, 2)

    show.wait(279_999)
    before = list(show.told)
    show.wait(280_000)

    assert (before, show.told) == ([], ["stale"])


def test_a_point_that_appears_on_the_slide_begins_the_clock_anew() -> None:
    show = stale()
    show.slide(0, 1)
    show.slide(100_000, 1, change=0.05)

    show.wait(279_999)

    assert show.told == []


def test_a_pointer_that_moves_does_not_begin_the_clock_anew() -> None:
    show = stale()
    show.slide(0, 1)
    show.slide(100_000, 1, change=0.01)

    show.wait(180_000)

    assert show.told == ["stale"]


def test_the_next_stage_begins_the_clock_anew() -> None:
    show = stale()
    show.slide(0, 1)
    show.slides.stage_changed(120_000)

    show.wait(299_999)
    before = list(show.told)
    show.wait(300_000)

    assert (before, show.told) == ([], ["stale"])


def test_while_nobody_talks_nothing_is_due() -> None:
    show = stale()
    show.slide(0, 1)
    show.slides.talking(False)

    show.wait(500_000)
    in_silence = list(show.told)
    show.slides.talking(True)
    show.wait(500_000)

    assert (in_silence, show.told) == ([], ["stale"])


def test_a_share_that_stopped_is_no_slide_that_stands() -> None:
    show = stale()
    show.slide(0, 1)
    show.stop(60_000)

    show.wait(500_000)

    assert show.told == []
    assert (show.slides.image, show.slides.text) == (None, "")


def test_a_slide_that_was_told_of_is_not_told_of_when_it_comes_back() -> None:
    show = stale()
    show.slide(0, 1)
    show.wait(180_000)
    show.slide(200_000, 2)
    show.slide(210_000, 1)

    show.wait(600_000)

    assert show.told == ["stale"]


def test_two_moments_may_have_two_patiences() -> None:
    sooner = shape("sooner", When.SCREEN_STALE, speaker=Speaker.REP, after_ms=60_000)
    show = Show(STALE, sooner)
    show.slides.talking(True)
    show.slide(0, 1)

    show.wait(200_000)

    assert show.told == ["sooner", "stale"]


def test_a_picture_that_drifts_far_from_how_it_began_is_another_slide() -> None:
    show = stale()
    show.slide(0, 1)
    show.wait(180_000)
    show.slide(200_000, 2, change=0.05)  # small by itself, but all bits say otherwise

    show.wait(380_000)

    assert show.told == ["stale", "stale"]


def test_after_a_pause_nothing_is_shown() -> None:
    show = stale()
    show.slide(0, 1)

    show.slides.pause()
    show.slides.talking(True)
    show.wait(900_000)

    assert show.told == []
    assert show.slides.frame_for("what is that number", 900_000) is None


# -- errors -------------------------------------------------------------------------------------


def test_an_error_text_on_the_slide_is_told_with_its_words() -> None:
    show = Show(ERROR)

    show.slide(4_000, 1, "Acme Console Oops! Something went wrong. Try again")

    assert show.found == [
        ScreenMoment(ERROR, 4_000, 4_000, "Acme Console Oops! Something went wrong.")
    ]


def test_words_that_are_read_later_count_for_their_frame() -> None:
    show = Show(ERROR)
    image = show.slide(4_000, 1)

    show.read(4_600, image, "something went wrong")

    assert show.found == [ScreenMoment(ERROR, 4_000, 4_600, "something went wrong")]
    assert show.slides.sampled_count == 1


def test_an_error_that_stays_is_told_once() -> None:
    show = Show(ERROR)

    show.slide(1_000, 1, "something went wrong")
    show.slide(2_000, 1, "something went wrong", change=0.02)

    assert show.told == ["error"]


def test_an_error_that_comes_again_is_told_again() -> None:
    show = Show(ERROR)

    show.slide(1_000, 1, "something went wrong")
    show.slide(2_000, 1, "all is well", change=0.02)
    show.slide(3_000, 1, "page not found", change=0.02)

    assert show.told == ["error", "error"]


def test_a_slide_without_error_is_silent() -> None:
    show = Show(ERROR)

    show.slide(1_000, 1, "Errors fell by 80 percent after the first quarter")

    assert show.told == []


def test_what_is_looked_for_on_screens_is_not_listened_for_in_talk() -> None:
    spoken = moment("spoken", "way over our budget")

    on_screen = read_on_screen(playbook(spoken, ERROR, STALE))

    assert list(on_screen.moments) == ["error"]
    assert on_screen.moments["error"].when is When.WORDS


# -- odd reports --------------------------------------------------------------------------------


def test_the_newest_frame_and_its_words_are_known() -> None:
    show = Show(STALE, MISMATCH, ERROR)

    show.slide(0, 1, "Agenda for today")
    image = show.slide(1_000, 2, "Pricing")

    assert (show.slides.image, show.slides.text) == (image, "Pricing")


def test_words_that_are_read_after_the_next_slide_came_up_are_not_of_that_one() -> None:
    """A reader may be slower than the rep's hand: its report names a frame of before."""
    show = Show(ERROR)
    first = show.slide(0, 1)
    show.slide(1_000, 2)

    show.read(1_500, first, "something went wrong")

    assert show.told == []
    assert show.slides.text == ""


def test_more_slides_than_anybody_shows_are_borne() -> None:
    show = Show(STALE, cap=1_000)

    for number in range(600):
        event = ScreenSampled(f"f-{number}.jpg", fingerprint(number * 7), 0.9)
        show.slides.sampled(event, number * 1_000)

    assert show.slides.sampled_count == 600
