"""Frames between the server and a decoder process: one byte of kind, four of length, a payload."""

import asyncio
import json
import struct
from enum import Enum
from typing import BinaryIO

from offline_stt.timeline import HeardWord

_HEADER = struct.Struct(">cI")


class Kind(Enum):
    """What a frame holds."""

    TERMS = b"T"  # to the decoder, first: JSON list of names
    BEGIN = b"B"
    AUDIO = b"A"
    END = b"E"
    READY = b"R"  # from the decoder, answers TERMS: its process id
    PARTIAL = b"P"  # answers each AUDIO, so it also paces the sender
    FINAL = b"F"  # answers END


def pack(kind: Kind, payload: bytes = b"") -> bytes:
    """Return a frame."""
    return _HEADER.pack(kind.value, len(payload)) + payload


def read(stream: BinaryIO) -> tuple[Kind, bytes] | None:
    """Read a frame, blocking; None at the end of the stream."""
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    kind, length = _HEADER.unpack(header)
    payload = stream.read(length)
    return (Kind(kind), payload) if len(payload) == length else None


async def read_async(reader: asyncio.StreamReader) -> tuple[Kind, bytes]:
    """Read a frame.

    Raises:
        EOFError: The other side ended (asyncio.IncompleteReadError is one).
    """
    kind, length = _HEADER.unpack(await reader.readexactly(_HEADER.size))
    return Kind(kind), await reader.readexactly(length)


def pack_words(words: list[HeardWord]) -> bytes:
    """Return words as a payload."""
    rows = [[word.text, word.start_frame, word.end_frame, word.confidence] for word in words]
    return json.dumps(rows, separators=(",", ":")).encode()


def unpack_words(payload: bytes) -> list[HeardWord]:
    """Return the words of a payload."""
    return [HeardWord(*row) for row in json.loads(payload)]
