"""Which services a job gets: its profile, from the file as it is now.

A worker does not start with a bad file. A file that goes bad later takes no call down: jobs keep
the last good one that their process has seen, at the oldest the one of the worker's start, which
every job process inherits. No job ever gets another profile than it named: speech must not reach
a service that nobody chose for it.
"""

import logging
import multiprocessing
import sys
from collections.abc import Mapping
from types import MappingProxyType

from coach.adapters.profile import DEFAULT, ModelEndpoint, Profile
from coach.adapters.providers.files import VARIABLE, read_names, read_profiles
from coach.domain.job import Job
from coach.errors import ConfigError, MetadataError
from coach.settings import BAD_CONFIGURATION, Settings

OPENAI_URL = "https://api.openai.com/v1"
FIELD = "providers"

_log = logging.getLogger(__name__)


class Profiles:
    """Reads the file anew whenever it is asked, and keeps the last good one."""

    def __init__(self, settings: Settings) -> None:
        """Read the file for the first time. Blocks while it reads.

        Raises:
            ConfigError: it cannot be used.
        """
        self._settings = settings
        self._last_problem = ""
        self._good = self._read()

    def of(self, name: str) -> Profile:
        """Return a profile as the file has it now. Blocks while it reads.

        Raises:
            MetadataError: there is none of this name.
        """
        try:
            self._good = self._read()
            self._last_problem = ""
        except ConfigError as error:
            self._warn(str(error))
        profile = self._good.get(name)
        if profile is None:
            raise _unknown(self._good)
        return profile

    def all(self) -> list[Profile]:
        """Return the profiles of the last good file, by name."""
        return [self._good[name] for name in sorted(self._good)]

    def checked(self, job: Job) -> Job:
        """Return a job whose profile there is.

        Raises:
            MetadataError: there is none of this name.
        """
        self.of(job.providers)
        return job

    def _read(self) -> Mapping[str, Profile]:
        built_in = {DEFAULT: profile_of(self._settings)}
        if self._settings.providers is None:
            return MappingProxyType(built_in)
        return MappingProxyType(built_in | dict(read_profiles(self._settings.providers)))

    def _warn(self, problem: str) -> None:
        if problem != self._last_problem:
            self._last_problem = problem
            _log.warning("providers file is bad: the last good one stays", extra={"why": problem})


def open_profiles_or_exit(settings: Settings) -> Profiles:
    """Read the profiles; a bad file stops the worker with one line and exit code 2.

    Raises:
        ConfigError: the same in a process that the worker has started: the worker tells it.
    """
    try:
        return Profiles(settings)
    except ConfigError as error:
        if multiprocessing.parent_process() is not None:
            raise
        sys.stderr.write(f"{error}\n")
        raise SystemExit(BAD_CONFIGURATION) from None


def profile_of(settings: Settings) -> Profile:
    """Return the profile that the settings' variables describe."""
    if settings.llm_model is None:
        return Profile(DEFAULT)
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    endpoint = ModelEndpoint(settings.llm_base_url or OPENAI_URL, settings.llm_model, key)
    return Profile(DEFAULT, llm=(endpoint,))


def check_name(settings: Settings, name: str) -> None:
    """See that the file has a profile, where there is a file; keys need not be set here.

    Raises:
        ConfigError: the file cannot be used.
        MetadataError: there is none of this name.
    """
    if settings.providers is not None:
        names = read_names(settings.providers) | {DEFAULT}
        if name not in names:
            raise _unknown(names)


def _unknown(names: Mapping[str, Profile] | frozenset[str]) -> MetadataError:
    return MetadataError(FIELD, f"must be a profile of {VARIABLE}: {', '.join(sorted(names))}")
