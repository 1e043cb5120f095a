"""The second engine: asks a model about completed turns, and believes only what it can check.

Holds what the model is told (window, passages, lookups) and judges what it answers. Forgotten
whole when consent is revoked. Who may interrupt is decided elsewhere, as for every moment.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from coach.domain.advice import PROMPT_VERSION, AdviceRequest, Counsel, ToolCall
from coach.domain.backpressure import TOOL_TOPIC_MS, Backpressure, Flight, Step
from coach.domain.events import AdvisorAnswered, ToolReturned
from coach.domain.findings import Advised, Elaborated, Finding, Refused, Retracted
from coach.domain.judging import Grounds, Judge
from coach.domain.nudges import Candidate
from coach.domain.outputs import (
    Advise,
    CancelAdvice,
    Evidence,
    Origin,
    Output,
    Path,
    Reason,
    RunTool,
)
from coach.domain.playbook import Advice, Moment, Playbook, Speaker
from coach.domain.prompting import (
    MAX_TOKENS_IN,
    OVERHEAD_TOKENS,
    Background,
    Fresh,
    advised_moments,
    fresh_part,
    stable_part,
    tokens,
)
from coach.domain.tools import ACCOUNT_CONTEXT, LOG_OUTCOME, Lookups
from coach.domain.turns import Turn
from coach.domain.window import Utterances


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer came to."""

    findings: tuple[Finding, ...] = ()
    outputs: tuple[Output, ...] = ()
    stage: str | None = None
    """The stage that the model names, with evidence for it."""
    proposals: tuple[ToolCall, ...] = ()
    """What it wants written, with the rep's yes."""


@dataclass(frozen=True, slots=True)
class _Question:
    """What the question in flight rests on."""

    turn: Turn
    fresh: Fresh
    passages: tuple[str, ...]
    tools: tuple[str, ...] = ()


FrameFor = Callable[[str, int], str | None]
"""Returns the frame that belongs to these words at this time, if they need one."""
_PICTURED = 3
"""So many of the newest utterances may call for a picture."""


