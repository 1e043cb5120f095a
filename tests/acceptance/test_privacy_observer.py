"""The parts of the observer: what it finds in bytes, and how it puts packets together."""

import base64
import gzip
import json
import struct
import urllib.parse
import zlib
from pathlib import Path

import pytest
from livekit.rtc._proto import ffi_pb2

from acceptance.privacy.canaries import STEM, canary, find_canaries
from acceptance.privacy.evidence import Evidence
from acceptance.privacy.recorder import Layer, Recorder, read_records
from acceptance.privacy.sctp import UnknownFraming, messages_of, packet_of

WORD = canary("headline")
DATA_KIND, INTERLEAVED_KIND = 0, 64


def test_a_canary_is_found_by_its_name() -> None:
    assert find_canaries(f"Answer {WORD}, or {canary('say')}.".encode()) == {"headline", "say"}


def test_other_bytes_hold_no_canary() -> None:
    assert find_canaries(bytes(range(256)) * 100 + b"answer headline") == set()


@pytest.mark.parametrize(
    "hidden",
    [
        WORD.upper().encode(),
        WORD.encode("utf-16-le"),
        WORD.encode("utf-16-be"),
        base64.b64encode(f"{WORD}".encode()),
        base64.b64encode(f".{WORD}.".encode()),
        base64.urlsafe_b64encode(f"..{WORD}..".encode()),
        WORD.encode().hex().encode(),
        WORD.encode().hex(" ").encode(),
        "".join(f"%{byte:02X}" for byte in WORD.encode()).encode(),
        urllib.parse.quote(f"é {WORD}").encode(),
        json.dumps({"text": WORD}).encode(),
        "".join(f"\\u{ord(letter):04x}" for letter in WORD).encode(),
        WORD[::-1].encode(),
        b"prefix" + gzip.compress(WORD.encode(), mtime=0),
        b"prefix" + zlib.compress(WORD.encode()),
        zlib.compress(WORD.encode())[2:-4],
        WORD[: len(STEM) + 3].encode(),
    ],
)
def test_a_canary_is_found_in_disguise(hidden: bytes) -> None:
    assert find_canaries(hidden)


def test_a_name_that_would_not_survive_normalising_is_no_canary() -> None:
    with pytest.raises(ValueError, match="not a name"):
        canary("two words")


def packet(number: int, flags: int, content: bytes, kind: int = DATA_KIND) -> bytes:
    chunk = struct.pack("!BBHIHHI", kind, flags, 16 + len(content), number, 0, 0, 53) + content
    return b"\x13\x88\x13\x88" + b"tag!" + b"sum!" + chunk + b"\0" * (-len(content) % 4)


def test_a_message_split_over_packets_is_whole_again_whatever_their_order() -> None:
    packets = [("A", packet(n, flags, text)) for n, flags, text in ((7, 2, b"xqk"), (8, 0, b"ana"))]
    packets += [("A", packet(9, 1, b"ri")), ("A", packet(7, 2, b"xqk"))]
    packets.reverse()

    assert messages_of(packets) == [b"xqkanari"]


def test_messages_of_different_associations_are_kept_apart() -> None:
    packets = [("A", packet(1, 3, b"one")), ("B", packet(1, 3, b"two"))]

    assert messages_of(packets) == [b"one", b"two"]


def test_a_framing_that_cannot_be_read_is_an_error_and_not_a_silence() -> None:
    with pytest.raises(UnknownFraming):
        messages_of([("A", packet(1, 3, b"one", INTERLEAVED_KIND))])


def log_line(way: str) -> str:
    dump = packet(1, 3, b"one").hex(" ")
    return f"(text_pcap.cc:32): \n\n{way} 00:00:04.1 0000 {dump} # SCTP_PACKET Dc7"


def test_only_packets_that_came_in_are_read_from_the_native_log() -> None:
    assert packet_of(log_line("I")) == ("Dc7", packet(1, 3, b"one"))
    assert packet_of(log_line("O")) is None
    assert packet_of("something else") is None


def test_records_are_read_as_they_were_kept_and_a_torn_one_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "records"

    with Recorder(path) as recorder:
        recorder.keep(Layer.SIGNAL, b"one")
        recorder.keep(Layer.STREAM, b"")
        recorder.keep(Layer.NATIVE, b"three")
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size - 1)

    assert list(read_records(path)) == [(Layer.SIGNAL, b"one"), (Layer.STREAM, b"")]


def test_a_secret_split_over_the_chunks_of_a_stream_is_found(tmp_path: Path) -> None:
    with Recorder(tmp_path / "records") as recorder:
        for piece in (WORD[:6], WORD[6:]):
            event = ffi_pb2.FfiEvent()
            event.text_stream_reader_event.reader_handle = 1
            event.text_stream_reader_event.chunk_received.content = piece
            recorder.keep(Layer.NATIVE, event.SerializeToString())

    evidence = Evidence.read([tmp_path / "records"], frozenset())

    assert evidence.canaries["headline"] == {"text stream"}
