"""What a picture takes at a model's endpoint."""

import io

import pytest
from PIL import Image

from coach.adapters.models.pictures import picture_tokens


def jpeg(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height)).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1_024, 576), 85),
        ((2_048, 1_152), 85 + 170 * 3 * 2),  # 1365 by 768
        ((1_152, 2_048), 85 + 170 * 2 * 3),
        ((1_600, 400), 85 + 170 * 4),  # it is never made larger
    ],
)
def test_a_picture_takes_what_its_detail_needs(size: tuple[int, int], expected: int) -> None:
    assert picture_tokens(jpeg(*size)) == expected


def test_what_is_no_picture_is_taken_for_a_small_one() -> None:
    assert picture_tokens(b"no picture") == 85
