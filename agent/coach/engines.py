"""The playbook and its engines, built together: what all calls of a process share."""

from pathlib import Path

from coach.adapters.matching import CardIndex, PhraseMatcher
from coach.adapters.playbook.files import load_playbook
from coach.adapters.search import PassageIndex
from coach.domain.knowledge import Knowledge
from coach.domain.playbook import Playbook
from coach.domain.screen import read_on_screen


def build(folder: Path) -> Knowledge:
    """Load a playbook and build its engines.

    Raises:
        PlaybookError: it cannot be used; names file and line.
    """
    return knowledge_of(load_playbook(folder))


def knowledge_of(playbook: Playbook) -> Knowledge:
    """Build the engines of a playbook that is loaded."""
    return Knowledge(
        playbook=playbook,
        matcher=PhraseMatcher.build(playbook),
        cards=CardIndex.build(playbook),
        passages=PassageIndex.build(playbook),
        screen_matcher=PhraseMatcher.build(read_on_screen(playbook)),
    )
