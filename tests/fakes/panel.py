"""A rep's client that does what the test's script says and remembers what it was sent."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from coach.application.ports import PanelUnanswered
from coach.domain.job import ConsentState
from coach.domain.nudge import Nudge
from coach.domain.outputs import Status


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: after some seconds a reply, or an RPC error."""

    text: str = "shown"
    error: int | None = None
    after_seconds: float = 0.0


HANGS = Reply(error=1502, after_seconds=2.0)
"""A client that takes the message and never answers: the transport gives up after 2 s."""


@dataclass
class ScriptedPanel:
    """Implements `Panel`. Answers in the order of the script, then `shown`."""

    replies: deque[Reply] = field(default_factory=deque)
    unanswered_hellos: int = 0
    """So many hellos get no answer before one does."""
    status_seconds: float = 0.0
    """How long each status takes."""
    nudges: list[Nudge] = field(default_factory=list)
    hellos: list[tuple[int, ConsentState]] = field(default_factory=list)
    statuses: list[tuple[int, Status]] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0

    async def nudge(self, nudge: Nudge) -> str:
        self.nudges.append(nudge)
        reply = self.replies.popleft() if self.replies else Reply()
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(reply.after_seconds)
        finally:
            self.in_flight -= 1
        if reply.error is not None:
            raise PanelUnanswered(reply.error)
        return reply.text

    async def hello(self, at_ms: int, consent: ConsentState) -> bool:
        self.hellos.append((at_ms, consent))
        return len(self.hellos) > self.unanswered_hellos

    async def status(self, at_ms: int, status: Status) -> None:
        await asyncio.sleep(self.status_seconds)
        self.statuses.append((at_ms, status))
