"""Every error of ours: a stable code for programs and a message for a person.

Adapters translate outside errors into these (`raise … from error`, or `from None` where the
original may hold speech or keys). No message holds speech, names or authored text: it may be
logged.
"""

from collections.abc import Iterable
from typing import ClassVar


class CoachError(Exception):
    """Anything that went wrong and that we know by name."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message


class ConfigError(CoachError):
    """A bad setting: start refuses, exit code 2."""

    code = "config"

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable}: {problem}")
        self.args = (variable, problem)  # so that it pickles between processes
        self.variable = variable


class MetadataError(CoachError):
    """Job metadata that does not validate: the job is rejected, the worker goes on."""

    code = "metadata"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.args = (field, problem)
        self.field = field


class PlaybookError(CoachError):
    """A playbook that cannot be used: start refuses and names all that is wrong.

    Args:
        problems: one line each, `file:line: field: what is wrong, what would be right`.
    """

    code = "playbook"

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        title = "1 problem" if count == 1 else f"{count} problems"
        super().__init__("\n  ".join((f"the playbook has {title}:", *self.problems)))
        self.args = (self.problems,)


class ProviderError(CoachError):
    """A recogniser or another outside service failed."""

    code = "provider"


class ReplayError(CoachError):
    """A recorded call that cannot be replayed: the other files go on, exit code 2 at the end.

    Args:
        line: counted from 1; None when the file as a whole is at fault.
    """

    code = "replay"

    def __init__(self, file: str, line: int | None, problem: str) -> None:
        super().__init__(f"{file}:{line}: {problem}" if line else f"{file}: {problem}")
        self.args = (file, line, problem)
        self.file = file
        self.line = line
