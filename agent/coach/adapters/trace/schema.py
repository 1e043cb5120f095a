"""The input lines of a trace as they stand in a file (contracts 5), and the events they become."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from coach.domain import events
from coach.domain.advice import Cost, Counsel, ToolCall
from coach.domain.playbook import Speaker
from coach.domain.screen import ScreenSampled

MAX_MS = 10**12
Ms = Annotated[int, Field(ge=0, le=MAX_MS)]


class Line(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")
    at_ms: Ms


class Word(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")
    word: str
    start_ms: Ms
    end_ms: Ms
    confidence: float = 1.0


class Spoken(Line):
    speaker: Literal["rep", "prospect", "team"] | None = None
    identity: str | None = None


class Transcript(Spoken):
    is_final: bool
    text: str
    start_ms: Ms | None = None
    end_ms: Ms | None = None
    words: list[Word] = []


class Participant(Line):
    identity: str
    role: Literal["rep", "prospect", "team"] | None = None
    joined: bool
    was_present: bool | None = None


class Speaking(Line):
    identity: str
    active: bool


class Feedback(Line):
    nudge_id: str
    action: Annotated[events.FeedbackAction, Field(strict=False)]
    note: str | None = None


class Control(Line):
    action: Annotated[events.ControlAction, Field(strict=False)]
    seconds: Annotated[float, Field(ge=0, le=86_400, strict=False)] | None = None


class Ask(Line):
    text: str | None = None
    card: str | None = None


class Ack(Line):
    nudge_id: str
    rev: int = 0
    reply: str | None
    error: int | None = None


class Service(Line):
    name: str
    up: bool
    identity: str | None = None
    served_by: str | None = None


class End(Line):
    reason: Annotated[events.EndReason, Field(strict=False)] = events.EndReason.END_OF_FILE


class Asked(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")
    name: str
    arguments: dict[str, str | int | float | bool | None] = {}


class Evidence(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")
    utterance: int | None = None
    words: str = ""


class Answer(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")
    moment: str | None = None
    confidence: Annotated[float, Field(ge=0, le=1, strict=False)] = 1.0
    headline: str = ""
    evidence: Evidence = Evidence()
    detail: str = ""
    say: str | None = None
    stage: str | None = None
    tools: list[Asked] = []
    final: bool = True


class Advisor(Line):
    turn_at_ms: Ms
    round: Annotated[int, Field(ge=1, le=3)] = 1
    answer: Answer | None = None
    error: str | None = None
    served_by: str | None = None
    first_token_ms: Ms = 0
    total_ms: Ms = 0
    tokens_in: Ms = 0
    tokens_out: Ms = 0
    vision_tokens: Ms = 0


class Tool(Line):
    name: str
    arguments: dict[str, str | int | float | bool | None] = {}
    ok: bool
    result: str | None = None
    spent_ms: Ms = 0
    error: str | None = None


class Screen(Line):
    image: str | None = None
    fingerprint: Annotated[str, Field(pattern="^[0-9a-f]{1,16}$")] | None = None
    change: Annotated[float, Field(ge=0, le=1, strict=False)] | None = None
    text: str | None = None


class Job(Protocol):
    """What a line needs to know of the job it belongs to."""

    def who(self, line: Spoken | Participant) -> tuple[str, Speaker]:
        """Return identity and side; raises where a line disagrees with the job."""
        ...

    def ask(self, line: Ask) -> events.Ask:
        """Return a question; raises unless exactly one of text and card is given."""
        ...

    def screen(self, line: Screen) -> ScreenSampled:
        """Return a frame; raises where its picture is needed and cannot be used."""
        ...


def _transcript(job: Job, line: Transcript) -> events.Transcript:
    identity, speaker = job.who(line)
    words = tuple(events.Word(w.word, w.start_ms, w.end_ms, w.confidence) for w in line.words)
    start_ms = line.at_ms if line.start_ms is None else line.start_ms
    return events.Transcript(
        identity, speaker, line.text, line.is_final, start_ms, line.end_ms, words
    )


def _participant(job: Job, line: Participant) -> events.ParticipantChanged:
    identity, speaker = job.who(line)
    # Somebody reported at 0 in a file written by hand was there before the agent.
    was_present = line.at_ms == 0 if line.was_present is None else line.was_present
    return events.ParticipantChanged(identity, speaker, line.joined, was_present)


def _advisor(line: Advisor) -> events.AdvisorAnswered:
    served_by = line.served_by or "file"
    tokens = (line.tokens_in, line.tokens_out, line.vision_tokens)
    cost = Cost(served_by, line.first_token_ms, line.total_ms, *tokens)
    counsel = None if line.answer is None else _counsel(line.answer)
    error = line.error if counsel is None else None
    return events.AdvisorAnswered(line.turn_at_ms, line.round, counsel, error, cost)


def _counsel(answer: Answer) -> Counsel:
    return Counsel(
        moment=None if answer.moment in (None, "nothing") else answer.moment,
        confidence=answer.confidence,
        headline=answer.headline,
        utterance=answer.evidence.utterance,
        words=answer.evidence.words,
        detail=answer.detail,
        say=answer.say,
        stage=answer.stage,
        tools=tuple(_call(asked.name, asked.arguments) for asked in answer.tools),
        is_final=answer.final,
    )


def _call(name: str, arguments: dict[str, Any]) -> ToolCall:
    return ToolCall(name, tuple(sorted(arguments.items())))


PARSERS: dict[str, tuple[TypeAdapter[Any], Callable[[Job, Any], events.Event]]] = {
    "transcript": (TypeAdapter(Transcript), _transcript),
    "participant": (TypeAdapter(Participant), _participant),
    "turn": (TypeAdapter(Spoken), lambda r, x: events.TurnCompleted(*r.who(x))),
    "speaking": (TypeAdapter(Speaking), lambda _, x: events.SpeakingChanged(x.identity, x.active)),
    "feedback": (
        TypeAdapter(Feedback),
        lambda _, x: events.Feedback(x.nudge_id, x.action, x.note),
    ),
    "control": (TypeAdapter(Control), lambda _, x: events.Control(x.action, x.seconds)),
    "ask": (TypeAdapter(Ask), lambda r, x: r.ask(x)),
    "ack": (TypeAdapter(Ack), lambda _, x: events.Ack(x.nudge_id, x.rev, x.reply, x.error)),
    "service": (
        TypeAdapter(Service),
        lambda _, x: events.ServiceChanged(x.name, x.up, x.identity, x.served_by),
    ),
    "screen": (TypeAdapter(Screen), lambda job, x: job.screen(x)),
    "advisor": (TypeAdapter(Advisor), lambda _, x: _advisor(x)),
    "tool": (
        TypeAdapter(Tool),
        lambda _, x: events.ToolReturned(
            _call(x.name, x.arguments), x.ok, x.result or "", x.spent_ms, x.error
        ),
    ),
    "end": (TypeAdapter(End), lambda _, x: events.Ended(x.reason)),
}
