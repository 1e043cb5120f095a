"""Writes the questions to the model, each on what is known at its time."""

from dataclasses import dataclass, replace
from typing import Protocol

from coach.domain.advice import AdviceRequest
from coach.domain.backpressure import Flight
from coach.domain.playbook import Playbook
from coach.domain.prompting import (
    MAX_TOKENS_IN,
    OVERHEAD_TOKENS,
    Background,
    Fresh,
    advised_moments,
    fresh_part,
    stable_part,
)
from coach.domain.tokens import tokens
from coach.domain.tools import ACCOUNT_CONTEXT, Lookups
from coach.domain.turns import Turn
from coach.domain.window import Utterances

_PICTURED = 3
"""So many of the newest utterances may call for a picture, each for one question only."""


class Pictures(Protocol):
    """The frames of the rep's screen, by name."""

    def frame_for(self, text: str, at_ms: int) -> str | None:
        """Return the frame that these words need now, if any; it counts as sent."""
        ...

    def give_back(self) -> None:
        """The question with the frame given last was called back."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """What a question in flight rests on."""

    turn: Turn
    from_ms: int
    """When the talk began that it is about."""
    fresh: Fresh
    passages: tuple[str, ...]
    tools: tuple[str, ...] = ()


class Questions:
    """The questions of one call. Their stable part is written once."""

    def __init__(
        self, playbook: Playbook, utterances: Utterances, pictures: Pictures, lookups: Lookups
    ) -> None:
        self._playbook, self._utterances = playbook, utterances
        self._pictures, self._lookups = pictures, lookups
        self._moments = advised_moments(playbook)
        self._stages = tuple(stage.id for stage in playbook.stages)
        self._stable: str | None = None
        self._is_dossier_stable = False  # else it came later, and is told with what is new
        self._asked = 0  # number of the newest utterance that was asked about
        self._before = (0, False)  # the same before the newest question, and its picture
        self._from_ms = 0  # when the talk began that the newest question is about …
        self._owed_from_ms: int | None = None  # … and that whose question was called back

    def write(
        self, flight: Flight, turn: Turn, background: Background
    ) -> tuple[AdviceRequest, Question]:
        """Return a question about a turn, and what it rests on."""
        stable, looked_up = self._stable_part(), self._lookups.results()
        self._from_ms = self._begin_ms(turn)
        if self._lookups.dossier and not self._is_dossier_stable:
            looked_up.insert(0, (ACCOUNT_CONTEXT.name, self._lookups.dossier))
        room = MAX_TOKENS_IN - OVERHEAD_TOKENS - tokens(stable)
        told = replace(background, looked_up=tuple(looked_up))
        fresh = fresh_part(self._utterances, told, room)
        request = AdviceRequest(
            turn_at_ms=flight.turn_at_ms,
            round=flight.round,
            deadline_ms=flight.deadline_ms,
            stable=stable,
            fresh=fresh.text,
            moments=tuple(moment.id for moment in self._moments),
            stages=self._stages,
            may_use_tools=flight.round == 1,
            image=self._picture(flight) if flight.round == 1 else None,
        )
        passages = tuple(found.id for found in background.passages)
        tools = tuple(name for name, _ in looked_up)
        return request, Question(turn, self._from_ms, fresh, passages, tools)

    def give_back(self) -> None:
        """The newest question was called back: its words and picture go with the next one."""
        self._owed_from_ms = self._from_ms
        self._asked, had_picture = self._before
        if had_picture:
            self._pictures.give_back()

    def _begin_ms(self, turn: Turn) -> int:
        """Return when the talk began: with turns that were asked about in vain, if there are."""
        owed_from_ms, self._owed_from_ms = self._owed_from_ms, None
        return turn.start_ms if owed_from_ms is None else min(owed_from_ms, turn.start_ms)

    def _stable_part(self) -> str:
        if self._stable is None:
            dossier = self._lookups.dossier
            self._stable = stable_part(self._playbook, self._moments, dossier)
            self._is_dossier_stable = bool(dossier)
        return self._stable

    def _picture(self, flight: Flight) -> str | None:
        """Return the picture that the words since the last question need."""
        lines = [line for line in self._utterances.newest(_PICTURED) if line[0] > self._asked]
        recent = " ".join(said.text for _, said in lines)
        image = self._pictures.frame_for(recent, flight.turn_at_ms)
        self._before = (self._asked, image is not None)
        self._asked = max((number for number, _ in lines), default=self._asked)
        return image
