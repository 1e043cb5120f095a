"""Which turns take a picture of the screen along, and how many a call sends."""

import random

import pytest

from coach.domain.attaching import asks_about_screen, refers_to_screen, wants_fine_print
from unit.screen.deck import STALE, Show

SMALL_TALK = "we have about forty people in support and they are growing"


@pytest.mark.parametrize(
    "text",
    [
        "As you can see, onboarding takes two weeks.",
        "on this slide we have the rollout plan",
        "if you look at the chart on the left half of it",
        "let me explain what you see here",
        "here on my screen the report is building up",
        "Can you see my screen?",
        "this dashboard is live",
        "the three steps listed here",
    ],
)
def test_words_that_point_at_the_screen_refer_to_it(text: str) -> None:
    assert refers_to_screen(text)
    assert not asks_about_screen(text)


@pytest.mark.parametrize(
    "text",
    [
        "What is that number?",
        "what's the second column",
        "what does the orange line mean",
        "could you explain that chart once more",
        "what does it say there",
        "What am I looking at?",
        "can you go back one slide",
        "what is on the screen now",
    ],
)
def test_questions_about_the_screen_are_asked(text: str) -> None:
    assert asks_about_screen(text)
    assert refers_to_screen(text)


@pytest.mark.parametrize(
    "text",
    [
        "what does the footnote say",
        "I can't read that, sorry",
        "that's in the small print, isn't it",
        "could you zoom in a bit",
        "the text is too small",
        "can you make it bigger",
    ],
)
def test_fine_print_is_asked_for(text: str) -> None:
    assert wants_fine_print(text)
    assert asks_about_screen(text)


@pytest.mark.parametrize(
    "text",
    [
        SMALL_TALK,
        "let's put an offer on the table",
        "what does that mean for our team",
        "I don't see why we would change",
        "what is the price",
        "that is way over our budget",
        "we will see what legal says",
        "what is that going to cost",
        "can we make it work this quarter",
    ],
)
def test_other_talk_does_not_refer_to_the_screen(text: str) -> None:
    assert not refers_to_screen(text)
    assert not wants_fine_print(text)


def test_a_new_slide_goes_with_the_next_turn_and_only_with_that() -> None:
    show = Show(STALE)
    image = show.slide(0, 1)

    turns = [show.slides.frame_for(SMALL_TALK, at_ms) for at_ms in (5_000, 12_000, 90_000)]

    assert turns == [image, None, None]
    assert show.slides.sent_count == 1


def test_without_a_share_there_is_no_picture() -> None:
    show = Show(STALE)
    never = show.slides.frame_for("what is that number", 0)
    show.slide(1_000, 1)
    show.stop(2_000)

    stopped = show.slides.frame_for("what is that number", 3_000)

    assert (never, stopped) == (None, None)


def test_a_question_about_the_screen_gets_the_picture_again() -> None:
    show = Show(STALE)
    image = show.slide(0, 1)
    show.slides.frame_for(SMALL_TALK, 5_000)

    again = show.slides.frame_for("sorry, what is that number?", 9_000)

    assert again == image


def test_words_that_only_point_get_the_picture_again_after_a_minute() -> None:
    show = Show(STALE)
    image = show.slide(0, 1)
    show.slides.frame_for(SMALL_TALK, 5_000)

    turns = [show.slides.frame_for("as you can see here", at_ms) for at_ms in (40_000, 65_000)]

    assert turns == [None, image]


def test_words_that_point_at_a_picture_that_has_changed_get_it_sooner() -> None:
    show = Show(STALE)
    show.slide(0, 1)
    show.slides.frame_for(SMALL_TALK, 5_000)
    image = show.slide(10_000, 1, change=0.05)

    turns = [show.slides.frame_for("as you can see here", at_ms) for at_ms in (20_000, 25_000)]

    assert turns == [None, image]


def test_a_slide_that_comes_back_is_not_sent_again_by_itself() -> None:
    show = Show(STALE)
    show.slide(0, 1)
    show.slides.frame_for(SMALL_TALK, 5_000)
    show.slide(10_000, 2)
    show.slides.frame_for(SMALL_TALK, 35_000)
    show.slide(40_000, 1)

    assert show.slides.frame_for(SMALL_TALK, 100_000) is None
    assert show.slides.sent_count == 2


def test_slides_in_quick_succession_are_sent_where_words_point_at_them() -> None:
    show = Show(STALE)
    show.slide(0, 1)
    show.slides.frame_for(SMALL_TALK, 1_000)
    second = show.slide(10_000, 2)

    turns = [
        show.slides.frame_for(text, at_ms)
        for text, at_ms in ((SMALL_TALK, 12_000), ("as you can see here", 14_000))
    ]

    assert turns == [None, second]


def test_a_slide_that_came_up_too_soon_is_sent_when_the_pause_is_over() -> None:
    show = Show(STALE)
    show.slide(0, 1)
    show.slides.frame_for(SMALL_TALK, 1_000)
    second = show.slide(10_000, 2)

    turns = [show.slides.frame_for(SMALL_TALK, at_ms) for at_ms in (30_999, 31_000)]

    assert turns == [None, second]


def test_slides_that_were_only_passed_are_not_sent() -> None:
    show = Show(STALE)
    for number in range(8):
        image = show.slide(1_000 * number, number)

    turns = [show.slides.frame_for(SMALL_TALK, at_ms) for at_ms in (9_000, 90_000)]

    assert turns == [image, None]


def test_the_picture_in_high_resolution_is_the_one_that_goes() -> None:
    show = Show(STALE)
    show.slide(0, 1)
    show.slides.frame_for(SMALL_TALK, 1_000)
    sharp = show.slide(2_000, 1, change=0.0)

    assert show.slides.frame_for("what does the footnote say", 2_500) == sharp


def test_the_cap_holds_whatever_is_asked() -> None:
    show = Show(STALE, cap=3)
    show.slide(0, 1)

    turns = [show.slides.frame_for("what is that number", at_ms) for at_ms in range(10)]

    assert sum(image is not None for image in turns) == 3
    assert show.slides.sent_count == 3


@pytest.mark.parametrize("seed", range(20))
def test_a_deck_of_25_slides_in_half_an_hour_sends_fewer_than_60_pictures(seed: int) -> None:
    """A turn every 6 to 12 s; one of five points at the screen, one of 25 asks about it."""
    dice, show = random.Random(seed), Show(STALE, cap=10_000)
    changes = sorted(dice.sample(range(0, 1_800_000, 1_000), 25))
    at_ms = 0
    while at_ms < 1_800_000:
        while changes and changes[0] <= at_ms:
            show.slide(changes[0], 25 - len(changes))
            changes.pop(0)
        kind = dice.random()
        asks, points = "what is that number", "as you can see on this slide"
        show.slides.frame_for(asks if kind < 0.04 else points if kind < 0.24 else SMALL_TALK, at_ms)
        at_ms += dice.randint(6_000, 12_000)

    assert 20 <= show.slides.sent_count < 60


def test_a_deck_whose_points_appear_one_by_one_stays_within_the_cap() -> None:
    """25 slides in half an hour, four steps each, every step far enough to be another slide."""
    show = Show(STALE)
    for step in range(100):
        show.slide(18_000 * step, step, change=0.1)
        show.slides.frame_for(SMALL_TALK, 18_000 * step + 5_000)

    assert 30 <= show.slides.sent_count <= 40
