"""Pictures to send and to keep: video frames to JPEG, and files of recorded calls back.

A frame's planes go into the JPEG as they are, brightness and colour apart: nothing is turned
into red, green and blue on the way. Everything here blocks; nothing runs on the event loop.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from coach.adapters.screen.glances import Luma

SIDE, FINE_PRINT_SIDE = 1_024, 2_048
"""Longest side of a picture in pixels; a smaller frame is not blown up."""
QUALITY = 70
MAX_PIXELS = 40_000_000
"""A recorded picture with more, such as a decompression bomb, is refused."""
MAX_BYTES = 32_000_000
_FORMATS = ("JPEG", "PNG")

# Video keeps brightness in 16–235 and colour in 16–240; JPEG uses the full range.
_FULL_LUMA = [max(0, min(255, round((value - 16) * 255 / 219))) for value in range(256)]
_FULL_COLOUR = [max(0, min(255, round((value - 128) * 255 / 224 + 128))) for value in range(256)]


@dataclass(frozen=True, slots=True)
class Frame:
    """A video frame as it comes: I420, three planes one after the other, without padding."""

    width: int
    height: int
    data: bytes | bytearray | memoryview

    @property
    def luma(self) -> Luma:
        """The brightness plane. No copy is made."""
        plane = np.frombuffer(self.data, np.uint8, self.width * self.height)
        return plane.reshape(self.height, self.width)

    def jpeg(self, side: int = SIDE) -> bytes:
        """Return the frame as JPEG whose longer side has at most so many pixels."""
        size = _fitting(self.width, self.height, side)
        half = ((self.width + 1) // 2, (self.height + 1) // 2)
        area, rest = self.width * self.height, half[0] * half[1]
        planes = [
            _plane(self.data, start, area_size, size, levels)
            for start, area_size, levels in (
                (0, (self.width, self.height), _FULL_LUMA),
                (area, half, _FULL_COLOUR),
                (area + rest, half, _FULL_COLOUR),
            )
        ]
        return _encoded(Image.merge("YCbCr", planes))


class BadPicture(Exception):
    """A file is no picture that can be used; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class RecordedPicture:
    """A picture from a file."""

    picture: Image.Image

    @classmethod
    def open(cls, path: Path) -> "RecordedPicture":
        """Read a JPEG or PNG.

        Raises:
            BadPicture: it cannot be read, is no picture, or is too large.
        """
        try:
            if path.stat().st_size > MAX_BYTES:
                raise BadPicture(f"has more than {MAX_BYTES // 1_000_000} MB")
            with Image.open(path, formats=_FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise BadPicture(f"has more than {MAX_PIXELS // 1_000_000} million pixels")
                return cls(picture.convert("RGB"))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise BadPicture(f"has more than {MAX_PIXELS // 1_000_000} million pixels") from None
        except UnidentifiedImageError:
            raise BadPicture("is neither JPEG nor PNG") from None
        except (OSError, ValueError, SyntaxError) as error:  # a torn PNG is a SyntaxError
            raise BadPicture(f"cannot be read ({type(error).__name__})") from None

    @property
    def luma(self) -> Luma:
        """The brightness of its pixels."""
        return np.asarray(self.picture.convert("L"))

    def jpeg(self, side: int = SIDE) -> bytes:
        """Return it as a live call would have sent it."""
        size = _fitting(self.picture.width, self.picture.height, side)
        return _encoded(self.picture.resize(size, Image.Resampling.BOX, reducing_gap=2.0))


def _fitting(width: int, height: int, side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _plane(
    data: bytes | bytearray | memoryview,
    start: int,
    plane: tuple[int, int],
    size: tuple[int, int],
    levels: list[int],
) -> Image.Image:
    pixels = np.frombuffer(data, np.uint8, plane[0] * plane[1], start)
    image = Image.fromarray(pixels.reshape(plane[1], plane[0]))
    return image.resize(size, Image.Resampling.HAMMING).point(levels)


def _encoded(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
