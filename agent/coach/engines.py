"""Playbook and engines, built together: what all calls of a process share."""

from dataclasses import dataclass
from pathlib import Path

from coach.adapters.matching import CardIndex, PhraseMatcher
from coach.adapters.playbook.files import load_playbook
from coach.domain.call import Call
from coach.domain.job import Job
from coach.domain.matching import CardSearch, Matcher
from coach.domain.playbook import Playbook


@dataclass(frozen=True, slots=True)
class Engines:
    """What all calls share. Nothing of it ever changes."""

    playbook: Playbook
    matcher: Matcher
    cards: CardSearch

    def call(self, job: Job, run: str, *, turns_given: bool) -> Call:
        """Make the state machine of one call."""
        return Call(
            job=job,
            playbook=self.playbook,
            matcher=self.matcher,
            cards=self.cards,
            run=run,
            turns_given=turns_given,
        )


def build(folder: Path) -> Engines:
    """Load a playbook and build its engines.

    Raises:
        PlaybookError: it cannot be used; names file and line.
    """
    playbook = load_playbook(folder)
    return Engines(playbook, PhraseMatcher.build(playbook), CardIndex.build(playbook))
