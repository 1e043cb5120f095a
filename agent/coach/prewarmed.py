"""The worker's engines, built when this module is first imported.

The forkserver imports it before it forks the first job process (`preload_modules`), so all of
them share one copy: some 50 MB and a second less for each. Where processes are spawned instead,
each builds its own at prewarm. Either way a worker coaches by the playbook that it began with.
"""

import importlib

from coach.adapters.livekit.audio import open_voice_detector
from coach.adapters.playbook.files import load_playbook
from coach.adapters.providers.profiles import Profiles
from coach.calling import Worker
from coach.domain.knowledge import Knowledge
from coach.engines import build, knowledge_of, teach_ahead
from coach.errors import CoachError
from coach.settings import Settings


def new_worker(settings: Settings) -> Worker:
    """Return what all calls of this process share, inherited from the forkserver if there is one.

    Raises:
        PlaybookError: the playbook cannot be used; names file and line.
    """
    return Worker(settings, _INHERITED or build(settings.playbook), open_voice_detector())


def _try_to_build() -> Knowledge | None:
    """Build now; what is wrong is said at prewarm, where somebody hears it."""
    try:
        settings = Settings.from_env()
        _rehearse_models(settings)
        folder = settings.playbook
        playbook = load_playbook(folder)
        teach_ahead(folder, playbook)
        return knowledge_of(playbook)
    except CoachError:
        return None


def _rehearse_models(settings: Settings) -> None:
    """Let the processes share what talks to models, if a call may need it now."""
    if any(profile.llm for profile in Profiles(settings).all()):
        importlib.import_module("coach.adapters.models.rehearsal").rehearse()


_INHERITED = _try_to_build()
