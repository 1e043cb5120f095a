"""The outside as the application sees it. Adapters implement these, tests fake them."""

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Protocol

from coach.domain.advice import AdviceRequest, Cost, Counsel, ToolCall
from coach.domain.events import Event
from coach.domain.job import ConsentState, Job
from coach.domain.nudge import Nudge
from coach.domain.outputs import Output, Status
from coach.domain.screen import Look

EventSink = Callable[[Event], None]
"""Takes an event at once; never blocks, never raises. Called on the event loop's thread."""


class Room(Protocol):
    """The call's participants, their microphones, and the rep's shared screen."""

    def listen(self, identities: frozenset[str]) -> None:
        """Hear exactly these identities' microphones: the others are closed and unsubscribed."""
        ...

    def watch(self, is_on: bool) -> None:
        """See the rep's screen share, or neither subscribe to it nor keep a frame of it."""
        ...

    def look(self, hint: Look) -> None:
        """Change how closely the share is watched."""
        ...

    def frame(self, name: str) -> bytes | None:
        """Return a frame's JPEG while it is still kept."""
        ...

    def forget_frames(self) -> None:
        """Delete every frame kept so far, on disk too."""
        ...

    def meters(self) -> Mapping[str, int]:
        """Return how many frames were seen, and how many of them were sampled."""
        ...


class PanelUnanswered(Exception):
    """An attempt to reach the rep's client failed. `code` is the RPC error's code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"rep's client did not answer (RPC error {code})")
        self.code = code


class Panel(Protocol):
    """The rep's client. Nobody else can be reached through it."""

    async def nudge(self, nudge: Nudge) -> str:
        """Show a nudge and return the client's reply.

        Raises:
            PanelUnanswered: no answer within 1 s of round trip or 2 s in all, or an error.
        """
        ...

    async def hello(self, at_ms: int, consent: ConsentState) -> bool:
        """Introduce the call. Return whether the client answered or refused (both end it)."""
        ...

    async def status(self, at_ms: int, status: Status) -> None:
        """Show a status. Failure is normal: a client need not register the method."""
        ...


class AdvisorFailed(Exception):
    """A question got no usable answer. `code` is a stable word, never a provider's text.

    Codes: `timeout`, `refused` (4xx), `busy` (429), `broken` (5xx, connection, cut stream),
    `nonsense` (not the agreed form), `breaker` (not even asked), `full` (too many in flight).
    """

    def __init__(self, code: str) -> None:
        super().__init__(f"advisor gave no answer ({code})")
        self.code = code


class Advisor(Protocol):
    """The model. Cancelling the iteration stops its tokens at once."""

    def connect_ahead(self) -> None:
        """Connect in the background, sending nothing of the call. Failures show later."""
        ...

    def ask(
        self, request: AdviceRequest, image: bytes | None, seconds: float
    ) -> AsyncGenerator[tuple[Counsel, Cost], None]:
        """Yield the answer when its headline is complete, and again when it is at its end.

        Args:
            request: the question.
            image: JPEG to attach, if any.
            seconds: until the headline is wanted; retries and fallbacks must fit into them.
                The rest of the answer may take two seconds more.

        Raises:
            AdvisorFailed: no usable answer.
        """
        ...

    async def summarise(self, text: str, seconds: float) -> str:
        """Return a shorter telling of what was said, at most 120 tokens.

        Raises:
            AdvisorFailed: no usable answer, or no model for it.
        """
        ...

    def meters(self) -> Mapping[str, int]:
        """Return `text_tokens` and `vision_tokens`, spent on whatever became of the questions."""
        ...


class ToolFailed(Exception):
    """A tool found nothing out. `code` is a stable word, never an outside system's text."""

    def __init__(self, code: str) -> None:
        super().__init__(f"tool failed ({code})")
        self.code = code


class ToolBox(Protocol):
    """Looks things up, and writes what the rep has approved. Account and rep are bound to it."""

    async def run(self, call: ToolCall, *, is_approved: bool) -> str:
        """Return what the tool found, as text for the model. Each has its own deadline.

        Raises:
            ToolFailed: nothing was found out, or written.
        """
        ...


class Trace(Protocol):
    """What is kept of a call. Writing never blocks and may lose lines, counted."""

    def event(self, at_ms: int, event: Event) -> None:
        """Keep an input line."""
        ...

    def output(self, at_ms: int, output: Output, spent_us: int) -> None:
        """Keep an output line."""
        ...

    def erase(self) -> None:
        """Remove every word, quote and hint kept so far."""
        ...

    @property
    def lost_count(self) -> int:
        """Lines lost to a slow or full disk."""
        ...

    async def aclose(self, meters: Mapping[str, int]) -> None:
        """Write the last line, flush, close. Safe to call twice."""
        ...


class Clock(Protocol):
    """The call's clock."""

    def now_ms(self) -> int:
        """Return whole milliseconds since the job's entrypoint began; never goes back."""
        ...


JobParser = Callable[[str], Job]
"""Reads job metadata; raises `coach.errors.MetadataError` naming the field."""
