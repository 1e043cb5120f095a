"""The slides of the demo: pictures that the coach can tell apart, each at its time."""

import numpy as np
import pytest

from coach.adapters.screen.glances import Glance
from coach.cli.demo.screen import ScreenShare
from coach.cli.demo.slides import HEIGHT, SLIDES, WIDTH
from coach.domain.slides import NEW_SLIDE
from demo_call import load_demo_call


def test_every_slide_of_the_recording_can_be_drawn() -> None:
    assert {showing.slide for showing in load_demo_call().screen} == set(SLIDES)


def test_slides_are_1280_by_720_and_the_coach_tells_each_from_the_others() -> None:
    drawn = {name: draw() for name, draw in SLIDES.items()}
    glances = {name: Glance.at(np.asarray(each.convert("L"))) for name, each in drawn.items()}

    assert {each.size for each in drawn.values()} == {(WIDTH, HEIGHT)} == {(1280, 720)}
    for name, glance in glances.items():
        for other in glances.keys() - {name}:
            assert glance.difference(glances[other]) >= NEW_SLIDE, (name, other)


@pytest.mark.parametrize("edge_ms, before, after", [(0, None, "day"), (1, "day", "price")])
def test_a_slide_is_shown_from_its_start_to_the_next(
    edge_ms: int, before: str | None, after: str
) -> None:
    screen = load_demo_call().screen
    share, at_ms = ScreenShare(screen), screen[edge_ms].start_ms

    assert (share.slide_at(at_ms - 1), share.slide_at(at_ms)) == (before, after)


def test_nothing_is_shared_after_the_last_slide() -> None:
    screen = load_demo_call().screen

    assert ScreenShare(screen).slide_at(screen[-1].end_ms) is None
