"""How many tokens a text has at most, as estimated without any tokenizer."""

import re
from collections.abc import Iterator

_BYTES_PER_TOKEN = 4
"""English has 4.2 to 4.6 with the usual tokenizers; estimated low, so that the bound holds."""
_PIECE = re.compile(r"[^\W\d_]{1,9}|\d{1,3}|\s(?=\d)|[^\w\s]|_")
"""What may be a token of its own: a price or a telephone number has few bytes to each."""


def tokens(text: str) -> int:
    """Return the higher of two estimates: by bytes, for words of any script, and by pieces."""
    by_bytes = -(-len(_encoded(text)) // _BYTES_PER_TOKEN)
    return max(by_bytes, sum(1 for _ in _pieces(text)))


def first_tokens(text: str, most: int) -> str:
    """Return the beginning of a text that has at most so many tokens."""
    ends = [piece.end() for piece in _pieces(text)]
    if len(ends) > most:
        text = text[: ends[most - 1]] if most > 0 else ""
    return _encoded(text)[: max(0, most) * _BYTES_PER_TOKEN].decode("utf-8", "ignore")


def last_tokens(text: str, most: int) -> str:
    """Return the end of a text that has at most so many tokens."""
    starts = [piece.start() for piece in _pieces(text)]
    if len(starts) > most:
        text = text[starts[-most] :] if most > 0 else ""
    data = _encoded(text)
    return data[max(0, len(data) - max(0, most) * _BYTES_PER_TOKEN) :].decode("utf-8", "ignore")


def _pieces(text: str) -> Iterator[re.Match[str]]:
    return _PIECE.finditer(text)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")
