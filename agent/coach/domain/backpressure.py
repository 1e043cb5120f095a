"""When the advisor is asked, and when a question that was overtaken is called back.

Pure, fed with turns and times. The rules are product L6: one question in flight; a prospect's
turn of four words or more overtakes it, unless its headline is complete or two were called
back already; every other turn waits in one merged slot.
"""

from dataclasses import dataclass, replace

from coach.domain.playbook import Speaker
from coach.domain.questions import is_question, word_count
from coach.domain.turns import Turn

HEADLINE_MS = 2_000
"""A headline later than this after the end of its turn is not wanted (product L5)."""
DETAIL_MS = 4_000
"""So long the detail may follow, counted from the end of the turn."""
AFTER_TOOL_MS = 1_500
"""From a slow tool's result to its headline."""
LEAST_LEFT_MS = 900
"""Of its life that a turn needs to be worth a question."""
_OVERTAKES_WORDS = 4
_STATEMENT_WORDS = 8
"""A turn that asks nothing is asked about from so many words on."""
_GAP_MS = 6_000
"""Between two questions to the model, unless the newer turn is long or asks something."""
_LONG_WORDS = 16
_MOST_CALLED_BACK = 2


@dataclass(frozen=True, slots=True)
class Flight:
    """A question to the model that is under way."""

    turn_at_ms: int
    round: int
    deadline_ms: int
    has_headline: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What to do now: call one back, ask one, both or neither."""

    called_back: Flight | None = None
    asked: Flight | None = None


class Backpressure:
    """Keeps at most one question in flight, and lively talk from starving it."""

    def __init__(self) -> None:
        self.flight: Flight | None = None
        self._called_back_count = 0  # in a row; a question that ended by itself begins anew
        self._waiting_at_ms: int | None = None  # newest turn in the merged slot
        self._asked_at_ms: int | None = None

    def turn(self, turn: Turn, at_ms: int) -> Step:
        """A turn is complete."""
        flight = self.flight
        if flight is None:
            return Step(asked=self._ask(at_ms)) if self._is_worth_it(turn, at_ms) else Step()
        if overtakes(turn) and self._may_call_back(flight):
            self._called_back_count += 1
            return Step(flight, self._ask(at_ms))
        if overtakes(turn):
            self._waiting_at_ms = at_ms
        return Step()

    def headline(self) -> None:
        """The headline is complete: from now on the question is not called back."""
        if self.flight is not None:
            deadline_ms = max(self.flight.deadline_ms, self.flight.turn_at_ms + DETAIL_MS)
            self.flight = replace(self.flight, has_headline=True, deadline_ms=deadline_ms)

    def done(self, at_ms: int) -> Step:
        """The question ended by itself. The merged slot's turns are asked about, if still new."""
        self.flight, self._called_back_count = None, 0
        waiting_at_ms, self._waiting_at_ms = self._waiting_at_ms, None
        if waiting_at_ms is None or at_ms > waiting_at_ms + HEADLINE_MS - LEAST_LEFT_MS:
            return Step()
        return Step(asked=self._ask(waiting_at_ms))

    def again(self, turn_at_ms: int, round: int, at_ms: int) -> Flight:
        """Ask about the same turn once more: a tool has answered, or is not waited for."""
        deadline_ms = max(turn_at_ms + HEADLINE_MS, at_ms + AFTER_TOOL_MS)
        self.flight = Flight(turn_at_ms, round, deadline_ms)
        return self.flight

    def due_ms(self) -> int | None:
        """When the question in flight is given up."""
        return None if self.flight is None else self.flight.deadline_ms

    def _ask(self, turn_at_ms: int) -> Flight:
        asked_at_ms = self._asked_at_ms
        if asked_at_ms is not None and turn_at_ms <= asked_at_ms:
            turn_at_ms = asked_at_ms + 1  # it names the question: two turns may end at once
        self._waiting_at_ms, self._asked_at_ms = None, turn_at_ms
        self.flight = Flight(turn_at_ms, 1, turn_at_ms + HEADLINE_MS)
        return self.flight

    def _may_call_back(self, flight: Flight) -> bool:
        return not flight.has_headline and self._called_back_count < _MOST_CALLED_BACK

    def _is_worth_it(self, turn: Turn, at_ms: int) -> bool:
        """Whether a turn should be asked about; if not, the next question has it in its window."""
        if not _is_substantial(turn):
            return False
        is_soon = self._asked_at_ms is not None and at_ms - self._asked_at_ms < _GAP_MS
        is_long = word_count(turn.text) >= _LONG_WORDS
        return not is_soon or is_long or is_question(turn.text)


def overtakes(turn: Turn) -> bool:
    """Return whether a turn makes the question before it old."""
    return turn.speaker is Speaker.PROSPECT and word_count(turn.text) >= _OVERTAKES_WORDS


def _is_substantial(turn: Turn) -> bool:
    """Only a prospect who says or asks something makes a moment that a model should look for."""
    least = _OVERTAKES_WORDS if is_question(turn.text) else _STATEMENT_WORDS
    return turn.speaker is Speaker.PROSPECT and word_count(turn.text) >= least
