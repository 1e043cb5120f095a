"""How an actor, a process of its own, talks with the benchmark: JSON lines on its own pipes.

Times are `time.monotonic()`, which is one clock for all processes of a machine.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

Fields = dict[str, Any]


def tell(event: str, **fields: Any) -> None:
    """Report an event to the benchmark."""
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()


async def orders() -> AsyncIterator[Fields]:
    """Yield the benchmark's orders until it is gone."""
    reader = asyncio.StreamReader(limit=1 << 24)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield json.loads(line)
