"""The bounded queue between everything that happens in a call and the one task that decides."""

import asyncio
from collections import deque
from dataclasses import dataclass

from coach.domain.events import Control, Ended, Event, SpeakingChanged, Transcript
from coach.domain.outputs import Answer

INBOX_LIMIT = 1_000
"""Events that may wait: some twenty seconds of a lively call."""


@dataclass(frozen=True, slots=True)
class Item:
    """An event and when it came."""

    at_ms: int
    event: Event
    arrived_ns: int
    """`time.perf_counter_ns` at arrival, to measure the time that deciding took."""
    answer: asyncio.Future[Answer] | None = None


class Inbox:
    """First in, first out. When full, the oldest event that a later one supersedes makes room.

    Partials and voice activity are superseded by what follows them; finals, orders and
    departures are not. With nothing to give up, the newcomer is lost and counted, unless it is
    an order of the rep or the end: those are few, and never lost.
    """

    def __init__(self, limit: int = INBOX_LIMIT) -> None:
        self._limit = limit
        self._items: deque[Item] = deque()
        self._arrived = asyncio.Event()
        self.lost_count = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._items

    def put(self, item: Item) -> bool:
        """Add an item. Return whether it found room."""
        is_full = len(self._items) >= self._limit and not self._make_room()
        if is_full and not isinstance(item.event, Control | Ended):
            self.lost_count += 1
            return False
        self._items.append(item)
        self._arrived.set()
        return True

    async def get(self, timeout_seconds: float | None) -> Item | None:
        """Return the next item, or None when none came in time."""
        if not self._items:
            self._arrived.clear()
            try:
                async with asyncio.timeout(timeout_seconds):
                    await self._arrived.wait()
            except TimeoutError:
                return None
        return self._items.popleft()

    def _make_room(self) -> bool:
        for item in self._items:
            if _is_superseded(item.event):
                self._items.remove(item)
                self.lost_count += 1
                return True
        return False


def _is_superseded(event: Event) -> bool:
    is_partial = isinstance(event, Transcript) and not event.is_final
    return is_partial or isinstance(event, SpeakingChanged)
