"""A relay in front of the server that keeps what the server signals to a client.

Signalling is a WebSocket on loopback, so its bytes are readable: participants with names,
metadata and attributes, as they come, whether or not the SDK makes an event of them.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit

_READ_BYTES = 65_536

Keep = Callable[[bytes], None]


@contextlib.asynccontextmanager
async def relaying(url: str, keep: Keep) -> AsyncIterator[str]:
    """Relay to the server at `url` until the block ends; yields the address to use instead."""
    target = urlsplit(url)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(target.hostname, target.port)
        for source, sink, note in ((reader, up_writer, None), (up_reader, writer, keep)):
            task = asyncio.create_task(_pump(source, sink, note), name="privacy.relay")
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, keep: Keep | None
) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(_READ_BYTES):
            if keep is not None:
                keep(data)
            sink.write(data)
            await sink.drain()
    sink.close()
