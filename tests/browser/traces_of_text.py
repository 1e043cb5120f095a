"""Finds texts in bytes, also where they are encoded or compressed."""

import base64
import zlib
from collections.abc import Iterable, Iterator

_PIECE, _STEP = 12, 4
"""Characters of a text: a leak need not be whole to be one; fifteen in a row are always found."""
_LARGEST_INFLATED = 1_000_000
_RAW, _ZLIB = -15, 15
_ZLIB_HEAD = 0x78


def hidden_traces(messages: Iterable[bytes], texts: Iterable[str]) -> set[str]:
    """Return those of the texts of which any message holds a piece, in any form known here."""
    forms = {text: [form for piece in _pieces(text) for form in _forms(piece)] for text in texts}
    found = set()
    for message in messages:
        for reading in _readings(message):
            folded = reading.lower()
            for text, known in forms.items():
                if any(form in reading or form in folded for form in known):
                    found.add(text)
    return found


def _pieces(text: str) -> Iterator[str]:
    """Yield pieces so close to each other that one lies in any longer run of the text."""
    last = max(0, len(text) - _PIECE)
    for start in {*range(0, last, _STEP), last}:
        yield text[start : start + _PIECE]


def _forms(piece: str) -> Iterator[bytes]:
    for folded in {piece, piece.lower()}:
        for encoded in (folded.encode(), folded.encode("utf-16-le")):
            yield encoded
            yield encoded[::-1]
            yield encoded.hex().encode()
            yield from _base64_cores(encoded)


def _base64_cores(data: bytes) -> Iterator[bytes]:
    """Yield what base64 makes of some bytes at each of the three places in a group."""
    for before in range(3):
        padded = b"\0" * before + data
        start = -(-before * 8 // 6)  # characters that also hold bits of what stands before
        yield base64.b64encode(padded)[start : len(padded) * 8 // 6]


def _readings(data: bytes) -> Iterator[bytes]:
    """Yield the data as it is, and inflated from wherever that works.

    LiveKit compresses a call's payload on its own (raw deflate) and puts it into a packet, so a
    search at the packet's beginning would find nothing.
    """
    yield data
    for start in range(len(data)):
        for window in (_RAW, _ZLIB) if data[start] == _ZLIB_HEAD else (_RAW,):
            try:
                inflated = zlib.decompressobj(window).decompress(data[start:], _LARGEST_INFLATED)
            except zlib.error:
                continue
            if len(inflated) >= _PIECE:
                yield inflated
