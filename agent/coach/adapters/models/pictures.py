"""How a picture is put to a model, and what it takes there."""

import base64
import io

from livekit.agents import llm
from PIL import Image

_USUAL_SIDE = 1_024
"""Pixels of a picture's longer side. At low detail providers make them 512: enough for a slide."""
_BASE_TOKENS, _TILE_TOKENS = 85, 170
_SHORT_SIDE, _TILE_SIDE = 768, 512
"""In full detail a picture is made so small, and read in tiles; as OpenAI documents it."""


def picture(jpeg: bytes) -> llm.ImageContent:
    """Return a picture; one that was taken for its fine print must not be scaled down again."""
    url = f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
    return llm.ImageContent(image=url, inference_detail="high" if _is_fine(jpeg) else "low")


def picture_tokens(jpeg: bytes) -> int:
    """Return how many tokens a picture takes: no endpoint tells them apart from the text's."""
    if not _is_fine(jpeg):
        return _BASE_TOKENS
    sides = _sides(jpeg)
    scale = min(1.0, _SHORT_SIDE / max(1, min(sides)))
    across, down = (-(-round(side * scale) // _TILE_SIDE) for side in sides)
    return _BASE_TOKENS + _TILE_TOKENS * across * down


def _is_fine(jpeg: bytes) -> bool:
    return max(_sides(jpeg)) > _USUAL_SIDE


def _sides(jpeg: bytes) -> tuple[int, int]:
    """Return width and height in pixels, as the picture's head says; 0: it says nothing."""
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as opened:
            return opened.size
    except (OSError, ValueError, SyntaxError):
        return 0, 0
