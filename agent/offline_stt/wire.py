"""Frames between the server and a decoder process: one byte of kind, four of length, a payload."""

import json
import struct
from enum import Enum
from typing import BinaryIO

from offline_stt.timeline import HeardWord

HEADER = struct.Struct(">cI")


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
    return HEADER.pack(kind.value, len(payload)) + payload


def read(stream: BinaryIO) -> tuple[Kind, bytes] | None:
    """Read a frame, blocking; None at the end of the stream."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    kind, length = HEADER.unpack(header)
    payload = stream.read(length)
    return (Kind(kind), payload) if len(payload) == length else None


def pack_words(words: list[HeardWord]) -> bytes:
    """Return words as a payload."""
    rows = [[word.text, word.start_frame, word.end_frame, word.confidence] for word in words]
    return json.dumps(rows, separators=(",", ":")).encode()


def unpack_words(payload: bytes) -> list[HeardWord]:
    """Return the words of a payload."""
    return [HeardWord(*row) for row in json.loads(payload)]
