"""The server's side of the decoder processes: the host that forks them, and one for each stream."""

import asyncio
import json
import logging
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from offline_stt.timeline import HeardWord
from offline_stt.wire import HEADER, Kind, pack, unpack_words

LOAD_LIMIT_SECONDS = 30.0
OPEN_LIMIT_SECONDS = 5.0
END_LIMIT_SECONDS = 2.0

_log = logging.getLogger(__name__)


class DecoderError(Exception):
    """The models cannot be loaded, or a decoder process ended before its stream."""


class Decoder:
    """One stream's decoder process."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.pid = 0

    async def expect(self, terms: Sequence[str]) -> None:
        """Wait until the process runs and knows the connection's names.

        Raises:
            DecoderError: It ended, or is not there in time.
        """
        try:
            async with asyncio.timeout(OPEN_LIMIT_SECONDS):
                await self.send(Kind.TERMS, json.dumps(terms).encode())
                _, payload = await self._read()
        except TimeoutError:
            raise DecoderError("a decoder did not start in time") from None
        self.pid = int(payload)

    async def send(self, kind: Kind, payload: bytes = b"") -> None:
        """Send a frame; waits while the process has not taken the earlier ones.

        Raises:
            DecoderError: The process ended.
        """
        try:
            self._writer.write(pack(kind, payload))
            await self._writer.drain()
        except OSError:
            raise DecoderError("a decoder ended") from None

    async def receive(self) -> tuple[Kind, list[HeardWord]]:
        """Wait for an answer: PARTIAL to each AUDIO, FINAL to each END.

        Raises:
            DecoderError: The process ended.
        """
        kind, payload = await self._read()
        return kind, unpack_words(payload)

    async def aclose(self) -> None:
        """Close the socket, which ends the process; safe to call twice."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()

    async def _read(self) -> tuple[Kind, bytes]:
        try:
            kind, length = HEADER.unpack(await self._reader.readexactly(HEADER.size))
            return Kind(kind), await self._reader.readexactly(length)
        except (EOFError, OSError):
            raise DecoderError("a decoder ended") from None


class DecoderHost:
    """Runs the decoder host, and starts another one when it is found dead."""

    def __init__(self, words: Path | None) -> None:
        self._words = words
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Start the host and wait until the models are loaded.

        Raises:
            DecoderError: They cannot be loaded.
        """
        ours, theirs = socket.socketpair()
        arguments = ["--control-fd", str(theirs.fileno())]
        if self._words is not None:
            arguments += ["--words", str(self._words)]
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "offline_stt.decoder_host", *arguments),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,  # standard output is the parent's ready line
                pass_fds=(theirs.fileno(),),
                env=_environment(),
            )
        self._control = ours
        guessed = await self._wait_loaded(ours)
        if guessed:
            _log.warning("pronunciations guessed", extra={"words": " ".join(guessed)})

    async def open(self, terms: Sequence[str]) -> Decoder:
        """Return a decoder for one stream.

        Args:
            terms: Names to expect in this stream.

        Raises:
            DecoderError: None could be started.
        """
        decoder = await self._fork()
        try:
            await decoder.expect(terms)
        except BaseException:
            await decoder.aclose()
            raise
        return decoder

    async def aclose(self) -> None:
        """End the host; decoders of open streams end with their streams. Safe to call twice."""
        if self._control is not None:
            self._control.close()
        process, self._process = self._process, None
        if process is None:
            return
        try:
            async with asyncio.timeout(END_LIMIT_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _fork(self) -> Decoder:
        ours, theirs = socket.socketpair()
        with theirs:
            async with self._starting:
                await self._request(theirs)
        ours.setblocking(False)
        return Decoder(*await asyncio.open_unix_connection(sock=ours))

    async def _request(self, stream: socket.socket) -> None:
        """Hand a stream's socket to the host, which forks; once more if the host has died."""
        if self._control is not None:
            with suppress(OSError):
                socket.send_fds(self._control, [b"f"], [stream.fileno()])
                return
        _log.warning("decoder host restarted")
        await self.aclose()
        await self.start()
        assert self._control is not None
        socket.send_fds(self._control, [b"f"], [stream.fileno()])

    async def _wait_loaded(self, control: socket.socket) -> list[str]:
        control.setblocking(False)
        line = b""
        try:
            async with asyncio.timeout(LOAD_LIMIT_SECONDS):
                while not line.endswith(b"\n"):
                    data = await asyncio.get_running_loop().sock_recv(control, 65_536)
                    if not data:
                        raise DecoderError("the decoder host ended while it was loading")
                    line += data
        except TimeoutError:
            raise DecoderError("the models were not loaded in time") from None
        return [str(word) for word in json.loads(line)]


def _environment() -> dict[str, str]:
    """Return the environment with this package importable, however it was found here."""
    root = str(Path(__file__).parent.parent)
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
