"""The search for texts in bytes: each form in which a text could travel is found."""

import base64
import gzip
import zlib

import pytest

from browser.traces_of_text import hidden_traces

TEXT = "Price objection: anchor on six-week payback"
OTHER = "Competitor: ask who replans at noon"


def raw_deflate(data: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-15)
    return squeeze.compress(data) + squeeze.flush()


MESSAGE = f'{{"headline": "{TEXT}"}}'.encode()


@pytest.mark.parametrize(
    "message",
    [
        MESSAGE,
        TEXT.upper().encode(),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode()[::-1],
        TEXT.encode().hex().encode(),
        base64.b64encode(MESSAGE),
        base64.b64encode(b"x" + MESSAGE),
        base64.b64encode(b"xx" + MESSAGE),
        gzip.compress(MESSAGE, mtime=0),
        b"envelope" + zlib.compress(MESSAGE) + b"end",
        b"\x0a\x05field\x12\x40" + raw_deflate(MESSAGE) + b"\x4a\x00",
        b"... anchor on six-we ...",  # a piece is a leak, too
    ],
)
def test_a_text_is_found_in_every_form(message: bytes) -> None:
    assert hidden_traces([b"nothing here", message], [TEXT, OTHER]) == {TEXT}


def test_nothing_is_found_where_nothing_is() -> None:
    talk = b"Good morning, Dana. The budget meeting was yesterday, so I have some time for you."

    assert hidden_traces([talk, gzip.compress(talk), b"", b"\0" * 100], [TEXT, OTHER]) == set()
