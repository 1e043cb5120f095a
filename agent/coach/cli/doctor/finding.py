"""What the doctor says of one thing that it looked at."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum

from coach.settings import Settings

ANSWER_SECONDS = 5.0
"""What does not answer within this is not there."""


class Code(IntEnum):
    """Exit codes of `coach doctor`; 0: nothing stops a call."""

    OK = 0
    SETTINGS = 2
    LIBRARIES = 10
    PLAYBOOK = 11
    SERVER = 12
    KEY = 13
    RECOGNISER = 14
    PORT = 15
    WORKER = 16
    REP_CLIENT = 17
    RIGHTS = 18


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    seen: str
    remedy: str = ""
    code: Code = Code.OK
    is_blocking: bool = True

    def __post_init__(self) -> None:
        """Refuse to say that something is amiss, and not what to do about it."""
        if not (self.is_good or self.remedy):
            raise ValueError(f"a finding about {self.what} needs a remedy")

    @property
    def is_good(self) -> bool:
        """Whether nothing has to be done."""
        return self.code is Code.OK


@dataclass(frozen=True, slots=True)
class Check:
    """A look at one thing."""

    what: str
    code: Code
    """Of the finding when the look itself fails."""
    look: Callable[[Settings], Awaitable[Finding]]

    async def finding(self, settings: Settings) -> Finding:
        """Look. Whatever goes wrong is a finding too: the other checks still have to be made.

        Of an error that nobody expected only the kind is told; its text may hold anything.
        """
        try:
            return await self.look(settings)
        except Exception as error:
            seen = f"could not be looked at ({type(error).__name__})"
            remedy = "report this line: the doctor met what it does not know"
            return Finding(self.what, seen, remedy, self.code)
