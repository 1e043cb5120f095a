"""What a muted speaker costs."""

from statistics import fmean

from bench.actors.actor import Actor
from bench.bench import Bench
from bench.figures.cost import add_call, room_of, two_sides
from bench.measures import Figure, Goal, Measure, Of
from bench.playbooks import OURS
from bench.processes import read
from bench.world import World, crowd, join, running_world

TITLE = "One muted speaker more"
MUTED = 6
SPEAK_SECONDS = 3.0
SETTLE_SECONDS = 8.0
CLOSED_SECONDS = 10.0
SLICE_SECONDS = 5.0


async def run(bench: Bench) -> Figure:
    """Measure a call of two, then with some more who spoke and are muted now."""
    slices = bench.pick(7, 1)
    async with running_world(bench, OURS, hear="voice") as world, crowd(world) as people:
        sounds = two_sides(world)
        await add_call(world, people, 0, sounds)
        await bench.count_down(bench.pick(SETTLE_SECONDS, 4.0), "a call of two settles")
        alone = await _cores(bench, world, slices, "two speakers")
        identities = [f"muted-{number}" for number in range(MUTED)]
        for identity in identities:
            await join(people, world.person(room_of(0), identity, **sounds["right"]))
            await people.order("play", identity=identity)
        await bench.count_down(SPEAK_SECONDS, f"{MUTED} more speak")
        speaking = await world.streams()
        await _mute(people, identities)
        await bench.count_down(CLOSED_SECONDS, f"{MUTED} are muted")
        left = await world.streams() - 2
        with_muted = await _cores(bench, world, slices, f"two speakers and {MUTED} muted")
        await world.close(room_of(0))
    return _figure(alone, with_muted, speaking - 2, left)


async def _mute(people: Actor, identities: list[str]) -> None:
    for identity in identities:
        await people.order("mute", identity=identity)
    await people.until("muted", len(identities))


async def _cores(bench: Bench, world: World, slices: int, what: str) -> list[float]:
    cores, before = [], read(world.processes)
    for number in range(slices):
        await bench.count_down(SLICE_SECONDS, f"{what}, part {number + 1} of {slices}")
        now = read(world.processes)
        cores.append(now.cores_since(before))
        before = now
    return cores


def _figure(alone: list[float], with_muted: list[float], spoke: int, left: int) -> Figure:
    each = (fmean(with_muted) - fmean(alone)) / MUTED
    return Figure(
        "muted",
        TITLE,
        (
            Measure.one(
                "a muted speaker", "core", each, Goal(Of.VALUE, 0.005), size=len(with_muted)
            ),
            Measure("  two speakers", "core", tuple(alone)),
            Measure(f"  two speakers, {MUTED} muted", "core", tuple(with_muted)),
            Measure.one(
                f"their streams open after {CLOSED_SECONDS:.0f} s",
                "",
                left,
                Goal(Of.VALUE, 0),
                size=spoke,
            ),
        ),
        (
            f"{MUTED} prospects join, speak for {SPEAK_SECONDS:.0f} s (so each had a stream: "
            f"{spoke}) and are muted; the difference, divided by {MUTED}.",
        ),
    )
