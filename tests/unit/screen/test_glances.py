"""How pictures differ: drawn slides, compressed, scaled, changed."""

import io
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from coach.adapters.screen.glances import Glance, Luma
from coach.domain import sampling, slides
from unit.screen.frames import frame
from unit.screen.pictures import FULL_HD, HD, Drawn, builds, bullets, deck


def luma(drawn: Drawn) -> Luma:
    return np.asarray(drawn.picture.convert("L"))


def streamed(drawn: Drawn, quality: int, size: tuple[int, int] | None = None) -> Luma:
    """Return a picture as it may come out of a video stream: scaled and compressed."""
    picture = drawn.picture if size is None else drawn.picture.resize(size)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return np.asarray(Image.open(out).convert("L"))


def bits(one: Glance, other: Glance) -> int:
    return (one.fingerprint ^ other.fingerprint).bit_count()


@pytest.mark.parametrize(
    ("quality", "size"), [(70, None), (30, None), (70, (960, 540)), (50, FULL_HD), (15, (640, 360))]
)
def test_a_slide_stays_the_same_slide_through_compression_and_scaling(
    quality: int, size: tuple[int, int] | None
) -> None:
    for drawn in deck(HD):
        one, other = Glance.at(luma(drawn)), Glance.at(streamed(drawn, quality, size))

        assert bits(one, other) <= slides.SAME_BITS, drawn.name
        assert one.difference(other) < slides.REDRAWN, drawn.name


def test_compression_alone_is_no_change() -> None:
    for drawn in deck(HD):
        one, other = Glance.at(streamed(drawn, 70)), Glance.at(streamed(drawn, 30))

        assert one.difference(other) < sampling.CHANGED, drawn.name


def test_two_slides_are_two_slides() -> None:
    glances = [(drawn.name, Glance.at(luma(drawn))) for drawn in deck(HD)]
    pairs = list(combinations(glances, 2))

    alike = [(a, b) for (a, one), (b, two) in pairs if bits(one, two) <= slides.SAME_BITS]
    unchanged = [(a, b) for (a, one), (b, two) in pairs if one.difference(two) < sampling.CHANGED]

    assert len(pairs) == 21
    assert (alike, unchanged) == ([], [])


def test_a_point_that_appears_is_a_change_and_no_new_slide() -> None:
    steps = [
        Glance.at(luma(drawn))
        for drawn in builds("Rollout plan", "Week 1: import", "Week 2: training", "Week 3: pilot")
    ]

    changes = [one.difference(two) for one, two in zip(steps, steps[1:], strict=False)]

    assert all(sampling.CHANGED <= change < slides.NEW_SLIDE for change in changes)


def test_a_pointer_is_no_change() -> None:
    drawn = bullets("Agenda", "Your goals", "A demonstration", "Questions")
    still = luma(drawn)
    pointed = still.copy()
    pointed[300:324, 600:616] = 0

    assert Glance.at(still).difference(Glance.at(pointed)) < sampling.CHANGED


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (37, 900), (4096, 2160)])
def test_any_size_can_be_looked_at(size: tuple[int, int]) -> None:
    glance = Glance.at(np.full((size[1], size[0]), 200, np.uint8))

    assert glance.difference(glance) == 0.0
    assert 0 <= glance.fingerprint < 2**64


def test_black_and_white_differ_everywhere() -> None:
    black, white = (Glance.at(np.full((720, 1280), level, np.uint8)) for level in (16, 235))

    assert black.difference(white) == 1.0


def test_a_frame_is_looked_at_as_its_picture_is() -> None:
    drawn = bullets("Agenda", "Your goals", "A demonstration")

    from_frame, from_picture = Glance.at(frame(drawn).luma), Glance.at(luma(drawn))

    assert bits(from_frame, from_picture) <= slides.SAME_BITS
