"""From the last sample of real trigger words to the rep's handler, with the embedded recogniser."""

import random
from collections import defaultdict
from dataclasses import dataclass
from statistics import median

from bench.actors.actor import Actor
from bench.bench import Bench
from bench.measures import Figure, Goal, Measure, Of
from bench.playbooks import write_ours_without_limits
from bench.sounds import RATE_HZ, Mark, Sound
from bench.world import World, crowd, running_world
from demo_call import Expect, Line, Role, load_demo_call
from demo_call.audio import CallAudio, read_stereo

TITLE = "The same with the embedded recogniser and recorded speech"
ROOM = "embedded"
ROUNDS = 4
LEAD_MS, PAUSE_MS = 250, (900, 1_300)
EARLY_SECONDS, REACH_SECONDS = 1.0, 2.5
TAIL_SECONDS = 3.0
JOIN_SECONDS = 4.0
_PER_MS = RATE_HZ // 1_000


@dataclass(frozen=True, slots=True)
class Spoken:
    """The coachable lines one after the other: a sound for each side, silent while the other's."""

    rep: Sound
    buyer: Sound
    lines: tuple[Line, ...]


async def run(bench: Bench) -> Figure:
    """Play the coachable lines several times and follow each to the rep's screen."""
    playbook = write_ours_without_limits(bench.folder / "playbook")
    call = load_demo_call()
    lines = call.expecting(Expect.NUDGE) + call.expecting(Expect.SUPPRESSED)
    order = sorted(lines, key=lambda line: line.start_ms)
    order = bench.pick(order * ROUNDS, order[:4])
    spoken = _spoken(order, read_stereo(call.audio_path))
    async with running_world(bench, playbook, hear=None) as world:
        rep = world.person(ROOM, "rep-1", panel="bare", **world.sound(spoken.rep, "rep"))
        buyer = world.person(ROOM, "buyer-1", **world.sound(spoken.buyer, "buyer"))
        async with crowd(world, rep) as rep_actor, crowd(world, buyer) as buyer_actor:
            await _play(bench, world, rep_actor, buyer_actor, spoken.rep.seconds)
            return _figure(spoken, rep_actor, buyer_actor)


async def _play(bench: Bench, world: World, rep: Actor, buyer: Actor, seconds: float) -> None:
    await world.dispatch(ROOM, "rep-1")
    await rep.until("told")
    await bench.count_down(JOIN_SECONDS, "both microphones are being subscribed")
    await rep.order("play", identity="rep-1")
    await buyer.order("play", identity="buyer-1")
    await bench.count_down(seconds + TAIL_SECONDS, "speaking")
    await world.close(ROOM)


def _spoken(order: list[Line], audio: CallAudio) -> Spoken:
    chance = random.Random(4)
    sounds = {Role.REP: Sound(), Role.PROSPECT: Sound()}
    channels = {Role.REP: audio.left, Role.PROSPECT: audio.right}
    for line in order:
        pause_ms = chance.randint(*PAUSE_MS)
        for role, sound in sounds.items():
            begun = sound.length
            clip = channels[role][(line.start_ms - LEAD_MS) * _PER_MS : line.end_ms * _PER_MS]
            sound.clip(clip if role is line.speaker else clip * 0)
            sound.silence(pause_ms)
            if role is line.speaker and line.mark is not None:
                end_ms = line.mark.end_ms - line.start_ms + LEAD_MS
                sound.marks.append(Mark(line.mark.moment, begun + end_ms * _PER_MS))
    return Spoken(sounds[Role.REP], sounds[Role.PROSPECT], tuple(order))


def _figure(spoken: Spoken, rep: Actor, buyer: Actor) -> Figure:
    by_moment: dict[str, list[float]] = defaultdict(list)
    missing: list[str] = []
    for sound, actor in ((spoken.rep, rep), (spoken.buyer, buyer)):
        for mark, published in zip(sound.marks, actor.of("mark"), strict=True):
            shown_at = _shown_at(rep, mark.word, published["at"])
            if shown_at is None:
                missing.append(mark.word)
            else:
                by_moment[mark.word].append((shown_at - published["at"]) * 1_000)
    whole = [ms for times in by_moment.values() for ms in times]
    medians = sorted((median(times), moment) for moment, times in by_moment.items())
    slowest = ", ".join(f"{moment} {ms:,.0f} ms" for ms, moment in reversed(medians[-2:]))
    lost = f"Not recognised: {', '.join(sorted(missing))}. " if missing else ""
    return Figure(
        "embedded",
        TITLE,
        (
            Measure("word → rep's handler", "ms", tuple(whole), (Goal(Of.P95, 500),)),
            Measure.one("not recognised", "", len(missing), size=len(spoken.lines)),
        ),
        (
            f"{lost}The coachable lines of the demo's call, our playbook without its nag budget. "
            "Times of words are aligned by machine: a phrase may be complete before its last word. "
            f"Slowest at the median: {slowest}.",
        ),
    )


def _shown_at(rep: Actor, moment: str, spoken_at: float) -> float | None:
    near = (
        float(fields["at"])
        for fields in rep.of("nudge")
        if fields["moment"] == moment
        and spoken_at - EARLY_SECONDS <= fields["at"] <= spoken_at + REACH_SECONDS
    )
    return next(near, None)
