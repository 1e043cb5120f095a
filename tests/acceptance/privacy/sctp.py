"""What came in over the data channels, decrypted: the native library logs each SCTP packet.

The log line is libwebrtc's text form of a packet capture. From it whole messages are put
together, as they were before anything of the SDK looked at them.
"""

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_LINE = re.compile(
    r"\n(?P<way>[IO]) [\d:.]+ 0000 (?P<hex>(?:[0-9a-f]{2} )+)# SCTP_PACKET (?P<of>\S+)"
)
_COMMON_HEADER_BYTES = 12
_CHUNK_HEADER_BYTES = 4
_DATA_HEADER_BYTES = 16
_DATA = 0
_INTERLEAVED_DATA = 64
_LAST, _FIRST = 1, 2
_CONTROL_PROTOCOL = 50  # the handshake that opens a channel; the rest is what was sent on it


@dataclass(frozen=True, slots=True)
class _Piece:
    number: int
    flags: int
    protocol: int
    content: bytes


class UnknownFraming(Exception):
    """The peers agreed on a form of data chunk that this module does not read."""


def packet_of(message: str) -> tuple[str, bytes] | None:
    """Return association and bytes of the incoming packet that a log line holds, if it does."""
    line = _LINE.search(message)
    if line is None or line["way"] == "O":
        return None
    return line["of"], bytes.fromhex(line["hex"])


def messages_of(packets: Iterable[tuple[str, bytes]]) -> list[bytes]:
    """Return the messages that arrived, each once, by association in the order of sending."""
    pieces: dict[tuple[str, bytes], dict[int, _Piece]] = {}
    for association, packet in packets:
        known = pieces.setdefault((association, packet[4:8]), {})
        for piece in _pieces(packet):
            known.setdefault(piece.number, piece)
    return [message for known in pieces.values() for message in _whole(known)]


def _pieces(packet: bytes) -> Iterator[_Piece]:
    at = _COMMON_HEADER_BYTES
    while at + _CHUNK_HEADER_BYTES <= len(packet):
        kind, flags, length = struct.unpack_from("!BBH", packet, at)
        if kind == _INTERLEAVED_DATA:
            raise UnknownFraming("interleaved data")
        if kind == _DATA:
            number, _, _, protocol = struct.unpack_from("!IHHI", packet, at + _CHUNK_HEADER_BYTES)
            content = packet[at + _DATA_HEADER_BYTES : at + length]
            yield _Piece(number, flags, protocol, content)
        at += max(_CHUNK_HEADER_BYTES, -(-length // 4) * 4)


def _whole(pieces: dict[int, _Piece]) -> Iterator[bytes]:
    content = b""
    for number in sorted(pieces):
        piece = pieces[number]
        content = piece.content if piece.flags & _FIRST else content + piece.content
        if piece.flags & _LAST and piece.protocol != _CONTROL_PROTOCOL:
            yield content
