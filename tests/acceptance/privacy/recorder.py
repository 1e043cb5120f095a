"""Records everything that reaches a client: what the native library says, and the signalling.

Sits below the Python SDK: it takes the place of the callback by which the native library hands
over each event, so no filter of a room, and no sender that is claimed, keeps anything from it.
Used in a process of its own, which must not have used `livekit.rtc` before.
"""

import ctypes
import struct
import threading
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import Any, BinaryIO, Self

from livekit.rtc import _ffi_client as ffi
from livekit.rtc._proto import ffi_pb2

_HEADER = struct.Struct("!BI")


class Layer(IntEnum):
    """Where a record was taken."""

    NATIVE = 1
    """A whole event of the native library, as it was serialised."""
    PACKET = 2
    """The contents of a data packet, to which its event only points."""
    SIGNAL = 3
    """Bytes of the signalling connection, from the server."""
    STREAM = 4
    """What was read from a data stream by way of the SDK."""


class Recorder:
    """Appends records to a file from any thread."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("wb")
        self._lock = threading.Lock()
        self._callback: object = None  # the native library keeps no reference of its own

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._file.close()

    def install(self) -> None:
        """Take the place of the SDK's callback, which is then called from here."""
        assert ffi.FfiClient._instance is None, "the native library is in use already"
        original: Any = ffi.ffi_event_callback

        def see(data: Any, length: int) -> None:
            self._see(ctypes.string_at(data, int(length)))
            original(data, length)

        self._callback = ffi.ffi_cb_fnc(see)
        vars(ffi)["ffi_event_callback"] = self._callback

    def keep(self, layer: Layer, data: bytes) -> None:
        """Append a record."""
        with self._lock:
            if self._file.closed:
                return  # the native library goes on for a moment
            self._file.write(_HEADER.pack(layer, len(data)) + data)

    def flush(self) -> None:
        """Let a reader see everything so far."""
        with self._lock:
            self._file.flush()

    def _see(self, raw: bytes) -> None:
        self.keep(Layer.NATIVE, raw)
        event = ffi_pb2.FfiEvent()
        event.ParseFromString(raw)
        buffer = event.room_event.data_packet_received.user.data.data
        if buffer.data_ptr:
            self.keep(Layer.PACKET, ctypes.string_at(buffer.data_ptr, buffer.data_len))


def read_records(path: Path) -> Iterator[tuple[Layer, bytes]]:
    """Yield the records of a file that is complete or still being written."""
    data = path.read_bytes()
    at = 0
    while at + _HEADER.size <= len(data):
        layer, length = _HEADER.unpack_from(data, at)
        at += _HEADER.size
        if at + length > len(data):
            return
        yield Layer(layer), data[at : at + length]
        at += length
