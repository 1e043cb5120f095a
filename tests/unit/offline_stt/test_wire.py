"""Frames to and from a decoder process."""

import io

from offline_stt.timeline import HeardWord
from offline_stt.wire import Kind, pack, pack_words, read, unpack_words


def test_frames_come_back_one_by_one() -> None:
    stream = io.BytesIO(pack(Kind.BEGIN) + pack(Kind.AUDIO, b"\1\2"))

    assert [read(stream) for _ in range(3)] == [(Kind.BEGIN, b""), (Kind.AUDIO, b"\1\2"), None]


def test_a_torn_frame_is_the_end() -> None:
    assert read(io.BytesIO(pack(Kind.AUDIO, b"\1\2")[:-1])) is None


def test_words_come_back_as_they_were() -> None:
    words = [HeardWord("budget", 3, 9, 0.5)]

    assert unpack_words(pack_words(words)) == words
