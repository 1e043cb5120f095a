"""The HTTP server: `/v1/listen` as Deepgram's clients know it, and `/` for its health."""

import asyncio
import logging
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import WSCloseCode, web

from offline_stt.decoders import Decoder, DecoderError, DecoderHost
from offline_stt.gate import Gate
from offline_stt.query import ListenOptions, QueryError, parse_query
from offline_stt.stream import ListenStream
from offline_stt.units import SAMPLE_RATE_HZ
from offline_stt.voice import VoiceDetectors

HEARTBEAT_SECONDS = 30.0
CLOSE_SECONDS = 2.0  # for a client to answer a close
LARGEST_MESSAGE_BYTES = 1 << 20

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Where to listen, and for how many.

    Attributes:
        port: 0: any free one.
        workers: Streams at once; each has a decoder process.
        words: A word list, read once.
    """

    host: str = "127.0.0.1"
    port: int = 0
    workers: int = 12
    words: Path | None = None


class ListenServer:
    """Accepts streams, as many as there may be decoders."""

    def __init__(self, options: ServerOptions, host: DecoderHost) -> None:
        self._options = options
        self._host = host
        self._voices = VoiceDetectors()
        self._opening = 0
        self._open: dict[ListenStream, tuple[web.WebSocketResponse, Decoder]] = {}
        self._served_count = 0
        self._dropped_samples = 0

    def application(self) -> web.Application:
        """Return the routes."""
        application = web.Application()
        application.router.add_get("/", self._health)
        application.router.add_get("/v1/listen", self._listen)
        application.on_shutdown.append(self._close_streams)
        return application

    async def _health(self, _: web.Request) -> web.Response:
        dropped = self._dropped_samples + sum(stream.dropped_samples for stream in self._open)
        return web.json_response(
            {
                "status": "ok",
                "purpose": "demonstrations and tests only",
                "pid": os.getpid(),
                "streams": len(self._open),
                "workers": self._options.workers,
                "decoder_pids": [decoder.pid for _, decoder in self._open.values()],
                "served": self._served_count,
                "dropped_ms": dropped * 1_000 // SAMPLE_RATE_HZ,
            }
        )

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        try:
            options = parse_query(request.query)
        except QueryError as error:
            raise web.HTTPBadRequest(text=str(error)) from None
        socket = web.WebSocketResponse(
            timeout=CLOSE_SECONDS, heartbeat=HEARTBEAT_SECONDS, max_msg_size=LARGEST_MESSAGE_BYTES
        )
        if not socket.can_prepare(request):
            raise web.HTTPUpgradeRequired(text="this is a WebSocket endpoint")
        if len(self._open) + self._opening >= self._options.workers:
            raise web.HTTPServiceUnavailable(text="all decoders are in use")
        decoder = await self._open_decoder(options)
        try:
            return await self._serve(request, socket, decoder, options)
        finally:
            await decoder.aclose()

    async def _open_decoder(self, options: ListenOptions) -> Decoder:
        self._opening += 1
        try:
            return await self._host.open(options.terms)
        except DecoderError as error:
            _log.error("no decoder", extra={"reason": str(error)})
            raise web.HTTPServiceUnavailable(text=str(error)) from None
        finally:
            self._opening -= 1

    async def _serve(
        self,
        request: web.Request,
        socket: web.WebSocketResponse,
        decoder: Decoder,
        options: ListenOptions,
    ) -> web.StreamResponse:
        gate = Gate(self._voices.new(), options.pause_ms * SAMPLE_RATE_HZ // 1_000)
        stream = ListenStream(str(uuid.uuid4()), socket, decoder, options, gate)
        self._open[stream] = (socket, decoder)
        self._served_count += 1
        try:
            socket.headers["dg-request-id"] = stream.request_id
            await socket.prepare(request)
            await stream.serve()
        finally:
            del self._open[stream]
            self._note_dropped(stream)
        return socket

    def _note_dropped(self, stream: ListenStream) -> None:
        self._dropped_samples += stream.dropped_samples
        if stream.dropped_samples:
            milliseconds = stream.dropped_samples * 1_000 // SAMPLE_RATE_HZ
            _log.warning("audio dropped, decoder behind real time", extra={"ms": milliseconds})

    async def _close_streams(self, _: web.Application) -> None:
        closing = [
            socket.close(code=WSCloseCode.GOING_AWAY, message=b"the server stops")
            for socket, _decoder in self._open.values()
        ]
        await asyncio.gather(*closing, return_exceptions=True)


@asynccontextmanager
async def running(options: ServerOptions) -> AsyncIterator[int]:
    """Run the server; yields its port when it can serve.

    Raises:
        DecoderError: The models cannot be loaded.
        OSError: The address cannot be had.
    """
    host = DecoderHost(options.words)
    try:
        await host.start()
        # Access lines would hold query strings, and with them names.
        runner = web.AppRunner(
            ListenServer(options, host).application(), access_log=None, shutdown_timeout=1.0
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, options.host, options.port)
            await site.start()
            yield int(runner.addresses[0][1])
        finally:
            await runner.cleanup()
    finally:
        await host.aclose()
