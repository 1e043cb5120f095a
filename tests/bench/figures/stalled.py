"""A rep's client that is frozen, or whose handlers hang: what becomes of nudges, here and beside.

Two calls in one worker. In one the rep's process is stopped (SIGSTOP) and later its handlers
hang, while the prospect goes on saying trigger words; the other call must not notice.
"""

import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.actors.actor import Actor
from bench.bench import Bench
from bench.measures import Figure, Goal, Measure, Of
from bench.playbooks import write_trigger_playbook
from bench.sounds import TRIGGERS, sentences
from bench.world import World, crowd, running_world

TITLE = "The rep's client is frozen (SIGSTOP) or hangs for 10 s"
STALL_SECONDS, QUICK_STALL_SECONDS = 10.0, 5.0
CALM_SECONDS, QUICK_CALM_SECONDS = 7.0, 3.0
LIVES_SECONDS = (2.0, 3.0, 4.5, 6.0)
PAUSE_MS = (500, 900)
SENTENCE_SECONDS = 1.5
REACH_SECONDS = 20.0
ABRUPT, OTHER = "stalled", "beside"
REPS = {ABRUPT: "rep-s", OTHER: "rep-b"}
BUYERS = {ABRUPT: "buyer-s", OTHER: "buyer-b"}
_SIDE = {ABRUPT: TRIGGERS[:8], OTHER: TRIGGERS[8:]}


@dataclass(frozen=True, slots=True)
class Span:
    """When something was stalled, by this machine's monotonic clock."""

    begun_at: float
    ended_at: float

    def holds(self, at: float) -> bool:
        """Whether a time lies in it."""
        return self.begun_at <= at < self.ended_at


@dataclass(frozen=True, slots=True)
class Sent:
    """A trigger word that the recogniser reported, and the first time the rep's handler ran."""

    word: str
    at: float
    shown_at: float | None
    life: float
    reply: str

    @property
    def late_seconds(self) -> float:
        """From the recogniser's report to the rep's handler."""
        return (self.shown_at or self.at) - self.at


@dataclass(slots=True)
class Course:
    """What was seen of both calls in one way of stalling."""

    sent: dict[str, list[Sent]]
    stalls: list[Span]
    given_up_ms: list[float]
    decided: int

    def of(self, call: str, *, is_stalled: bool) -> list[Sent]:
        """Return the words of a call that were reported while one rep was stalled, or not."""
        return [s for s in self.sent[call] if self.is_stalled(s.at) is is_stalled]

    def is_stalled(self, at: float) -> bool:
        """Whether one rep was stalled at a time."""
        return any(span.holds(at) for span in self.stalls)

    def after(self) -> list[Sent]:
        """Return the first word after each stall."""
        firsts = (
            next((s for s in self.sent[ABRUPT] if s.at >= span.ended_at), None)
            for span in self.stalls
        )
        return [sent for sent in firsts if sent is not None]


async def run(bench: Bench) -> Figure:
    """Freeze the rep's process, then let its handlers hang."""
    playbook = write_trigger_playbook(bench.folder / "playbook", TRIGGERS, LIVES_SECONDS)
    times = bench.pick(3, 1)
    async with running_world(bench, playbook, hear="tones", has_traces=True) as world:
        frozen = await _course(bench, world, "frozen", times)
        hanging = await _course(bench, world, "hanging", times)
    return _figure(frozen, hanging)


async def _course(bench: Bench, world: World, how: str, times: int) -> Course:
    """Run two calls side by side, and stall the rep of one of them some times."""
    assert world.listen is not None
    rooms = {call: f"{call}-{how}" for call in (ABRUPT, OTHER)}
    calm = bench.pick(CALM_SECONDS, QUICK_CALM_SECONDS)
    seconds = times * (calm + bench.pick(STALL_SECONDS, QUICK_STALL_SECONDS)) + calm
    # The product's own client where age matters; a client that only hangs where that does.
    panel = "client" if how == "frozen" else "bare"
    async with contextlib.AsyncExitStack() as stack:
        reps = {}
        for call, room in rooms.items():
            fields = world.person(room, REPS[call], panel=panel)
            reps[call] = await stack.enter_async_context(crowd(world, fields))
        buyers = await stack.enter_async_context(
            crowd(world, *(_buyer(world, call, room, seconds) for call, room in rooms.items()))
        )
        first_word = len(world.listen.of("word"))
        for call, room in rooms.items():
            await world.coach(room, REPS[call], streams=1)
        for call in rooms:
            await buyers.order("play", identity=BUYERS[call])
        stalls = [await _stall(bench, how, reps[ABRUPT], n + 1, times) for n in range(times)]
        await bench.count_down(calm, "back to normal")
        await world.close(*rooms.values())
        words = world.listen.of("word")[first_word:]
    sent = {call: _sent(words, _SIDE[call], reps[call]) for call in rooms}
    given_up_ms, decided = _read_trace(world.trace_text(rooms[ABRUPT]))
    return Course(sent, stalls, given_up_ms, decided)


