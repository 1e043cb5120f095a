"""One request to a model that gave no usable answer, and whether another try may help."""

from typing import Final

TIMEOUT: Final = "timeout"
REFUSED: Final = "refused"
BUSY: Final = "busy"
BROKEN: Final = "broken"
NONSENSE: Final = "nonsense"
BREAKER: Final = "breaker"
FULL: Final = "full"


class AttemptFailed(Exception):
    """No usable answer to one request. Holds a code of `AdvisorFailed`, never anybody's text.

    Args:
        code: see `coach.application.ports.AdvisorFailed`.
        again_seconds: the same request may be tried once more after so long; None: it may not.
        is_its_fault: whether it counts against the endpoint.
    """

    def __init__(
        self, code: str, *, again_seconds: float | None = None, is_its_fault: bool = True
    ) -> None:
        super().__init__(code)
        self.code = code
        self.again_seconds = again_seconds
        self.is_its_fault = is_its_fault


def nonsense() -> AttemptFailed:
    """Return the failure of an answer that has not the agreed form; the endpoint works."""
    return AttemptFailed(NONSENSE, is_its_fault=False)
