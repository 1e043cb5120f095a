"""The playbook and its engines, built together: what all calls of a process share.

`python -m coach.engines FOLDER` learns what a playbook's moments mean, if that was not done yet on
this machine: whoever starts several processes lets it run once before.
"""

import ctypes
import logging
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from coach.adapters.matching import CardIndex, PhraseMatcher
from coach.adapters.matching.teaching import is_taught, teach
from coach.adapters.playbook.files import load_playbook
from coach.adapters.search import PassageIndex
from coach.domain.knowledge import Knowledge
from coach.domain.playbook import Playbook, Sentences, Speaker
from coach.domain.screen import read_on_screen

LEARNING = "learning what the playbook's moments mean (once; two or three minutes) …"
"""What a person is told who waits for it."""


def build(folder: Path) -> Knowledge:
    """Load a playbook and build its engines.

    Raises:
        PlaybookError: it cannot be used; names file and line.
    """
    return knowledge_of(load_playbook(folder))


def knowledge_of(playbook: Playbook) -> Knowledge:
    """Build the engines of a playbook that is loaded."""
    matcher = PhraseMatcher.build(playbook)
    playbook = _without_lessons(playbook)
    knowledge = Knowledge(
        playbook=playbook,
        matcher=matcher,
        cards=CardIndex.build(playbook),
        passages=PassageIndex.build(playbook),
        screen_matcher=PhraseMatcher.build(read_on_screen(playbook)),
    )
    _give_memory_back()
    return knowledge


def teach_ahead(folder: Path, playbook: Playbook) -> None:
    """Learn what a playbook's moments mean in a process of its own, unless that was done.

    Takes a minute for thousands of examples, and much memory, which goes with that process.

    Args:
        playbook: what was loaded from the folder.
    """
    if not is_taught(playbook):
        _log.info("learning what the playbook's moments mean, once for this version of it")
        subprocess.run([sys.executable, "-m", "coach.engines", str(folder)], check=False)


_log = logging.getLogger(__name__)


def _without_lessons(playbook: Playbook) -> Playbook:
    """Leave out the sentences that only teach: tens of thousands, and they have done so."""
    moments = {name: replace(moment, bulk=Sentences()) for name, moment in playbook.moments.items()}
    return replace(playbook, moments=moments)


def _give_memory_back() -> None:
    """Hand what loading and learning needed back to the system: glibc keeps it otherwise."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _main(folder: Path) -> None:
    playbook = load_playbook(folder)
    if not is_taught(playbook):
        sys.stderr.write(f"{LEARNING}\n")
        for speaker in Speaker:
            teach(playbook, speaker, workers=os.cpu_count() or 1)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
