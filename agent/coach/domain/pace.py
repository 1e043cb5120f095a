"""Moments from the shape of the call: monologue, silence, talk ratio, unanswered question."""

from collections.abc import Iterable
from dataclasses import dataclass

from coach.domain.playbook import Moment, Speaker, When
from coach.domain.questions import is_question, topic_words, word_count
from coach.domain.transcript import shortened
from coach.domain.turns import Turn
from coach.domain.voice import Voices

_ANSWER_WORDS = 12
"""So many words of the rep's side count as an answer even without a word of the question."""
_MIN_TALK_RATIO_SPAN = 0.5
"""Part of the window that must have passed before a talk ratio means anything."""


@dataclass(frozen=True, slots=True)
class ShapeMoment:
    """A moment of the call's shape has come."""

    moment: Moment
    identity: str
    speaker: Speaker
    start_ms: int
    end_ms: int
    quote: str | None = None
    """The words, where words are part of the cause."""


@dataclass(frozen=True, slots=True)
class _Question:
    turn: Turn
    topics: frozenset[str]
    asked_ms: int


class Pace:
    """Watches voices and turns, and says when their shape is worth a word to the rep."""

    def __init__(self, moments: Iterable[Moment], *, is_rep_transcribed: bool) -> None:
        by_when: dict[When, list[Moment]] = {}
        for moment in moments:
            by_when.setdefault(moment.when, []).append(moment)
        self._monologues = by_when.get(When.MONOLOGUE, [])
        self._silences = by_when.get(When.SILENCE, [])
        self._ratios = by_when.get(When.TALK_RATIO, [])
        needs_rep = by_when.get(When.UNANSWERED_QUESTION, [])
        self._unanswered = needs_rep if is_rep_transcribed else []
        windows = [600_000, *(moment.shape.window_ms for moment in self._ratios)]
        self.voices = Voices(max(windows))
        self._question: _Question | None = None
        self._told: dict[str, int] = {}  # moment → start of the cause that was told: once each

    def turn(self, turn: Turn, at_ms: int) -> list[ShapeMoment]:
        """Take a completed turn. Return the talk ratios that it tipped."""
        if turn.speaker is Speaker.PROSPECT:
            asks = is_question(turn.text)
            self._question = _Question(turn, topic_words(turn.text), at_ms) if asks else None
        else:
            self.own_side_spoke(turn.text)
        return self._tipped_ratios(turn, at_ms)

    def own_side_spoke(self, text: str) -> None:
        """Words of the rep or a colleague take up the open question, if they are about it."""
        question = self._question
        if question is not None and (
            question.topics & topic_words(text) or word_count(text) >= _ANSWER_WORDS
        ):
            self._question = None

    def pause(self, at_ms: int) -> None:
        """Nobody listens from now on: whatever was going on is not waited for."""
        self.voices.pause(at_ms)
        self._question = None

    def due_ms(self, at_ms: int) -> int | None:
        """When the next shape is complete if nothing changes until then."""
        pending = self._pending(at_ms)
        return min((due for m, start, due in pending if not self._was_told(m, start)), default=None)

    def tick(self, at_ms: int) -> list[ShapeMoment]:
        """Return the shapes that are complete now, each once."""
        found = []
        for moment, start_ms, due_ms in self._pending(at_ms):
            if due_ms <= at_ms and not self._was_told(moment, start_ms):
                self._told[moment.id] = start_ms
                found.append(self._shape(moment, start_ms, at_ms))
        return found

    def _pending(self, at_ms: int) -> list[tuple[Moment, int, int]]:
        pending = []
        for moment in self._monologues:
            start_ms = self.voices.floor_since(moment.speaker, at_ms)
            if start_ms is not None:
                pending.append((moment, start_ms, start_ms + moment.shape.after_ms))
        quiet_since = self.voices.last_voice_ms
        if self.voices.is_quiet and quiet_since is not None:
            pending += [(m, quiet_since, quiet_since + m.shape.after_ms) for m in self._silences]
        question = self._question
        if question is not None:
            asked_ms = question.asked_ms
            pending += [(m, asked_ms, asked_ms + m.shape.after_ms) for m in self._unanswered]
        return pending

    def _tipped_ratios(self, turn: Turn, at_ms: int) -> list[ShapeMoment]:
        found = []
        for moment in self._ratios:
            since_ms = at_ms - moment.shape.window_ms
            began_ms = self.voices.began_ms
            if began_ms is None or at_ms - began_ms < moment.shape.window_ms * _MIN_TALK_RATIO_SPAN:
                continue
            own = self.voices.talk_ms(moment.speaker, since_ms, at_ms)
            sides = (Speaker.REP, Speaker.PROSPECT)
            both = sum(self.voices.talk_ms(side, since_ms, at_ms) for side in sides)
            if both and own / both > moment.shape.ratio and turn.speaker is moment.speaker:
                found.append(self._shape(moment, max(since_ms, began_ms), at_ms))
        return found

    def _shape(self, moment: Moment, start_ms: int, end_ms: int) -> ShapeMoment:
        question = self._question
        if moment.when is When.UNANSWERED_QUESTION and question is not None:
            turn = question.turn
            start_ms, end_ms, quote = turn.start_ms, turn.end_ms, shortened(turn.text)
            return ShapeMoment(moment, turn.identity, turn.speaker, start_ms, end_ms, quote)
        return ShapeMoment(moment, "", moment.speaker, start_ms, end_ms)

    def _was_told(self, moment: Moment, start_ms: int) -> bool:
        return self._told.get(moment.id) == start_ms
