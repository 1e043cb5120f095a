"""What watching a shared screen costs, and how many pictures a call with a deck sends."""

import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from statistics import fmean

import psutil

from bench.actors.actor import Actor, acting
from bench.bench import Bench
from bench.measures import Figure, Goal, Measure, Of
from bench.processes import Reading, read
from coach.domain.attaching import Attaching
from integration.livekit_server import LiveKit, running_livekit

TITLE = "Watching a 1080p screen share of slides"
ROOM = "screen"
SLIDE_SECONDS = 10.0
"""A slide each ten seconds: seven times as many as in the deck below."""
SETTLE_SECONDS, QUICK_SETTLE_SECONDS = 5.0, 2.0
WINDOW_SECONDS = 10.0
FRAME_RATE, LIVELY_RATE = 5.0, 15.0
"""Frames a second, sent also while nothing changes: a browser sends fewer."""
CALLS = 200
CALL_SECONDS, SLIDES = 1_800, 25
ASKS, POINTS = 0.04, 0.20
"""Share of turns that ask about what is on the screen, and that only point at it."""


@dataclass(slots=True)
class Windows:
    """Processor time in windows with and without watching, in turns."""

    off: list[float] = field(default_factory=list)
    on: list[float] = field(default_factory=list)
    sampled: int = 0
    seen: int = 0

    @property
    def cost(self) -> float:
        """What watching adds, in cores."""
        return fmean(self.on) - fmean(self.off)


async def run(bench: Bench) -> Figure:
    """Watch and look away in turns; then deal calls with a deck."""
    windows, fewer = bench.pick(7, 1), bench.pick(3, 1)
    with running_livekit(bench.folder) as livekit:
        async with _sharing(bench, livekit, FRAME_RATE):
            plain = await _watched(bench, livekit, windows, reads=False)
            reading = await _watched(bench, livekit, fewer, reads=True)
        async with _sharing(bench, livekit, LIVELY_RATE):
            lively = await _watched(bench, livekit, fewer, reads=False)
    pictures = [_pictures(random.Random(seed)) for seed in range(bench.pick(CALLS, 20))]
    return _figure(plain, reading, lively, pictures)


@contextlib.asynccontextmanager
async def _sharing(bench: Bench, livekit: LiveKit, frame_rate: float) -> AsyncIterator[None]:
    """Let a rep share the deck until the block ends."""
    async with acting("share", bench.folder) as rep:
        await rep.until("ready")
        await rep.order(
            "share",
            url=livekit.url,
            token=livekit.token("rep-1", ROOM),
            slide_seconds=SLIDE_SECONDS,
            frame_rate=frame_rate,
        )
        await rep.until("shared")
        yield


async def _watched(bench: Bench, livekit: LiveKit, windows: int, *, reads: bool) -> Windows | None:
    """Return the windows; None where words are to be read and no program is there for it."""
    async with acting("watch", bench.folder) as coach:
        await coach.until("ready")
        token = livekit.token("agent-1", ROOM, kind="agent", can_publish=False)
        await coach.order("join", url=livekit.url, token=token, reads=reads)
        if reads and not (await coach.until("joined"))["reads"]:
            return None
        await coach.until("joined")
        found = Windows()
        for number in range(windows):
            for is_on in (False, True):
                what = f"{'watching' if is_on else 'not watching'}, {number + 1} of {windows}"
                await coach.order("watch", is_on=is_on)
                settle = bench.pick(SETTLE_SECONDS, QUICK_SETTLE_SECONDS)
                await bench.count_down(settle, f"{what}, settles")
                cores = await _cores(bench, coach, f"{what}{', reading' if reads else ''}")
                (found.on if is_on else found.off).append(cores)
        await coach.order("count")
        counts = await coach.until("count")
        found.seen, found.sampled = counts["seen"], counts["sampled"]
        return found


async def _cores(bench: Bench, coach: Actor, what: str) -> float:
    before = _read(coach)
    await bench.count_down(WINDOW_SECONDS, what)
    return _read(coach).cores_since(before)


def _read(coach: Actor) -> Reading:
    """Read the coach's processor time; a child that ended counts as its parent's."""
    process = psutil.Process(coach.pid)
    reading = read(lambda: [process])
    with contextlib.suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        reading.seconds[process.pid] += times.children_user + times.children_system
    return reading


def _pictures(dice: random.Random) -> int:
    """Return how many pictures a call sends: a turn every 6 to 12 s, slides at random times."""
    attaching = Attaching(cap=10_000)
    changes = sorted(dice.sample(range(CALL_SECONDS), SLIDES))
    at, shown = 0, 0
    while at < CALL_SECONDS:
        while shown < SLIDES and changes[shown] <= at:
            attaching.shows(f"f-{shown}.jpg", shown)
            shown += 1
        kind = dice.random()
        text = "what is that number" if kind < ASKS else ""
        if ASKS <= kind < ASKS + POINTS:
            text = "as you can see on this slide"
        attaching.frame_for(text, at * 1_000)
        at += dice.randint(6, 12)
    return attaching.sent_count


def _figure(
    plain: Windows | None, reading: Windows | None, lively: Windows | None, pictures: list[int]
) -> Figure:
    assert plain is not None and lively is not None, "only reading needs a program"
    measures = [
        Measure.one(
            "watching, above not", "core", plain.cost, Goal(Of.VALUE, 0.10), size=len(plain.on)
        ),
        Measure("  watching", "core", tuple(plain.on)),
        Measure("  not watching", "core", tuple(plain.off)),
        Measure.one(
            f"  the same, {LIVELY_RATE:.0f} frames/s", "core", lively.cost, size=len(lively.on)
        ),
    ]
    if reading is not None:
        size = len(reading.on)
        measures.append(Measure.one("  the same, and reading", "core", reading.cost, size=size))
    sent = tuple(float(count) for count in pictures)
    measures.append(
        Measure("pictures a call without a cap", "", sent, (Goal(Of.P99, 60), Goal(Of.MAX, 60)))
    )
    return Figure(
        "screen",
        TITLE,
        tuple(measures),
        (
            f"Room, decoder and eye in a process of their own, windows of {WINDOW_SECONDS:.0f} s "
            f"with and without watching in turns; {FRAME_RATE:.0f} frames/s, another slide "
            f"every {SLIDE_SECONDS:.0f} s. {plain.seen} frames arrived, {plain.sampled} were kept.",
            f"Simulated calls of {CALL_SECONDS // 60} minutes with {SLIDES} slides; "
            f"{ASKS:.0%} of the turns ask about the screen, {POINTS:.0%} point at it. "
            "By default a call sends 40 pictures at most.",
        ),
    )
