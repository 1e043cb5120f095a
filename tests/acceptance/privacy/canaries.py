"""Words that no client but the rep's may ever receive, and how to find them in any bytes.

A canary is one lower-case word, so that it survives the coach's own normalising of words. All
share a stem; the middle says which field it stood in. They are looked for as they are, in the
encodings in which text hides, and inside whatever decompresses.
"""

import base64
import re
import zlib
from collections.abc import Iterator

STEM = "xqkanari"
_END = "zz"
_WORD = re.compile(STEM.encode() + rb"([a-z]+?)" + _END.encode())
_HEX_DUMP = re.compile(rb"(?:[0-9a-f]{2} ){7,}[0-9a-f]{2}")
_LARGEST_INFLATED = 1_000_000
_GZIP, _ZLIB, _RAW = 31, 15, -15


def canary(field: str) -> str:
    """Return the canary of a field, whose name consists of lower-case letters."""
    if not (field.isascii() and field.isalpha() and field.islower()):
        raise ValueError(f"not a name for a canary: {field}")
    return f"{STEM}{field}{_END}"


def find_canaries(data: bytes) -> set[str]:
    """Return the names of the canaries in some bytes; `?` when only an encoded stem is there."""
    found: set[str] = set()
    for text in _readings(data):
        found |= {name.decode() for name in _WORD.findall(text.lower())}
    if not found and _has_hidden_stem(data):
        found.add("?")
    return found


def _readings(data: bytes) -> Iterator[bytes]:
    """Yield the data as it is, without UTF-16's zeros, and decompressed where that works."""
    yield data
    if b"\0" in data:
        yield data.replace(b"\0", b"")
    for dump in _HEX_DUMP.findall(data):
        yield bytes.fromhex(dump.decode())
    for start, window in _compressed(data):
        inflated = _inflate(data[start:], window)
        if inflated:
            yield inflated


def _compressed(data: bytes) -> Iterator[tuple[int, int]]:
    yield 0, _RAW
    for magic, window in ((b"\x1f\x8b\x08", _GZIP), (b"\x78\x01", _ZLIB), (b"\x78\x9c", _ZLIB)):
        start = data.find(magic)
        while start >= 0:
            yield start, window
            start = data.find(magic, start + 1)


def _inflate(data: bytes, window: int) -> bytes:
    try:
        return zlib.decompressobj(window).decompress(data, _LARGEST_INFLATED)
    except zlib.error:
        return b""


def _has_hidden_stem(data: bytes) -> bool:
    folded = data.lower()
    return any(form in folded for form in _FOLDED_FORMS) or any(form in data for form in _FORMS)


def _base64_cores() -> set[bytes]:
    """Return what base64 makes of the stem at each of the three places in a group of bytes."""
    cores = set()
    for before in range(3):
        padded = b"\0" * before + STEM.encode()
        text = base64.b64encode(padded)
        start = -(-before * 8 // 6)  # characters that also hold bits of what stands before
        cores.add(text[start : len(padded) * 8 // 6])
    return cores


_FORMS = _base64_cores()
_FOLDED_FORMS = {
    STEM.encode(),
    STEM.encode()[::-1],
    STEM.encode().hex().encode(),
    b" ".join(b"%02x" % byte for byte in STEM.encode()),
    b"".join(b"%%%02x" % byte for byte in STEM.encode()),
    b"".join(b"\\u%04x" % byte for byte in STEM.encode()),
    b"".join(b"&#%d;" % byte for byte in STEM.encode()),
}
