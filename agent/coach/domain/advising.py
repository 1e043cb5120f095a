"""The second engine: asks a model about completed turns, and believes only what it can check.

Holds what the model is told (window, passages, lookups) and judges what it answers. Forgotten
whole when consent is revoked. Who may interrupt is decided elsewhere, as for every moment.
"""

from dataclasses import dataclass, replace

from coach.domain.advice import PROMPT_VERSION, Counsel, ToolCall
from coach.domain.backpressure import Backpressure, Flight, Step, overtakes
from coach.domain.candidates import Candidate
from coach.domain.events import AdvisorAnswered, ToolReturned
from coach.domain.findings import Advised, Elaborated, Finding, Refused, Retracted
from coach.domain.judging import Grounds, Judge
from coach.domain.nudge import Evidence, Origin, Path
from coach.domain.outputs import Advise, CancelAdvice, Output, RunTool
from coach.domain.playbook import Advice, Moment, Playbook, Speaker
from coach.domain.prompting import Background, advised_moments
from coach.domain.questioning import Pictures, Question, Questions
from coach.domain.records import Reason
from coach.domain.tools import LOG_OUTCOME, Lookups
from coach.domain.topic import Topic
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


class Advising:
    """Everything between a completed turn and a checked answer."""

    def __init__(
        self, playbook: Playbook, utterances: Utterances, pictures: Pictures, *, is_on: bool
    ) -> None:
        """Begin a call.

        Args:
            playbook: taxonomy, bar and limits.
            utterances: the numbered window; somebody else fills it.
            pictures: of the rep's screen.
            is_on: whether there is a model to ask.
        """
        self._playbook, self._utterances, self._is_on = playbook, utterances, is_on
        self._moments = {moment.id: moment for moment in advised_moments(playbook)}
        self._judge = Judge(playbook, self._moments, utterances)
        self._backpressure = Backpressure()
        self._question: Question | None = None
        self._turn: Turn | None = None  # the prospect's newest: what a question is about
        self._open_topic: Topic | None = None
        self.lookups = Lookups()
        self._questions = Questions(playbook, utterances, pictures, self.lookups)
        self.unanswered_count = 0
        """Questions in a row that got no usable answer in time."""

    @property
    def is_thinking(self) -> bool:
        """Whether a question is in flight."""
        return self._backpressure.flight is not None

    def turn(self, turn: Turn, background: Background, at_ms: int) -> list[Output]:
        """Take a completed turn. Return the question that it makes, and the one it calls back."""
        if not self._is_on:
            return []
        if turn.speaker is Speaker.PROSPECT:
            if self._backpressure.flight is None or overtakes(turn):
                self._turn = turn
            if overtakes(turn):
                self._open_topic = None
        step = self._backpressure.turn(turn, at_ms)
        return self._carry_out(step, background)

    def due_ms(self) -> int | None:
        """When the question in flight is given up, or goes on without a tool."""
        topic = self._open_topic
        if topic is None or self.is_thinking:
            return self._backpressure.due_ms()
        return topic.goes_on_ms

    def tick(self, background: Background, at_ms: int) -> list[Output]:
        """Give up what is too late to be of use; go on without a tool that is slow."""
        flight, topic = self._backpressure.flight, self._open_topic
        if flight is None and topic is not None:
            is_due = topic.goes_on_ms is not None and at_ms >= topic.goes_on_ms
            return self._ask_again(topic, background, at_ms) if is_due else []
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
        flight, question, counsel = self._backpressure.flight, self._question, event.counsel
        if flight is None or question is None or not _is_for(flight, event):
            return Answered(_superseded(counsel))
        self.unanswered_count = 0 if counsel is not None else self.unanswered_count + 1
        if counsel is None:
            rule = f"advisor: {event.error}"
            lost = Retracted(_key(flight), None, Reason.UNFOUNDED, rule)
            outputs = tuple(self._next(background, at_ms))
            return Answered((lost,) if flight.has_headline else (), outputs)
        if counsel.tools and not flight.has_headline:
            return self._wants_tools(counsel, question, background, at_ms)
        stage = self._judge.stage(counsel)
        if counsel.moment is None:
            return Answered(outputs=tuple(self._next(background, at_ms)), stage=stage)
        grounds = self._grounds(question, background)
        if not counsel.is_final:
            reason = self._judge.headline(counsel, grounds)
            advised = None if reason else self._headline(counsel, event, question, flight)
            if advised is not None:
                return Answered((advised,))
            outputs = (_cancel(flight), *self._next(background, at_ms))
            return Answered((_refused(counsel, reason or Reason.UNFOUNDED),), outputs)
        finding = self._whole(counsel, event, grounds, flight)
        findings: tuple[Finding, ...] = (finding,)
        if not flight.has_headline and isinstance(finding, Elaborated):  # it came in one piece
            timely = replace(finding.candidate, until_ms=flight.deadline_ms)
            findings = (Advised(finding.question, timely, is_whole=True), finding)
        return Answered(findings, tuple(self._next(background, at_ms)), stage)

    def tool_returned(
        self, event: ToolReturned, background: Background, at_ms: int
    ) -> list[Output]:
        """Take a result. While its topic is still open the model is asked about it once more."""
        self.lookups.returned(event)
        topic = self._open_topic
        if topic is None or event.call not in topic.calls:
            return []
        if self.is_thinking:
            topic.has_news |= event.is_ok
            return []
        if not event.is_ok:  # the decision goes on without it, unless it has already
            return [] if topic.rounds > 1 else self._ask_again(topic, background, at_ms)
        return self._tell(topic, background, at_ms)

    # -- asking ---------------------------------------------------------------------------------

    def _carry_out(self, step: Step, background: Background) -> list[Output]:
        outputs: list[Output] = []
        if step.called_back is not None:
            outputs.append(_cancel(step.called_back))
            self._questions.give_back()
        if step.asked is not None and self._turn is not None:
            outputs.append(self._ask(step.asked, self._turn, background))
        return outputs

    def _ask(self, flight: Flight, turn: Turn, background: Background) -> Advise:
        request, self._question = self._questions.write(flight, turn, background)
        return Advise(request)

    def _ask_again(self, topic: Topic, background: Background, at_ms: int) -> list[Output]:
        """Ask about a turn once more: a tool has answered, or the decision goes on without it."""
        topic.rounds += 1
        flight = self._backpressure.again(topic.turn_at_ms, topic.rounds, at_ms)
        return [self._ask(flight, topic.question.turn, background)]

    def _tell(self, topic: Topic, background: Background, at_ms: int) -> list[Output]:
        """A tool has answered: ask a last time, unless the talk has gone on for too long."""
        self._open_topic = None
        return self._ask_again(topic, background, at_ms) if topic.is_open(at_ms) else []

    def _next(self, background: Background, at_ms: int) -> list[Output]:
        """The question is over: ask about what waited meanwhile, a turn before a result."""
        self._question = None
        outputs = self._carry_out(self._backpressure.done(at_ms), background)
        topic = self._open_topic
        if topic is not None and topic.has_news and not self.is_thinking:
            outputs += self._tell(topic, background, at_ms)
        return outputs

    def _wants_tools(
        self, counsel: Counsel, question: Question, background: Background, at_ms: int
    ) -> Answered:
        """Run what was not run yet. The question is over; a result may open it once more."""
        flight = self._backpressure.flight
        assert flight is not None
        wanted = [call for call in counsel.tools if call.name == LOG_OUTCOME]
        grounds = self._grounds(question, background)
        proposals = tuple(call for call in wanted if self._judge.is_founded(call, grounds))
        invented = Refused(LOG_OUTCOME, Reason.UNFOUNDED, None, LOG_OUTCOME, Path.TOOL)
        reading = [call for call in counsel.tools if call.name != LOG_OUTCOME]
        runs: list[Output] = [RunTool(call) for call in reading if self.lookups.want(call)]
        outputs = [*runs, *self._next(background, at_ms)]
        is_free = self._backpressure.flight is None
        if is_free and flight.round == 1 and reading:
            topic = Topic(question, frozenset(reading), flight.turn_at_ms)
            if any(self.lookups.has(call) for call in reading):
                outputs += self._ask_again(topic, background, at_ms)
            else:
                self._open_topic = topic
        findings = (invented,) * (len(wanted) - len(proposals))
        return Answered(findings, tuple(outputs), proposals=proposals)

    # -- judging --------------------------------------------------------------------------------

    def _grounds(self, question: Question, background: Background) -> Grounds:
        return Grounds(question.fresh, question.from_ms, self.lookups.dossier, background.stage)

    def _headline(
        self, counsel: Counsel, event: AdvisorAnswered, question: Question, flight: Flight
    ) -> Advised | None:
        """The headline is complete: show it, or have the rest not even written."""
        moment = self._moments.get(counsel.moment or "")
        if moment is None:
            return None
        self._backpressure.headline()
        where = _place(question.turn)
        candidate = self._candidate(counsel, event, moment, where)
        return Advised(_key(flight), replace(candidate, until_ms=flight.deadline_ms))

    def _whole(
        self, counsel: Counsel, event: AdvisorAnswered, grounds: Grounds, flight: Flight
    ) -> Finding:
        reason = self._judge.whole(counsel, grounds)
        where = self._judge.evidence(counsel, grounds)
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
