"""Keeps the rep's client told: one nudge at a time, the newest status, hello until answered."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from coach.application.ports import Clock, EventSink, Panel, PanelUnanswered
from coach.domain.events import Ack
from coach.domain.job import ConsentState
from coach.domain.nudge import Nudge
from coach.domain.outputs import Status

HELLO_EVERY_SECONDS = 1.0
FLUSH_SECONDS = 1.5
"""How long an ending call waits for its last status and the answer to its last nudge."""

T = TypeVar("T")


class Latest(Generic[T]):
    """A queue of one: a newer value replaces the one that waits."""

    def __init__(self) -> None:
        self._value: T | None = None
        self._is_set = asyncio.Event()
        self._is_idle = asyncio.Event()
        self._is_idle.set()
        self._is_taken = False

    def put(self, value: T) -> None:
        """Replace what waits."""
        self._value = value
        self._is_set.set()
        self._is_idle.clear()

    def drop(self) -> None:
        """Take back what waits."""
        self._value = None
        self._is_set.clear()
        if not self._is_taken:
            self._is_idle.set()

    async def get(self) -> T:
        """Wait for a value. The taker says `done` when it has dealt with it."""
        while self._value is None:  # what was put may be dropped before the taker wakes
            await self._is_set.wait()
        value = self._value
        self._is_taken = True
        self.drop()
        return value

    @property
    def has_news(self) -> bool:
        """Whether a value waits."""
        return self._is_set.is_set()

    def done(self) -> None:
        """What was taken is dealt with."""
        self._is_taken = False
        if not self.has_news:
            self._is_idle.set()

    async def idle(self) -> None:
        """Wait until everything put was taken and dealt with."""
        await self._is_idle.wait()


class Telling:
    """Three tasks of one call, one for each kind of message to the rep's client."""

    def __init__(self, panel: Panel, clock: Clock, post: EventSink) -> None:
        self._panel, self._clock, self._post = panel, clock, post
        self._nudges: Latest[Nudge] = Latest()  # the call hands on one at a time: never full
        self._statuses: Latest[Status] = Latest()
        self._hellos: Latest[ConsentState] = Latest()
        self._consent = ConsentState.PENDING  # as of the newest status or hello
        self._last_status: Status | None = None

    def start(self, tasks: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """Start the tasks; the group owns them."""
        loops: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "nudge": self._send_nudges,
            "status": self._send_statuses,
            "hello": self._send_hellos,
        }
        return [tasks.create_task(run(), name=f"coach.telling.{n}") for n, run in loops.items()]

    def nudge(self, nudge: Nudge) -> None:
        """Send a nudge; its result is posted as an `Ack`."""
        self._nudges.put(nudge)

    def forget(self) -> None:
        """Take back a nudge that was not sent yet: what caused it must be forgotten."""
        self._nudges.drop()

    def status(self, status: Status) -> None:
        """Send a status, unless a newer one comes before this one's turn."""
        self._consent = status.consent
        self._last_status = status
        self._statuses.put(status)

    def hello(self, consent: ConsentState) -> None:
        """Say hello until it is answered, each time with the newest state of consent."""
        self._consent = consent
        self._hellos.put(consent)

    async def flush(self) -> None:
        """Wait for the last status to go out and for the last nudge's answer, not for long."""
        try:
            async with asyncio.timeout(FLUSH_SECONDS):
                await self._statuses.idle()
                await self._nudges.idle()
        except TimeoutError:
            pass

    async def _send_nudges(self) -> None:
        while True:
            nudge = await self._nudges.get()
            try:
                reply = await self._panel.nudge(nudge)
            except PanelUnanswered as error:
                self._post(Ack(nudge.id, nudge.rev, None, error.code))
            else:
                self._post(Ack(nudge.id, nudge.rev, reply))
            self._nudges.done()

    async def _send_statuses(self) -> None:
        while True:
            status = await self._statuses.get()
            await self._panel.status(self._clock.now_ms(), status)
            self._statuses.done()

    async def _send_hellos(self) -> None:
        while True:
            await self._hellos.get()
            while not await self._panel.hello(self._clock.now_ms(), self._consent):
                await asyncio.sleep(HELLO_EVERY_SECONDS)
                if self._hellos.has_news:
                    break
            else:
                self._repeat_status()
            self._hellos.done()

    def _repeat_status(self) -> None:
        """A client that has only now answered has missed the statuses before."""
        if self._last_status is not None:
            self._statuses.put(self._last_status)
