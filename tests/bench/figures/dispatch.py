"""From the order for an agent to its being active, by the server's own log."""

import asyncio
import json
import re
import time
from datetime import datetime

from bench.bench import Bench
from bench.measures import Figure, Goal, Measure, Of
from bench.playbooks import OURS
from bench.world import World, running_world, until

TITLE = "Warm worker: dispatch → agent active by the server's log, bursts of two"
BURST = 2
REST_SECONDS = 4.0
LOST_SECONDS = 10.0
_ACTIVE = re.compile(r"^(\S+)\t.*\tparticipant active\t(\{.*)$", re.MULTILINE)


async def run(bench: Bench) -> Figure:
    """Dispatch to pairs of rooms, and look up in the server's log when the agents were there."""
    bursts = bench.pick(14, 3)
    ordered: dict[str, float] = {}
    async with running_world(bench, OURS, hear="voice") as world:
        for burst in range(bursts):
            await bench.count_down(REST_SECONDS, f"burst {burst + 1} of {bursts}")
            rooms = [f"burst-{burst}-{number}" for number in range(BURST)]
            await asyncio.gather(*(_dispatch(world, room, ordered) for room in rooms))
            have_come = await _have_come(world, rooms)
            await world.close(*rooms)
            if not have_come:
                break  # lost, and counted; the next ones would only wait as long
        active = _active(world)
    times = [(active[room] - at) * 1_000 for room, at in ordered.items() if room in active]
    firsts = [min(times[n : n + BURST]) for n in range(0, len(times), BURST)]
    seconds = [max(times[n : n + BURST]) for n in range(0, len(times), BURST)]
    return Figure(
        "dispatch",
        TITLE,
        (
            Measure("dispatch → active", "ms", tuple(times), (Goal(Of.P95, 500),)),
            Measure("  the first of a burst", "ms", tuple(firsts)),
            Measure("  the second of a burst", "ms", tuple(seconds)),
            Measure.one(
                "lost", "", len(ordered) - len(times), Goal(Of.VALUE, 0), size=len(ordered)
            ),
        ),
        (
            f"Two calls begin at once every {REST_SECONDS:.0f} s or so; one process is kept warm, "
            "so the second waits for a new one.",
        ),
    )


async def _dispatch(world: World, room: str, ordered: dict[str, float]) -> None:
    ordered[room] = time.time()
    await world.dispatch(room, "rep-1")


async def _have_come(world: World, rooms: list[str]) -> bool:
    return await until(lambda: set(rooms) <= _active(world).keys(), LOST_SECONDS)


def _active(world: World) -> dict[str, float]:
    """Return when the first participant of each room was active: it is the agent, alone there."""
    found: dict[str, float] = {}
    for match in _ACTIVE.finditer(world.livekit.log.read_text(errors="replace")):
        room = str(json.JSONDecoder().raw_decode(match[2])[0]["room"])
        found.setdefault(room, datetime.fromisoformat(match[1]).timestamp())
    return found