class Advising:
    """Everything between a completed turn and a checked answer."""

    def __init__(
        self, playbook: Playbook, utterances: Utterances, frame_for: FrameFor, *, is_on: bool
    ) -> None:
        """Begin a call.

        Args:
            playbook: taxonomy, bar and limits.
            utterances: the numbered window; somebody else fills it.
            frame_for: the picture that a question needs; asked once for each question.
            is_on: whether there is a model to ask.
        """
        self._playbook, self._utterances, self._is_on = playbook, utterances, is_on
        self._frame_for = frame_for
        self._moments = {moment.id: moment for moment in advised_moments(playbook)}
        self._stages = tuple(stage.id for stage in playbook.stages)
        self._judge = Judge(playbook, self._moments, utterances)
        self._backpressure = Backpressure()
        self._question: _Question | None = None
        self._turn: Turn | None = None  # the prospect's newest: what a question is about
        self._stable: str | None = None  # written at the first question, and kept
        self._is_dossier_stable = False  # else it came later, and is told with what is new
        self._open_topic: tuple[_Question, frozenset[ToolCall], int] | None = None
        self.lookups = Lookups()
        self.unanswered_count = 0
        """Questions in a row that got no usable answer in time."""
        self.text_tokens = 0
        self.vision_tokens = 0
        self.image_count = 0

    @property
    def is_thinking(self) -> bool:
        """Whether a question is in flight."""
        return self._backpressure.flight is not None

    def turn(self, turn: Turn, background: Background, at_ms: int) -> list[Output]:
        """Take a completed turn. Return the question that it makes, and the one it calls back."""
        if not self._is_on:
            return []
        if turn.speaker is Speaker.PROSPECT:
            self._turn, self._open_topic = turn, None
        step = self._backpressure.turn(turn, at_ms)
        return self._carry_out(step, background)

    def keep_meters(self, other: "Advising") -> None:
        """Go on counting where another one stopped: what it cost is owed all the same."""
        self.text_tokens = other.text_tokens
        self.vision_tokens, self.image_count = other.vision_tokens, other.image_count

    def due_ms(self) -> int | None:
        """When the question in flight is given up."""
        return self._backpressure.due_ms()

    def tick(self, background: Background, at_ms: int) -> list[Output]:
        """Give up what is too late to be of use."""
        flight = self._backpressure.flight
        if flight is None or at_ms < flight.deadline_ms:
            return []
        self.unanswered_count += not flight.has_headline
        return [_cancel(flight), *self._next(background, at_ms)]

    def stop(self) -> list[Output]:
        """Nobody listens from now on: the question in flight is not wanted any more."""
        flight = self._backpressure.flight
        self._backpressure, self._question, self._open_topic = Backpressure(), None, None
        return [] if flight is None else [_cancel(flight)]

    def answered(self, event: AdvisorAnswered, background: Background, at_ms: int) -> Answered:
        """Take the model's answer, streamed or whole, late or in time."""
        self._count(event)
        flight, question, counsel = self._backpressure.flight, self._question, event.counsel
        if flight is None or question is None or not _is_for(flight, event):
            return Answered(_superseded(counsel))
        self.unanswered_count = 0 if counsel is not None else self.unanswered_count + 1
        if counsel is None:
            return Answered(outputs=tuple(self._next(background, at_ms)))
        if counsel.tools:
            return self._wants_tools(counsel, question, background, at_ms)
        stage = self._judge.stage(counsel)
        if counsel.moment is None:
            return Answered(outputs=tuple(self._next(background, at_ms)), stage=stage)
        grounds = Grounds(question.fresh, self.lookups.dossier, background.stage)
        if not counsel.is_final:
            reason = self._judge.headline(counsel, grounds)
            advised = None if reason else self._headline(counsel, event, question, flight)
            if advised is not None:
                return Answered((advised,))
            outputs = (_cancel(flight), *self._next(background, at_ms))
            return Answered((_refused(counsel, reason or Reason.UNFOUNDED),), outputs)
        finding = self._whole(counsel, event, grounds, flight)
        if not flight.has_headline and isinstance(finding, Elaborated):
            finding = finding.candidate  # it came in one piece: there is no headline to follow
        return Answered((finding,), tuple(self._next(background, at_ms)), stage)

    def tool_returned(
        self, event: ToolReturned, background: Background, at_ms: int
    ) -> list[Output]:
        """Take a result. While its topic is still open the model is asked about it once more."""
        self.lookups.returned(event)
        if self._open_topic is None:
            return []
        question, calls, since_ms = self._open_topic
        if event.call not in calls or self._backpressure.flight is not None:
            return []
        self._open_topic = None
        if not event.is_ok or at_ms > since_ms + TOOL_TOPIC_MS:
            return []
        return self._ask_again(question, since_ms, background, at_ms)

    # -- asking ---------------------------------------------------------------------------------

    def _carry_out(self, step: Step, background: Background) -> list[Output]:
        outputs: list[Output] = []
        if step.called_back is not None:
            outputs.append(_cancel(step.called_back))
        if step.asked is not None and self._turn is not None:
            outputs.append(self._ask(step.asked, self._turn, background))
        return outputs

    def _ask(self, flight: Flight, turn: Turn, background: Background) -> Advise:
        dossier = self.lookups.dossier
        if self._stable is None:
            moments = list(self._moments.values())
            self._stable = stable_part(self._playbook, moments, dossier)
            self._is_dossier_stable = bool(dossier)
        looked_up = self.lookups.results()
        if dossier and not self._is_dossier_stable:
            looked_up.insert(0, (ACCOUNT_CONTEXT.name, dossier))
        background = replace(background, looked_up=tuple(looked_up))
        room = MAX_TOKENS_IN - OVERHEAD_TOKENS - tokens(self._stable)
        fresh = fresh_part(self._utterances, background, room)
        names = tuple(name for name, _ in looked_up)
        passages = tuple(found.id for found in background.passages)
        self._question = _Question(turn, fresh, passages, names)
        recent = " ".join(said.text for _, said in self._utterances.newest(_PICTURED))
        image = self._frame_for(recent, flight.turn_at_ms) if flight.round == 1 else None
        self.image_count += image is not None
        return Advise(
            AdviceRequest(
                turn_at_ms=flight.turn_at_ms,
                round=flight.round,
                deadline_ms=flight.deadline_ms,
                stable=self._stable,
                fresh=fresh.text,
                moments=tuple(self._moments),
                stages=self._stages,
                may_use_tools=flight.round == 1,
                image=image,
            )
        )

    def _ask_again(
        self, question: _Question, turn_at_ms: int, background: Background, at_ms: int
    ) -> list[Output]:
        flight = self._backpressure.again(turn_at_ms, at_ms)
        return [self._ask(flight, question.turn, background)]

    def _next(self, background: Background, at_ms: int) -> list[Output]:
        """The question is over: ask about what waited meanwhile."""
        self._question = None
        return self._carry_out(self._backpressure.done(at_ms), background)

    def _wants_tools(
        self, counsel: Counsel, question: _Question, background: Background, at_ms: int
    ) -> Answered:
        """Run what was not run yet. The question is over; a result may open it once more."""
        flight = self._backpressure.flight
        assert flight is not None
        proposals = tuple(call for call in counsel.tools if call.name == LOG_OUTCOME)
        reading = [call for call in counsel.tools if call.name != LOG_OUTCOME]
        runs: list[Output] = [RunTool(call) for call in reading if self.lookups.want(call)]
        outputs = [*runs, *self._next(background, at_ms)]
        is_free = self._backpressure.flight is None
        if is_free and flight.round == 1 and reading:
            if any(self.lookups.has(call) for call in reading):
                outputs += self._ask_again(question, flight.turn_at_ms, background, at_ms)
            else:
                self._open_topic = (question, frozenset(reading), flight.turn_at_ms)
        return Answered(outputs=tuple(outputs), proposals=proposals)

    # -- judging --------------------------------------------------------------------------------

    def _headline(
        self, counsel: Counsel, event: AdvisorAnswered, question: _Question, flight: Flight
    ) -> Advised | None:
        """The headline is complete: show it, or have the rest not even written."""
        moment = self._moments.get(counsel.moment or "")
        if moment is None:
            return None
        self._backpressure.headline()
        where = _place(question.turn)
        return Advised(_key(flight), self._candidate(counsel, event, moment, where))

    def _whole(
        self, counsel: Counsel, event: AdvisorAnswered, grounds: Grounds, flight: Flight
    ) -> Finding:
        reason, where = self._judge.whole(counsel, grounds), self._judge.evidence(counsel)
        moment = self._moments.get(counsel.moment or "")
        if moment is None or where is None or reason is not None:
            reason = reason or Reason.UNFOUNDED
            return Retracted(_key(flight), counsel.moment, reason, _rule(counsel))
        return Elaborated(_key(flight), self._candidate(counsel, event, moment, where))

    def _candidate(
        self, counsel: Counsel, event: AdvisorAnswered, moment: Moment, where: Evidence
    ) -> Candidate:
        question, cost = self._question, event.cost
        assert question is not None
        origin = Origin(
            prompt=PROMPT_VERSION,
            served_by=cost.served_by if cost else None,
            first_token_ms=cost.first_token_ms if cost else None,
            total_ms=cost.total_ms if cost else None,
            passages=question.passages,
            tools=question.tools,
        )
        advice = Advice(counsel.headline, counsel.detail, counsel.say)
        path = Path.TOOL if event.round > 1 else Path.ADVISOR
        return Candidate(moment, advice, path, where, _rule(counsel), origin=origin)

    def _count(self, event: AdvisorAnswered) -> None:
        is_last = event.counsel is None or event.counsel.is_final
        if event.cost is not None and is_last:
            seen = event.cost.vision_tokens
            self.vision_tokens += seen
            self.text_tokens += event.cost.tokens_in - seen + event.cost.tokens_out


def _is_for(flight: Flight, event: AdvisorAnswered) -> bool:
    return (flight.turn_at_ms, flight.round) == (event.turn_at_ms, event.round)


def _key(flight: Flight) -> tuple[int, int]:
    return flight.turn_at_ms, flight.round


def _cancel(flight: Flight) -> CancelAdvice:
    return CancelAdvice(flight.turn_at_ms, flight.round)


def _place(turn: Turn) -> Evidence:
    """Return where the turn stands: the words are quoted when the evidence is checked."""
    return Evidence(turn.speaker, turn.identity, turn.start_ms, turn.end_ms)


def _rule(counsel: Counsel) -> str:
    return f"advisor: {counsel.confidence:.2f}"


def _superseded(counsel: Counsel | None) -> tuple[Finding, ...]:
    """An answer to a question that nobody asks any more: one line, once."""
    if counsel is None or counsel.moment is None:
        return ()
    return (_refused(counsel, Reason.SUPERSEDED),)


def _refused(counsel: Counsel, reason: Reason) -> Refused:
    return Refused(counsel.moment, reason, None, _rule(counsel), Path.ADVISOR)
