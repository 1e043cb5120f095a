"""What one call more costs the worker, with the recogniser outside."""

import contextlib
from dataclasses import dataclass, field
from statistics import fmean

from bench.actors.actor import Actor
from bench.actors.lines import Fields
from bench.bench import Bench
from bench.measures import Figure, Goal, Measure, Of
from bench.playbooks import OURS
from bench.processes import memory_mb, read
from bench.sounds import RATE_HZ, Sound
from bench.world import World, crowd, join, running_world
from demo_call import load_demo_call
from demo_call.audio import CallAudio, read_stereo

TITLE = "Marginal cost of a two-speaker call, recogniser outside"
FLOOR_CORES = 0.045
KEYWORDS_CORES = 0.073
IDLE_SECONDS, QUICK_IDLE_SECONDS = 6.0, 3.0
STAGGER_SECONDS = 2.0
SETTLE_SECONDS, QUICK_SETTLE_SECONDS = 8.0, 4.0
SLICE_SECONDS = 5.0


@dataclass(slots=True)
class Level:
    """Some calls at once."""

    calls: int
    cores: list[float] = field(default_factory=list)
    """Of the whole tree, one for each slice of time."""
    memory_mb: float = 0.0


async def run(bench: Bench) -> Figure:
    """Add calls step by step; at each step measure the worker's whole tree."""
    steps = bench.pick((1, 4, 8), (1, 2))
    slices = bench.pick(7, 1)
    async with running_world(bench, OURS, hear="voice") as world:
        await bench.count_down(bench.pick(IDLE_SECONDS, QUICK_IDLE_SECONDS), "it idles")
        idle = await _measure(bench, world, Level(0), bench.pick(4, 1))
        levels: list[Level] = []
        async with contextlib.AsyncExitStack() as stack:
            people = await stack.enter_async_context(crowd(world))
            sounds = two_sides(world)
            for calls in steps:
                for number in range(levels[-1].calls if levels else 0, calls):
                    await add_call(world, people, number, sounds)
                    await bench.count_down(STAGGER_SECONDS, f"{number + 1} calls join")
                settle = bench.pick(SETTLE_SECONDS, QUICK_SETTLE_SECONDS)
                await bench.count_down(settle, f"{calls} calls settle")
                levels.append(await _measure(bench, world, Level(calls), slices))
            await world.close(*(room_of(number) for number in range(steps[-1])))
    return _figure(idle, levels)


def room_of(number: int) -> str:
    """Return the name of a room."""
    return f"cost-{number}"


def two_sides(world: World) -> dict[str, Fields]:
    """Return the two sides of the recorded call as sounds to be spoken for ever."""
    audio = read_stereo(load_demo_call().audio_path)
    return {name: _looped(world, audio, name) for name in ("left", "right")}


def _looped(world: World, audio: CallAudio, name: str) -> Fields:
    sound = Sound()
    sound.clip(getattr(audio, name))
    return world.sound(sound, name, is_exact=False) | {"is_looped": True}


async def add_call(world: World, people: Actor, number: int, sounds: dict[str, Fields]) -> None:
    """Let two people who talk join a room of their own, and the coach with them.

    Each room begins at another place of the recording.
    """
    room, offset = room_of(number), 11 * RATE_HZ * number
    rep, buyer = f"rep-{number}", f"buyer-{number}"
    left, right = (sounds[name] | {"offset": offset} for name in ("left", "right"))
    await join(people, world.person(room, rep, panel="bare", **left))
    await join(people, world.person(room, buyer, **right))
    for identity in (rep, buyer):
        await people.order("play", identity=identity)
    await world.coach(room, rep, streams=2)


async def _measure(bench: Bench, world: World, level: Level, slices: int) -> Level:
    before = read(world.processes)
    for number in range(slices):
        await bench.count_down(SLICE_SECONDS, f"{level.calls} calls, part {number + 1}/{slices}")
        now = read(world.processes)
        level.cores.append(now.cores_since(before))
        before = now
    level.memory_mb = memory_mb(world.processes)
    return level


def _figure(idle: Level, levels: list[Level]) -> Figure:
    first, last = levels[0], levels[-1]
    more = last.calls - first.calls
    cores = (fmean(last.cores) - fmean(first.cores)) / more
    memory = (last.memory_mb - first.memory_mb) / more
    span = f"{first.calls} → {last.calls} calls"
    count = len(last.cores) + len(first.cores)
    return Figure(
        "cost",
        TITLE,
        (
            Measure.one(f"one call more, {span}", "core", cores, Goal(Of.VALUE, 0.07), size=count),
            *(_per_call(level, idle) for level in levels),
            Measure.one("  control: only media threads", "core", FLOOR_CORES),
            Measure.one("  control: keywords on finals", "core", KEYWORDS_CORES),
            Measure.one(f"one call more, {span}", "MB", memory, Goal(Of.VALUE, 35)),
            *(_memory(level) for level in levels),
            Measure.one("idle, one warm process", "MB", idle.memory_mb, Goal(Of.VALUE, 250)),
            Measure("idle", "core", tuple(idle.cores)),
        ),
        (
            f"The worker's whole tree, in parts of {SLICE_SECONDS:.0f} s; memory as PSS. "
            "Both sides of the recorded call, each room elsewhere in it; "
            "a partial for each 0.3 s of speech. The controls were measured elsewhere.",
        ),
    )


def _per_call(level: Level, idle: Level) -> Measure:
    rest = fmean(idle.cores)
    shares = tuple((cores - rest) / level.calls for cores in level.cores)
    return Measure(f"  a call, of {level.calls}, above idle", "core", shares)


def _memory(level: Level) -> Measure:
    return Measure.one(f"  all, {level.calls} calls", "MB", level.memory_mb)
