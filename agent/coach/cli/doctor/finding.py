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


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    seen: str
    remedy: str = ""
    code: Code = Code.OK
    is_blocking: bool = True

    @property
    def is_good(self) -> bool:
        """Whether nothing has to be done."""
        return self.code is Code.OK


Check = Callable[[Settings], Awaitable[Finding]]
