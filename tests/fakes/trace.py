"""A trace that keeps events and outputs as they are."""

from collections.abc import Mapping

from coach.domain.events import Event
from coach.domain.outputs import Output
from coach.domain.records import Decision


class RecordingTrace:
    """Implements `Trace`. `lost_count` is the test's to set."""

    def __init__(self) -> None:
        self.events: list[tuple[int, Event]] = []
        self.outputs: list[tuple[int, Output]] = []
        self.erased_count = 0
        self.lost_count = 0
        self.meters: list[dict[str, int]] = []

    def event(self, at_ms: int, event: Event) -> None:
        self.events.append((at_ms, event))

    def output(self, at_ms: int, output: Output, spent_us: int) -> None:
        self.outputs.append((at_ms, output))

    def erase(self) -> None:
        self.erased_count += 1
        self.events.clear()
        self.outputs.clear()

    async def aclose(self, meters: Mapping[str, int]) -> None:
        self.meters.append(dict(meters))

    @property
    def decisions(self) -> list[Decision]:
        """The decisions kept, in order."""
        return [output for _, output in self.outputs if isinstance(output, Decision)]
