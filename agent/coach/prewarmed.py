"""The worker's engines, built when this module is first imported.

The forkserver imports it before it forks the first job process (`preload_modules`), so all of
them share one copy: some 50 MB and a second less for each. Where processes are spawned instead,
each builds its own at prewarm. Either way a worker coaches by the playbook that it began with.
"""

from coach.adapters.playbook.files import load_playbook
from coach.domain.knowledge import Knowledge
from coach.engines import build, knowledge_of, teach_ahead
from coach.errors import CoachError
from coach.settings import Settings


def knowledge() -> Knowledge:
    """Return this process's knowledge, inherited from the forkserver where there is one.

    Raises:
        ConfigError: the environment is wrong; names the variable.
        PlaybookError: the playbook cannot be used; names file and line.
    """
    return _INHERITED or build(Settings.from_env().playbook)


def _try_to_build() -> Knowledge | None:
    """Build now; what is wrong is said at prewarm, where somebody hears it."""
    try:
        folder = Settings.from_env().playbook
        playbook = load_playbook(folder)
        teach_ahead(folder, playbook)
        return knowledge_of(playbook)
    except CoachError:
        return None


_INHERITED = _try_to_build()
