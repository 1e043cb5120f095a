"""Video frames made of drawn slides, as a decoder gives them."""

import numpy as np
from PIL import Image

from coach.adapters.screen.pictures import Frame
from unit.screen.pictures import Drawn


def i420(drawn: Drawn) -> bytes:
    """Return the planes of a picture: brightness 16–235, colour at half the resolution 16–240."""
    luma, blue, red = drawn.picture.convert("YCbCr").split()
    half = ((luma.width + 1) // 2, (luma.height + 1) // 2)
    y = np.asarray(luma).astype(np.float32) * 219 / 255 + 16
    planes = [np.rint(y).astype(np.uint8).tobytes()]
    for plane in (blue, red):
        small = np.asarray(plane.resize(half, Image.Resampling.BOX)).astype(np.float32)
        planes.append(np.rint((small - 128) * 224 / 255 + 128).astype(np.uint8).tobytes())
    return b"".join(planes)


def frame(drawn: Drawn) -> Frame:
    """Return a picture as a frame."""
    return Frame(drawn.picture.width, drawn.picture.height, i420(drawn))
