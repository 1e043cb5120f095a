"""The hostile prospect's process, as the test holds it."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acceptance.privacy.attacker import Situation
from integration.livekit_server import REPOSITORY, LiveKit

PROSPECT, REP, TEAM = "buyer-1", "rep-1", "rep-2"
HUMANS = frozenset({PROSPECT, REP, TEAM})
REP_DISPLAY_NAME = "A. Rep"
ANSWER_SECONDS = 40.0
END_SECONDS = 10.0


@dataclass(slots=True)
class Prospect:
    """Tells the process what to do, and keeps what it answers."""

    process: asyncio.subprocess.Process
    records: Path
    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def do(self, deed: str) -> dict[str, Any]:
        """Have a deed done; return what came of it."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{deed}\n".encode())
        async with asyncio.timeout(ANSWER_SECONDS):
            line = await self.process.stdout.readline()
        assert line, f"the prospect's process ended in: {deed}"
        outcome: dict[str, Any] = json.loads(line)
        self.outcomes[deed] = outcome
        return outcome

    async def end(self) -> None:
        """Let the process leave and end."""
        if self.process.returncode is None and self.process.stdin is not None:
            self.process.stdin.close()
            async with asyncio.timeout(END_SECONDS):
                await self.process.wait()


def widest_token(livekit: LiveKit, room: str) -> str:
    """Sign all that a careless host might grant a customer.

    Not among it: the agent's kind, the room's administration, the rep's identity.
    """
    return livekit.token(
        PROSPECT,
        room,
        name="B. Buyer",
        can_publish=True,
        can_subscribe=True,
        can_publish_data=True,
        can_publish_sources=["camera", "microphone", "screen_share", "screen_share_audio"],
        can_update_own_metadata=True,
        can_subscribe_metrics=True,
        room_list=True,
    )


@contextlib.asynccontextmanager
async def hostile_prospect(livekit: LiveKit, room: str, folder: Path) -> AsyncIterator[Prospect]:
    """Run the process until the block ends; it joins when it is told to."""
    records = folder / f"{room}.records"
    situation = Situation(
        url=livekit.url,
        token=widest_token(livekit, room),
        rep=REP,
        rep_name=REP_DISPLAY_NAME,
        records=str(records),
    )
    with (folder / f"{room}.err").open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "acceptance.privacy.hostile", situation.to_json()),
            env={**os.environ, "PYTHONPATH": str(REPOSITORY / "tests")},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    prospect = Prospect(process, records)
    try:
        yield prospect
        await prospect.end()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
