"""A call under test: who says what when, and everything that the call put out."""

from collections.abc import Callable
from typing import Any, Self, TypeVar

from coach.application.steps import due_steps
from coach.domain.advice import AdviceRequest, Counsel
from coach.domain.call import Call
from coach.domain.events import (
    Ack,
    AdvisorAnswered,
    Control,
    ControlAction,
    Event,
    ParticipantChanged,
    SpeakingChanged,
    Transcript,
    TurnCompleted,
)
from coach.domain.job import Consent, ConsentPolicy, ConsentState, Job, Rep
from coach.domain.knowledge import Abilities, Knowledge
from coach.domain.outputs import Advise, Listen, Output, SendNudge, SendStatus, Status
from coach.domain.playbook import Playbook
from coach.domain.records import Decision, Outcome
from coach.domain.screen import read_on_screen
from fakes.advisor import COST
from fakes.matcher import PlainCards, PlainMatcher, PlainPassages

REP, BUYER, COLLEAGUE = "rep-1", "buyer-1", "manager-1"

T = TypeVar("T")


def job(
    state: ConsentState = ConsentState.GRANTED,
    policy: ConsentPolicy = ConsentPolicy.CALL,
    **more: Any,
) -> Job:
    """Return a job whose rep, colleague and buyer are the constants above."""
    fields: dict[str, Any] = {
        "call_id": "c-1",
        "rep": Rep(REP),
        "team": frozenset({COLLEAGUE}),
    } | more
    return Job(consent=Consent(state, policy), **fields)


def knowledge(book: Playbook) -> Knowledge:
    """Return a playbook with plain engines."""
    screen = PlainMatcher(read_on_screen(book))
    return Knowledge(book, PlainMatcher(book), PlainCards(book), PlainPassages(book), screen)


def new_call(
    book: Playbook, a_job: Job | None = None, *, turns_given: bool = False, **more: bool
) -> Call:
    """Return a call with plain engines. `more`: its abilities."""
    return Call(
        job=a_job or job(),
        knowledge=knowledge(book),
        abilities=Abilities(are_turns_given=turns_given, **more),
        run="r-1",
    )


class Scene:
    """Drives a call. Every nudge gets `reply` at once; None leaves it in flight."""

    def __init__(
        self,
        book: Playbook,
        a_job: Job | None = None,
        *,
        turns_given: bool = False,
        reply: str | None = "shown",
        **abilities: bool,
    ) -> None:
        self.call = new_call(book, a_job, turns_given=turns_given, **abilities)
        self.reply = reply
        self.outputs: list[tuple[int, Output]] = []
        self._note(0, self.call.start() + self.call.ready(0))

    def begin(self) -> Self:
        """Let rep and buyer be in the room at 0."""
        self.comes(0, REP, was_present=True)
        self.comes(0, BUYER, was_present=True)
        return self

    def at(self, at_ms: int, event: Event) -> list[Output]:
        """Let something happen. Return what it, and time before it, brought."""
        first = len(self.outputs)
        self.wait(at_ms)
        self._note(at_ms, self.call.handle(at_ms, event))
        return [output for _, output in self.outputs[first:]]

    def wait(self, at_ms: int) -> list[Output]:
        """Let time pass. Return what it brought."""
        first = len(self.outputs)
        for due_ms, outputs in due_steps(self.call, at_ms):
            self._note(due_ms, outputs)
        return [output for _, output in self.outputs[first:]]

    def says(
        self,
        at_ms: int,
        text: str,
        who: str = BUYER,
        *,
        final: bool = True,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> list[Output]:
        """Let somebody's words be recognised, 1 s after they began unless told otherwise."""
        start_ms = max(0, at_ms - 1_000) if start_ms is None else start_ms
        speaker = self.call.job.speaker(who)
        return self.at(at_ms, Transcript(who, speaker, text, final, start_ms, end_ms))

    def ends_turn(self, at_ms: int, text: str, who: str = BUYER) -> list[Output]:
        """Let somebody say something and come to the end of a turn, 600 ms after the words."""
        self.says(at_ms - 600, text, who)
        return self.at(at_ms, TurnCompleted(who, self.call.job.speaker(who)))

    def advises(
        self, at_ms: int, counsel: Counsel | None, error: str | None = None
    ) -> list[Output]:
        """Let the model answer the newest question."""
        request = self.asked[-1]
        event = AdvisorAnswered(request.turn_at_ms, request.round, counsel, error, COST)
        return self.at(at_ms, event)

    def speaks(self, from_ms: int, to_ms: int | None, who: str = REP) -> None:
        """Let the server report somebody's voice."""
        self.at(from_ms, SpeakingChanged(who, True))
        if to_ms is not None:
            self.at(to_ms, SpeakingChanged(who, False))

    def comes(self, at_ms: int, who: str, *, was_present: bool = False) -> list[Output]:
        """Let somebody join."""
        speaker = self.call.job.speaker(who)
        return self.at(at_ms, ParticipantChanged(who, speaker, True, was_present))

    def leaves(self, at_ms: int, who: str) -> list[Output]:
        """Let somebody leave."""
        return self.at(at_ms, ParticipantChanged(who, self.call.job.speaker(who), False))

    def orders(
        self, at_ms: int, action: ControlAction, seconds: float | None = None
    ) -> list[Output]:
        """Let the rep press a button."""
        return self.at(at_ms, Control(action, seconds))

    def answers(
        self, at_ms: int, reply: str | None = "shown", error: int | None = None
    ) -> list[Output]:
        """Let the panel answer the newest nudge that was sent."""
        nudge = self.sent[-1].nudge
        return self.at(at_ms, Ack(nudge.id, nudge.rev, reply, error))

    def all(self, kind: type[T], where: Callable[[T], bool] = lambda _: True) -> list[T]:
        """Return the outputs of a kind, in order."""
        return [output for _, output in self.outputs if isinstance(output, kind) and where(output)]

    @property
    def decisions(self) -> list[tuple[str | None, str]]:
        """Each decision: its moment, and its reason or else its outcome."""
        return [(d.moment, str(d.reason or d.outcome)) for d in self.all(Decision)]

    @property
    def delivered(self) -> list[str | None]:
        """The moments that were handed to the panel, in order."""
        return [d.moment for d in self.all(Decision, lambda d: d.outcome is Outcome.DELIVERED)]

    @property
    def asked(self) -> list[AdviceRequest]:
        """Every question to the model."""
        return [output.request for output in self.all(Advise)]

    @property
    def sent(self) -> list[SendNudge]:
        """Every attempt at sending a nudge."""
        return self.all(SendNudge)

    @property
    def listening(self) -> frozenset[str]:
        """Who is heard now."""
        heard = self.all(Listen)
        return heard[-1].identities if heard else frozenset()

    @property
    def status(self) -> Status:
        """What the rep was told last."""
        return self.all(SendStatus)[-1].status

    def _note(self, at_ms: int, outputs: list[Output]) -> None:
        self.outputs += [(at_ms, output) for output in outputs]
        for output in outputs:
            if isinstance(output, SendNudge) and self.reply is not None:
                ack = Ack(output.nudge.id, output.nudge.rev, self.reply)
                self._note(at_ms, self.call.handle(at_ms, ack))
