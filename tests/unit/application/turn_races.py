"""Random races of turns, answers, tools, mutes and revocations in a live call on virtual time.

Each race is one short call. Everything outside the call is scripted by chance, with times on a
grid of 50 ms, so that much happens at the same moment. What is asked and what is shown are told
apart by code words. What must not come of it stands in `race_rules`.
"""

import asyncio
import itertools
import random
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace

from coach.application.call import CallSession, Outside
from coach.application.ports import AdvisorFailed, PanelUnanswered, ToolFailed
from coach.domain.advice import AdviceRequest, Cost, Counsel, ToolCall
from coach.domain.events import (
    Control,
    ControlAction,
    Ended,
    ParticipantChanged,
    Transcript,
    TurnCompleted,
)
from coach.domain.job import ConsentState
from coach.domain.nudge import Nudge
from coach.domain.outputs import Status
from coach.domain.playbook import AdvisorRules, CardRules, Speaker
from fakes.advisor import COST
from fakes.clock import LoopClock
from fakes.playbooks import moment, playbook
from fakes.room import RecordingRoom
from fakes.scene import BUYER, REP, job, new_call
from fakes.trace import RecordingTrace
from fakes.virtual_time import VirtualTimeLoop
from unit.application.race_rules import Handed, Question, Race, Said

GRID_SECONDS = 0.05
MOMENTS = tuple(f"moment{letter}" for letter in "abcde")
TRIGGER = "alpha bravo"
BOOK = replace(
    playbook(
        *(moment(name, f"never said {name}", cooldown_ms=0) for name in MOMENTS[1:]),
        moment(MOMENTS[0], TRIGGER, cooldown_ms=0),
    ),
    advisor=AdvisorRules(least_confidence=0.5),
    card_rules=CardRules(is_on=False),
)
_LETTERS = "bcdfghjklmnpqrstvwxz"
_TALK = "well we think that most of our people would rather keep the board in the hall"


def run_race(seed: int) -> Race:
    """Run one race to the end of its call."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(_race(seed))


async def _race(seed: int) -> Race:
    race, chance, clock = Race(seed), random.Random(seed), LoopClock()
    outside = Outside(
        RecordingRoom(),
        _Panel(race, random.Random(f"panel {seed}"), clock),
        _Trace(race, clock),
        _Model(race, random.Random(f"model {seed}"), clock),
        _Tools(random.Random(f"tools {seed}")),
    )
    a_job = job(ConsentState.GRANTED, call_id=f"c-{seed}")
    call = new_call(BOOK, a_job, turns_given=True, has_advisor=True, has_tools=True)
    session = CallSession(call, outside, clock)
    running = asyncio.create_task(session.run())
    await _People(race, chance, clock, session).talk()
    session.post(Ended())
    await running
    race.tasks_left = len(asyncio.all_tasks()) - 1
    return race


class _People:
    """Rep and prospect, and the rep's orders."""

    def __init__(
        self, race: Race, chance: random.Random, clock: LoopClock, session: CallSession
    ) -> None:
        self._race, self._chance, self._clock, self._session = race, chance, clock, session
        self._codes = _codes("q")

    async def talk(self) -> None:
        """Talk at once, for some turns, and wait until the last answer is late."""
        for identity, side in ((REP, Speaker.REP), (BUYER, Speaker.PROSPECT)):
            self._session.post(ParticipantChanged(identity, side, True, True))
        for _ in range(self._chance.randint(5, 12)):
            await self._pause(*self._chance.choice(((0, 0.6), (0.3, 2.5), (1.5, 6.5))))
            await self._happens(self._chance.random())
        await asyncio.sleep(7)

    async def _happens(self, kind: float) -> None:
        if kind < 0.07:
            self._mute()
        elif kind < 0.12:
            await self._revoke()
        elif kind < 0.15:
            self._session.post(ParticipantChanged(REP, Speaker.REP, False))
            await self._pause(0.1, 1.0)
            self._session.post(ParticipantChanged(REP, Speaker.REP, True))
        elif kind < 0.3:
            await self._turn(REP, Speaker.REP)
        else:
            await self._turn(BUYER, Speaker.PROSPECT)

    async def _turn(self, identity: str, side: Speaker) -> None:
        count = self._chance.choice((1, 3, 4, 5, 9, 17, 18, 20))
        words = [next(self._codes), *self._chance.choices(_TALK.split(), k=count - 1)]
        if count > 4 and self._chance.random() < 0.2:
            words[-2:] = TRIGGER.split()
        text, end_ms = " ".join(words), self._clock.now_ms()
        start_ms = max(0, end_ms - 300 * count)
        self._session.post(Transcript(identity, side, text, True, start_ms, end_ms))
        await self._pause(0, 0.3)
        self._session.post(TurnCompleted(identity, side))
        self._race.turns.append(Said(self._clock.now_ms(), side, count))

    def _mute(self) -> None:
        at_ms, seconds = self._clock.now_ms(), self._chance.choice((1.0, 2.0, 5.0))
        self._session.post(Control(ControlAction.MUTE, seconds))
        mutes = [(begin, min(end, at_ms)) for begin, end in self._race.mutes]  # the newest counts
        self._race.mutes = [*mutes, (at_ms, at_ms + round(1_000 * seconds))]

    async def _revoke(self) -> None:
        self._session.post(Control(ControlAction.CONSENT_REVOKED))
        await self._pause(0.05, 1.5)
        self._session.post(Control(ControlAction.CONSENT_GRANTED))

    async def _pause(self, least: float, most: float) -> None:
        await asyncio.sleep(_on_grid(self._chance.uniform(least, most)))