def _buyer(world: World, call: str, room: str, seconds: float) -> dict[str, object]:
    words = [
        _SIDE[call][n % len(_SIDE[call])] for n in range(round(seconds / SENTENCE_SECONDS) + 1)
    ]
    sound = world.sound(sentences(words, PAUSE_MS, seed=len(room), lead=1), room)
    return world.person(room, BUYERS[call], **sound)


async def _stall(bench: Bench, how: str, rep: Actor, number: int, times: int) -> Span:
    calm = bench.pick(CALM_SECONDS, QUICK_CALM_SECONDS)
    await bench.count_down(calm, f"two calls; stall {number} of {times} comes in")
    begun_at = time.monotonic()
    await _switch(how, rep, is_stalled=True)
    await bench.count_down(bench.pick(STALL_SECONDS, QUICK_STALL_SECONDS), f"one rep is {how}")
    await _switch(how, rep, is_stalled=False)
    return Span(begun_at, time.monotonic())


async def _switch(how: str, rep: Actor, *, is_stalled: bool) -> None:
    if how == "hanging":
        await rep.order("hang", identity=REPS[ABRUPT], is_hanging=is_stalled)
    elif is_stalled:
        rep.freeze()
    else:
        rep.thaw()


def _sent(words: list[dict[str, object]], side: Sequence[str], rep: Actor) -> list[Sent]:
    reports = [report for report in words if report["word"] in side]
    nudges = rep.of("nudge")
    found = []
    for report in reports:
        at, word = float(str(report["sent"])), str(report["word"])
        later = [float(str(r["sent"])) for r in reports if r["word"] == word]
        until = min((other for other in later if other > at), default=at + REACH_SECONDS)
        mine = [n for n in nudges if n["moment"] == word and at <= n["at"] < until]
        shown = next((n for n in mine if n["reply"] == "shown"), mine[0] if mine else None)
        if shown is None:
            found.append(Sent(word, at, None, 0.0, ""))
        else:
            found.append(Sent(word, at, shown["at"], shown["life"], shown["reply"]))
    return found


def _read_trace(text: str) -> tuple[list[float], int]:
    """Return how long after its life each nudge was given up, and how many were decided upon."""
    given_up, decided = [], set[str]()
    for line in map(json.loads, text.splitlines()):
        if line["type"] != "decision" or not line.get("nudge"):
            continue
        nudge = line["nudge"]
        decided.add(nudge["id"])
        if line["outcome"] in ("failed", "expired"):
            given_up.append(line["at_ms"] - nudge["created_ms"] - nudge["expires_in_ms"])
    return given_up, len(decided)


def _figure(frozen: Course, hanging: Course) -> Figure:
    measures = [*_measures("frozen", frozen), *_measures("hanging", hanging)]
    shown = [s for s in frozen.sent[ABRUPT] if s.reply == "shown"]
    stale = [s for s in shown if s.late_seconds > s.life]
    refused = [s for s in frozen.sent[ABRUPT] if s.reply == "expired"]
    measures.insert(
        1,
        Measure.one(
            "frozen: shown after life's end", "", len(stale), Goal(Of.VALUE, 0), size=len(shown)
        ),
    )
    return Figure(
        "stalled",
        TITLE,
        (*measures, *_beside(frozen, hanging)),
        (
            f"{len(frozen.stalls)} + {len(hanging.stalls)} stalls; a trigger word each 1.5 s, "
            f"nudges live {', '.join(f'{life:g}' for life in LIVES_SECONDS)} s. "
            "Given up: after the end of its life. The next: from the recogniser's report on. "
            f"After a thaw the client refused {len(refused)} that had waited too long.",
        ),
    )


def _measures(how: str, course: Course) -> list[Measure]:
    after = [s.late_seconds for s in course.after()]
    heard = len(course.sent[ABRUPT])
    measures = [
        Measure(
            f"{how}: given up after end",
            "ms",
            tuple(course.given_up_ms),
            (Goal(Of.MAX, 1_000),),
        ),
        Measure(f"{how}: first one afterwards", "s", tuple(after), (Goal(Of.MAX, 2),)),
        Measure.one(f"{how}: heard, not decided", "", heard - course.decided, size=heard),
    ]
    if how == "hanging":
        during = [s for s in course.of(ABRUPT, is_stalled=True) if s.shown_at is not None]
        late = tuple(s.late_seconds for s in during)
        measures.insert(1, Measure("hanging: next one meanwhile", "s", late, (Goal(Of.MAX, 2),)))
    return measures


def _beside(*courses: Course) -> list[Measure]:
    """Return how the other call fared meanwhile, and as a control while nobody was stalled."""
    measures = []
    for is_stalled, what in (
        (True, "other call meanwhile"),
        (False, "  control: nobody is stalled"),
    ):
        sent = [s for course in courses for s in course.of(OTHER, is_stalled=is_stalled)]
        passed = tuple(s.late_seconds * 1_000 for s in sent if s.shown_at is not None)
        goals = (Goal(Of.P95, 15),) if is_stalled else ()
        measures.append(Measure(f"{what}", "ms", passed, goals))
        if is_stalled:
            lost = len(sent) - len(passed)
            row = Measure.one("other call: lost", "", lost, Goal(Of.VALUE, 0), size=len(sent))
            measures.append(row)
    return measures
