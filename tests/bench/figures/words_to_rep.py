"""From the last sample of the trigger word to the rep's handler, with a scripted recogniser."""

import random

from bench.actors.actor import Actor
from bench.bench import Bench
from bench.measures import Figure, Goal, Measure, Of
from bench.playbooks import write_trigger_playbook
from bench.sounds import TRIGGERS, Sound, sentences
from bench.world import World, crowd, running_world

TITLE = "Trigger word spoken → rep's handler, recogniser answering in 140–180 ms"
PAUSE_MS = (750, 1_050)
REACH_SECONDS = 1.5
TAIL_SECONDS = 2.0
ROOM = "words"


async def run(bench: Bench) -> Figure:
    """Speak trigger words into a real room and follow each to the rep's screen."""
    playbook = write_trigger_playbook(bench.folder / "playbook", TRIGGERS)
    spoken = sentences(_triggers(bench.pick(96, 10)), PAUSE_MS)
    async with running_world(bench, playbook, hear="tones") as world:
        assert world.listen is not None
        async with (
            crowd(world, world.person(ROOM, "rep-1", panel="bare", **_carriers(world))) as rep,
            crowd(world, world.person(ROOM, "buyer-1", **world.sound(spoken, "buyer"))) as buyer,
        ):
            await world.coach(ROOM, "rep-1", streams=2)
            await rep.order("play", identity="rep-1")
            await buyer.order("play", identity="buyer-1")
            await bench.count_down(spoken.seconds + TAIL_SECONDS, "speaking")
            await world.close(ROOM)
            return _figure(spoken, buyer, world.listen, rep)


def _triggers(count: int) -> list[str]:
    """Return triggers in an order in which none comes again within 10 s."""
    chance, found = random.Random(2), list[str]()
    while len(found) < count:
        rest = [word for word in TRIGGERS if word not in found[-10:]]
        found.append(chance.choice(rest))
    return found


def _carriers(world: World) -> dict[str, object]:
    """The rep speaks, too: a second stream that works."""
    return world.sound(sentences([], PAUSE_MS, seed=9), "rep") | {"is_looped": True}


def _figure(spoken: Sound, buyer: Actor, listen: Actor, rep: Actor) -> Figure:
    whole, ears, answers, own = [], [], [], []
    for mark, published in zip(spoken.marks, buyer.of("mark"), strict=True):
        heard = _first(listen, "word", "word", mark.word, "arrived", published["at"])
        shown = _first(rep, "nudge", "moment", mark.word, "at", published["at"])
        if heard is None or shown is None:
            continue
        whole.append((shown["at"] - published["at"]) * 1_000)
        ears.append((heard["arrived"] - published["at"]) * 1_000)
        answers.append((heard["sent"] - heard["arrived"]) * 1_000)
        own.append((shown["at"] - heard["sent"]) * 1_000)
    lost = len(spoken.marks) - len(whole)
    return Figure(
        "words_to_rep",
        TITLE,
        (
            Measure("word → rep's handler", "ms", tuple(whole), (Goal(Of.P95, 310),)),
            Measure("  word → recogniser's socket", "ms", tuple(ears)),
            Measure("  recogniser", "ms", tuple(answers)),
            Measure("  own share: partial → rep", "ms", tuple(own), (Goal(Of.P95, 15),)),
            Measure.one("lost", "", lost, size=len(spoken.marks)),
        ),
        (
            "Words are tones, heard by the recogniser in the audio that reached it through Opus, "
            "server and jitter buffer; one call, two speakers. A bare keyword match has p95 290.",
        ),
    )


def _first(
    actor: Actor, event: str, key: str, word: str, clock: str, since: float
) -> dict[str, float] | None:
    """Return the first report about a word within reach of its end."""
    found = (
        fields
        for fields in actor.of(event)
        if fields[key] == word and since <= fields[clock] <= since + REACH_SECONDS
    )
    return next(found, None)
