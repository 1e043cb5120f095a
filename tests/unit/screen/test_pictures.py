"""JPEGs of frames, and pictures of recorded calls."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from coach.adapters.screen.pictures import (
    FINE_PRINT_SIDE,
    MAX_BYTES,
    BadPicture,
    Frame,
    RecordedPicture,
)
from unit.screen.frames import frame, i420
from unit.screen.pictures import FULL_HD, HD, bullets, table

SLIDE = bullets("Security", "Encryption at rest", "Audit logs for one year")


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg))


@pytest.mark.parametrize(
    ("size", "fitted"),
    [
        (FULL_HD, (1024, 576)),
        (HD, (1024, 576)),
        ((640, 361), (640, 361)),
        ((1080, 1920), (576, 1024)),
        ((33, 7), (33, 7)),
    ],
)
def test_a_frame_fits_into_1024_pixels_and_is_not_blown_up(
    size: tuple[int, int], fitted: tuple[int, int]
) -> None:
    width, height = size
    rest = 2 * ((width + 1) // 2) * ((height + 1) // 2)

    jpeg = Frame(width, height, bytes(width * height + rest)).jpeg()

    assert opened(jpeg).format == "JPEG"
    assert opened(jpeg).size == fitted


def test_fine_print_keeps_every_pixel_of_full_hd() -> None:
    drawn = table("Pricing", ("Plan", "Price"), ("Growth", "$59"), size=FULL_HD)

    assert opened(frame(drawn).jpeg(FINE_PRINT_SIDE)).size == FULL_HD


def test_colours_and_brightness_are_those_of_the_picture() -> None:
    jpeg = opened(frame(SLIDE).jpeg(2_048)).convert("RGB")

    apart = np.abs(np.asarray(jpeg).astype(np.int16) - np.asarray(SLIDE.picture).astype(np.int16))
    assert apart.mean() < 2.0
    assert jpeg.getpixel((640, 300)) == pytest.approx((255, 255, 255), abs=3)
    assert jpeg.getpixel((640, 5)) == pytest.approx((38, 86, 190), abs=12)


def test_a_slide_takes_some_tens_of_kilobytes() -> None:
    sizes = [len(frame(drawn).jpeg()) for drawn in (SLIDE, table("Pricing", ("a", "b")))]

    assert max(sizes) < 100_000


def test_a_recorded_picture_gives_pixels_and_a_jpeg(tmp_path: Path) -> None:
    (tmp_path / "slide.png").write_bytes(b"")
    SLIDE.picture.save(tmp_path / "slide.png")

    recorded = RecordedPicture.open(tmp_path / "slide.png")

    assert recorded.luma.shape == (720, 1280)
    assert opened(recorded.jpeg()).size == (1024, 576)


def _png(width: int, height: int) -> bytes:
    """Return the head of a PNG that promises so many pixels, and nothing of them."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "neither JPEG nor PNG"),
        (b"not a picture", "neither JPEG nor PNG"),
        (b"GIF89a" + b"\0" * 100, "neither JPEG nor PNG"),
        (_png(60_000, 60_000), "million pixels"),
        (_png(9_000, 9_000), "million pixels"),
        (_png(1_000, 1_000), "cannot be read"),
        (SLIDE.jpeg()[:5_000], "cannot be read"),
        (b"\0" * (MAX_BYTES + 1), "more than 32 MB"),
    ],
    ids=["empty", "text", "gif", "bomb", "large", "torn png", "torn jpeg", "fat"],
)
def test_what_is_no_usable_picture_is_refused(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "slide.jpg"
    path.write_bytes(content)

    with pytest.raises(BadPicture, match=why):
        RecordedPicture.open(path)


def test_a_missing_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadPicture, match="cannot be read"):
        RecordedPicture.open(tmp_path / "slide.jpg")


def test_the_planes_of_odd_sizes_are_found() -> None:
    drawn = bullets("Odd", "sizes", size=(641, 361))

    odd = Frame(641, 361, i420(drawn))

    assert opened(odd.jpeg()).size == (641, 361)
