"""The rep's client in a test: it answers the agent, and keeps what it was told."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from livekit import rtc

from integration.people import Person


@dataclass(slots=True)
class RepPanel:
    """What the rep's client was told, with the monotonic time of each message."""

    nudges: list[dict[str, Any]] = field(default_factory=list)
    hellos: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    callers: set[str] = field(default_factory=set)
    arrived: list[float] = field(default_factory=list)
    """`time.monotonic` of each nudge."""

    def register(self, person: Person) -> "RepPanel":
        """Answer the agent's calls as this person's client."""
        answers = {
            "coach_nudge": (self.nudges, "shown"),
            "coach_hello": (self.hellos, '{"v":1,"ready":true}'),
            "coach_status": (self.statuses, "ok"),
        }
        for method, (kept, reply) in answers.items():
            handler = self._handler(kept, reply)
            person.room.local_participant.register_rpc_method(method, handler)
        return self

    def _handler(
        self, kept: list[dict[str, Any]], reply: str
    ) -> Callable[[rtc.RpcInvocationData], str]:
        def handle(call: rtc.RpcInvocationData) -> str:
            if kept is self.nudges:
                self.arrived.append(time.monotonic())
            self.callers.add(call.caller_identity)
            kept.append(json.loads(call.payload))
            return reply

        return handle

    @property
    def status(self) -> dict[str, Any]:
        """The newest status, or nothing."""
        return self.statuses[-1] if self.statuses else {}
