"""The coach's room and eye alone, in a process of their own: what they cost is watching."""

import asyncio
import contextlib
import os

from livekit import rtc

from bench.actors.lines import orders, tell
from coach.adapters.livekit.clock import CallClock
from coach.adapters.livekit.ear import Ear
from coach.adapters.livekit.eye import Eye, Sight
from coach.adapters.livekit.room import RoomAdapter
from coach.adapters.screen.text import TextReader
from coach.domain.events import Event
from coach.domain.job import Job, Rep
from coach.domain.playbook import Speaker
from coach.domain.screen import Look


def _deaf(identity: str, speaker: Speaker, track: rtc.Track) -> Ear:
    raise AssertionError("nobody is heard here")


def _ignore(event: Event) -> None:
    """The call is not here."""


async def main() -> None:
    """Obey orders until the benchmark is gone."""
    room = rtc.Room()
    tell("ready")
    async with contextlib.AsyncExitStack() as stack:
        async for order in orders():
            match order["do"]:
                case "join":
                    reader = TextReader.find() if order["reads"] else None
                    eye = Eye(Sight(CallClock(), _ignore, reader=reader))
                    adapter = RoomAdapter(room, Job("c-1", Rep("rep-1")))
                    await stack.enter_async_context(adapter.running(_ignore, _deaf, eye))
                    options = rtc.RoomOptions(auto_subscribe=False)
                    await room.connect(order["url"], order["token"], options)
                    adapter.report_present()
                    adapter.look(Look(is_talking=True))
                    tell("joined", reads=reader is not None)
                case "watch":
                    adapter.watch(order["is_on"])
                case "count":
                    tell("count", seen=eye.seen_count, sampled=eye.sampled_count)
    await room.disconnect()


if __name__ == "__main__":
    asyncio.run(main())
    os._exit(0)  # the media library's threads now and then end in a native panic