class _Model:
    """Implements `Advisor`: answers, fails, is late, and now and then will not be stopped."""

    def __init__(self, race: Race, chance: random.Random, clock: LoopClock) -> None:
        self._race, self._chance, self._clock = race, chance, clock
        self._codes = _codes("z")

    async def ask(
        self, request: AdviceRequest, image: bytes | None, seconds: float
    ) -> AsyncGenerator[tuple[Counsel, Cost], None]:
        code = next(self._codes)
        question = Question(code, request.turn_at_ms, request.round, request.deadline_ms)
        self._race.questions.append(question)
        kind = self._chance.random()
        patience = seconds if self._chance.random() < 0.4 else 60.0
        await self._think(question, patience)
        if kind < 0.12:
            raise AdvisorFailed("broken")
        if kind < 0.25:
            yield Counsel(None), COST
        elif kind < 0.45 and request.may_use_tools:
            yield Counsel(None, tools=self._wishes()), COST
        else:
            headline = self._headline(code)
            self._tell(question)
            yield headline, COST
            await self._think(question, patience)
            if kind > 0.92:
                raise AdvisorFailed("broken")
            yield _whole(headline, code, request, is_founded=kind < 0.85), COST

    def connect_ahead(self) -> None:
        return

    async def summarise(self, text: str, seconds: float) -> str:
        return ""

    def meters(self) -> dict[str, int]:
        return {}

    async def _think(self, question: Question, patience: float) -> None:
        longest = self._chance.choice((0.3, 0.9, 2.2, 3.5))
        seconds = _on_grid(self._chance.uniform(0, longest))
        is_stubborn = self._chance.random() < 0.25
        try:
            await asyncio.sleep(min(seconds, patience))
        except asyncio.CancelledError:
            question.called_back_ms = self._clock.now_ms()
            if not is_stubborn:
                raise
        if seconds > patience:
            raise AdvisorFailed("timeout")

    def _tell(self, question: Question) -> None:
        question.told_ms = self._clock.now_ms()
        self._race.answers_after_call_back += question.called_back_ms is not None

    def _headline(self, code: str) -> Counsel:
        return Counsel(self._chance.choice(MOMENTS), 0.9, f"consider {code} now", is_final=False)

    def _wishes(self) -> tuple[ToolCall, ...]:
        name = self._chance.choice(("route", "field", "crew"))
        return (ToolCall("get_battlecard", (("competitor", name),)),)


def _whole(headline: Counsel, code: str, request: AdviceRequest, *, is_founded: bool) -> Counsel:
    newest = request.fresh.rpartition("«")[2].rstrip("»").split()
    words = " ".join(newest[:2]) if is_founded else "nobody said that"
    return replace(headline, words=words, detail=f"more about {code}", is_final=True)


class _Tools:
    """Implements `ToolBox`: quick, slow or failing."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    async def run(self, call: ToolCall, *, is_approved: bool) -> str:
        await asyncio.sleep(_on_grid(self._chance.choice((0.05, 0.3, 0.5, 1.5, 4.0))))
        if self._chance.random() < 0.2:
            raise ToolFailed("broken")
        return "what is known"


class _Panel:
    """Implements `Panel`: mostly shows at once; else refuses, or does not answer."""

    def __init__(self, race: Race, chance: random.Random, clock: LoopClock) -> None:
        self._race, self._chance, self._clock = race, chance, clock

    async def nudge(self, nudge: Nudge) -> str:
        handed = Handed(nudge, self._clock.now_ms(), next(self._race.places))
        self._race.handed.append(handed)
        kind = self._chance.random()
        if kind < 0.06:
            await asyncio.sleep(2)
            raise PanelUnanswered(1502)
        await asyncio.sleep(self._chance.choice((0.0, 0.01, 0.05, 0.1)))
        if kind < 0.1:
            raise PanelUnanswered(1501)
        handed.reply = "shown" if kind < 0.93 else self._chance.choice(("muted", "expired"))
        return handed.reply

    async def hello(self, at_ms: int, consent: ConsentState) -> bool:
        return True

    async def status(self, at_ms: int, status: Status) -> None:
        return


class _Trace(RecordingTrace):
    """Notes when what was heard is forgotten."""

    def __init__(self, race: Race, clock: LoopClock) -> None:
        super().__init__()
        self._race, self._clock = race, clock

    def erase(self) -> None:
        super().erase()
        self._race.revoked.append((self._clock.now_ms(), next(self._race.places)))


def _codes(first: str) -> Iterator[str]:
    return (first + "".join(rest) for rest in itertools.product(_LETTERS, repeat=3))


def _on_grid(seconds: float) -> float:
    return round(seconds / GRID_SECONDS) * GRID_SECONDS
