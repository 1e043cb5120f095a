"""In one process: a transcript event comes in, a nudge is handed to the transport."""

import asyncio
import itertools
import random
import time
from collections.abc import Iterator

from bench.bench import Bench
from bench.measures import Figure, Goal, Measure, Of
from bench.playbooks import OURS, made_up_words, with_triggers
from bench.talk import ordinary_sentences
from coach.adapters.livekit.clock import CallClock
from coach.adapters.playbook.files import load_playbook
from coach.application.call import CallSession, Outside
from coach.domain.call import Call
from coach.domain.events import (
    Ended,
    Event,
    ParticipantChanged,
    SpeakingChanged,
    Transcript,
    TurnCompleted,
)
from coach.domain.job import Consent, ConsentState, Job, Rep
from coach.domain.knowledge import Abilities, Knowledge
from coach.domain.nudge import Nudge
from coach.domain.outputs import Status
from coach.domain.playbook import Speaker
from coach.engines import knowledge_of
from fakes.room import RecordingRoom

TITLE = "Transcript event in → nudge handed to transport, in one process"
CALLS = 25
TRIGGERS = 150  # a moment may come again after 10 s at the earliest
EVENT_SECONDS = 0.1
PROSPECT_PARTIALS, REP_PARTIALS = 10, 3


async def run(bench: Bench) -> Figure:
    """Measure one call, then many at once."""
    words = made_up_words(TRIGGERS)
    playbook = with_triggers(load_playbook(OURS), words)
    knowledge = knowledge_of(playbook)
    bench.say("one call …")
    alone = await _measure(knowledge, words, 1, bench.pick(45.0, 5.0))
    bench.say(f"{CALLS} calls in one process …")
    many = await _measure(knowledge, words, CALLS, bench.pick(20.0, 4.0))
    one = Measure("one call", "ms", alone, (Goal(Of.P50, 1), Goal(Of.P99, 10)))
    all_ = Measure(f"{CALLS} calls at once", "ms", many)
    ratio = all_.number(Of.P99) / one.number(Of.P99)
    return Figure(
        "decide",
        TITLE,
        (
            one,
            all_,
            Measure.one(
                "p99 of all over p99 of one", "×", ratio, Goal(Of.VALUE, 3), size=len(many)
            ),
        ),
        (
            f"Our playbook and {TRIGGERS} words more; 10 events a second and call, "
            "a nudge for each partial of the prospect. From `post` to `Panel.nudge`.",
        ),
    )


async def _measure(
    knowledge: Knowledge, words: list[str], calls: int, seconds: float
) -> tuple[float, ...]:
    sources = [_Source(knowledge, words, number) for number in range(calls)]
    async with asyncio.TaskGroup() as tasks:
        for source in sources:
            tasks.create_task(source.session.run())
            tasks.create_task(source.speak(seconds))
    return tuple(ms for source in sources for ms in source.panel.passed_ms)


class _RecordingPanel:
    """Answers at once, and notes how long ago the words came."""

    def __init__(self) -> None:
        self.posted_ns: dict[str, int] = {}
        self.passed_ms: list[float] = []

    async def nudge(self, nudge: Nudge) -> str:
        now_ns = time.perf_counter_ns()
        self.passed_ms.append((now_ns - self.posted_ns[nudge.moment]) / 1e6)
        return "shown"

    async def hello(self, at_ms: int, consent: ConsentState) -> bool:
        return True

    async def status(self, at_ms: int, status: Status) -> None:
        return


class _Source:
    """One call and what is said in it."""

    def __init__(self, knowledge: Knowledge, words: list[str], number: int) -> None:
        job = Job(f"c-{number}", Rep("rep"), consent=Consent(ConsentState.GRANTED))
        call = Call(job=job, knowledge=knowledge, abilities=Abilities(), run="r")
        self.panel, self._clock = _RecordingPanel(), CallClock()
        self.session = CallSession(call, Outside(RecordingRoom(), self.panel), self._clock)
        self._chance = random.Random(number)
        self._triggers = itertools.cycle(self._chance.sample(words, len(words)))
        self._sentences = ordinary_sentences()

    async def speak(self, seconds: float) -> None:
        """Post a call's events at a call's pace, then end it."""
        for identity, side in (("rep", Speaker.REP), ("buyer", Speaker.PROSPECT)):
            self.session.post(ParticipantChanged(identity, side, is_present=True))
        due_at = time.monotonic() + self._chance.uniform(0, EVENT_SECONDS)
        ends_at = due_at + seconds
        for event in self._events():
            await asyncio.sleep(max(0.0, due_at - time.monotonic()))
            self._post(event)
            due_at += EVENT_SECONDS
            if due_at > ends_at:
                break
        self.session.post(Ended())

    def _post(self, event: Event) -> None:
        if isinstance(event, Transcript):
            newest = event.text.split()[-1]
            self.panel.posted_ns[newest] = time.perf_counter_ns()
        self.session.post(event)

    def _events(self) -> Iterator[Event]:
        while True:
            yield from self._segment("buyer", Speaker.PROSPECT, PROSPECT_PARTIALS)
            yield from self._segment("rep", Speaker.REP, REP_PARTIALS)

    def _segment(self, identity: str, side: Speaker, partials: int) -> Iterator[Event]:
        yield SpeakingChanged(identity, is_active=True)
        said: list[str] = []
        ordinary = iter(self._chance.choice(self._sentences).lower().split())
        start_ms = self._clock.now_ms()
        for _ in range(partials):
            said += [word for word in (next(ordinary, None),) if word]
            said += [next(self._triggers)] if side is Speaker.PROSPECT else []
            yield Transcript(identity, side, " ".join(said), is_final=False, start_ms=start_ms)
        yield Transcript(identity, side, " ".join(said), is_final=True, start_ms=start_ms)
        yield SpeakingChanged(identity, is_active=False)
        yield TurnCompleted(identity, side)
