"""Keys from the terminal; the terminal gets its old settings back whatever happens."""

import asyncio
import codecs
import os
import re
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

PIECES_LIMIT: Final = 64  # that wait; what is typed beyond is lost
CHUNK_BYTES: Final = 1024
ESCAPE: Final = "\x1b"

_KEY_SEQUENCE: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O.)")  # arrows, function keys


@contextmanager
def key_presses(source: int) -> Iterator[asyncio.Queue[str]]:
    """Deliver what is typed while the block runs, in the pieces in which it arrives.

    A key is a piece of its own, a paste is one long piece. Without a terminal nothing arrives.
    Arrow and function keys are swallowed; the escape key alone arrives as `ESCAPE`. Control-C
    keeps its meaning.

    Args:
        source: File descriptor of the terminal.
    """
    typed: asyncio.Queue[str] = asyncio.Queue(PIECES_LIMIT)
    if not os.isatty(source):
        yield typed
        return
    before = termios.tcgetattr(source)
    loop = asyncio.get_running_loop()
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    try:
        tty.setcbreak(source)
        loop.add_reader(source, _read_keys, source, decoder, typed)
        yield typed
    finally:
        loop.remove_reader(source)
        termios.tcsetattr(source, termios.TCSADRAIN, before)


def _read_keys(source: int, decoder: codecs.IncrementalDecoder, typed: asyncio.Queue[str]) -> None:
    chunk = os.read(source, CHUNK_BYTES)
    if not chunk:  # the terminal is gone, and would be readable for ever
        asyncio.get_running_loop().remove_reader(source)
        return
    text = _KEY_SEQUENCE.sub("", decoder.decode(chunk))
    if text and not typed.full():
        typed.put_nowait(text)
