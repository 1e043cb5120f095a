"""A room that records what is sent into it, for the tests of guard, panel and methods."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, cast

from livekit import rtc

REP = "rep-1"


@dataclass
class RecordingParticipant:
    """The agent's own end: answers calls as told, keeps what was called and registered."""

    reply: str | BaseException = "shown"
    hangs: bool = False
    calls: list[dict[str, Any]] = field(default_factory=list)
    methods: dict[str, Any] = field(default_factory=dict)

    async def perform_rpc(self, **call: Any) -> str:
        self.calls.append(call)
        if self.hangs:
            await asyncio.Event().wait()
        if isinstance(self.reply, BaseException):
            raise self.reply
        return self.reply

    def register_rpc_method(self, name: str, handler: Any) -> None:
        self.methods[name] = handler


class RecordingRoom:
    """A room in which the rep is, unless told otherwise."""

    def __init__(self, *identities: str) -> None:
        self.local_participant = RecordingParticipant()
        self.remote_participants = dict.fromkeys(identities or (REP,))

    @property
    def as_room(self) -> rtc.Room:
        """This room as the type that adapters take."""
        return cast(rtc.Room, self)


def invocation(caller: str, payload: str, method: str = "coach_control") -> rtc.RpcInvocationData:
    """A call that somebody makes to the agent."""
    return rtc.RpcInvocationData("id", caller, payload, 2.0, method)
