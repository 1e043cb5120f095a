"""Runs a recorded call through the call object on a virtual clock."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from coach.application.steps import due_steps
from coach.domain.advice import AdviceRequest
from coach.domain.call import Call
from coach.domain.events import Ack, AdvisorAnswered, Event
from coach.domain.outputs import Advise, CancelAdvice, Finish, Output, SendNudge

Timed = tuple[int, AdvisorAnswered]
"""Milliseconds after the question, and the answer."""

AskModel = Callable[[AdviceRequest], list[Timed]]
"""Puts a question to a real model and waits for its answers."""

Done = tuple[int, Output, int]
"""Time on the call's clock, what was done, microseconds of real time it took."""


def replay(
    call: Call,
    steps: Iterable[tuple[int, Event]],
    answered: frozenset[str],
    wait_until: Callable[[int], None] = lambda at_ms: None,
    ask: AskModel | None = None,
) -> Iterator[Done]:
    """Yield everything a call does in answer to recorded events, in order.

    Args:
        call: fresh; built with the turns that the recording gives.
        steps: events with their times, in order.
        answered: nudges whose acks are among the steps; the panel answers `shown` at once to
            all others.
        wait_until: called with each event's time before it is handled, to replay in real time.
        ask: answers the call's questions; None: the answers are among the steps, or nowhere.
    """
    player = _Player(call, answered, ask)
    yield from player.done(0, call.start() + call.ready(0))
    for at_ms, event in steps:
        if player.is_finished and not isinstance(event, Ack):
            continue
        wait_until(at_ms)
        yield from player.handle_answers(at_ms)
        yield from player.handle(at_ms, event)


class _Player:
    def __init__(self, call: Call, answered: frozenset[str], ask: AskModel | None) -> None:
        self._call, self._answered, self._ask = call, answered, ask
        self._answers: list[tuple[int, AdvisorAnswered]] = []  # of a real model, on their way
        self.is_finished = False

    def handle_answers(self, until_ms: int) -> Iterator[Done]:
        """Let the answers of a real model come that are due before a time."""
        while self._answers and self._answers[0][0] <= until_ms and not self.is_finished:
            at_ms, event = self._answers.pop(0)
            yield from self.handle(max(at_ms, self._call.at_ms), event)

    def handle(self, at_ms: int, event: Event) -> Iterator[Done]:
        for due_ms, outputs in due_steps(self._call, at_ms):
            yield from self.done(due_ms, outputs)
        yield from self._handle_now(at_ms, event)

    def done(
        self, at_ms: int, outputs: list[Output], started_ns: int | None = None
    ) -> Iterator[Done]:
        """Yield outputs, and let the panel answer the nudges among them."""
        now_ns = time.perf_counter_ns()
        spent_us = 0 if started_ns is None else (now_ns - started_ns) // 1_000
        acks = deque[Ack]()
        for output in outputs:
            if isinstance(output, SendNudge) and output.nudge.id not in self._answered:
                acks.append(Ack(output.nudge.id, output.nudge.rev, "shown"))
            self.is_finished |= isinstance(output, Finish)
            if isinstance(output, Advise) and self._ask is not None:
                answers = self._ask(output.request)
                self._answers += [(at_ms + after_ms, event) for after_ms, event in answers]
                self._answers.sort(key=lambda answer: answer[0])
            if isinstance(output, CancelAdvice):
                self._answers = [answer for answer in self._answers if not _is_for(output, answer)]
            yield at_ms, output, spent_us
        for ack in acks:
            yield from self._handle_now(at_ms, ack)

    def _handle_now(self, at_ms: int, event: Event) -> Iterator[Done]:
        started_ns = time.perf_counter_ns()
        yield from self.done(at_ms, self._call.handle(at_ms, event), started_ns)


def _is_for(cancelled: CancelAdvice, answer: tuple[int, AdvisorAnswered]) -> bool:
    event = answer[1]
    return (event.turn_at_ms, event.round) == (cancelled.turn_at_ms, cancelled.round)
