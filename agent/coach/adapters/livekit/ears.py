"""The ears of a call: one task for each microphone that is heard, all owned here."""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from livekit import rtc

from coach.adapters.livekit.ear import Ear

FADE_SECONDS = 3.0
"""How long an ear whose track has ended may wait for its last words."""

OpenEar = Callable[[str, rtc.Track], Ear]
"""Makes the ear for an identity's track."""


class Ears:
    """Begins and ends ears so that exactly the given tracks are heard."""

    def __init__(self, open_ear: OpenEar) -> None:
        self._open_ear = open_ear
        self._tasks: asyncio.TaskGroup | None = None
        self._heard: dict[str, tuple[Ear, asyncio.Task[None]]] = {}
        self._fading: dict[asyncio.Task[None], tuple[str, Ear]] = {}

    @property
    def count(self) -> int:
        """How many tracks are heard."""
        return len(self._heard)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Own the tasks until the block ends."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            try:
                yield
            finally:
                self.hear({}, may_fade=frozenset())

    def hear(self, tracks: Mapping[str, rtc.Track], *, may_fade: frozenset[str]) -> None:
        """Hear exactly these tracks, by identity.

        Args:
            tracks: what is heard from now on.
            may_fade: identities that are still listened to. If the track of one is gone, what
                was said before may still be recognised; every other ear falls silent at once.
        """
        for task, (identity, ear) in self._fading.items():
            if identity not in may_fade:
                _silence(ear, task)
        for identity, (ear, task) in list(self._heard.items()):
            if tracks.get(identity) is not ear.track:
                del self._heard[identity]
                if identity in may_fade:
                    self._fade(identity, ear, task)
                else:
                    _silence(ear, task)
        for identity in tracks.keys() - self._heard.keys():
            self._begin(identity, tracks[identity])

    def _begin(self, identity: str, track: rtc.Track) -> None:
        assert self._tasks is not None, "entered by `running`"
        ear = self._open_ear(identity, track)
        # An empty context hides the job's: see `ear`.
        task = self._tasks.create_task(ear.run(), name="coach.ear", context=contextvars.Context())
        self._heard[identity] = (ear, task)
        task.add_done_callback(self._on_done)

    def _fade(self, identity: str, ear: Ear, task: asyncio.Task[None]) -> None:
        self._fading[task] = (identity, ear)
        ear.finish()
        asyncio.get_running_loop().call_later(FADE_SECONDS, task.cancel)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._fading.pop(task, None)
        # An ear whose track has ended stays in `_heard` until the room says that it has gone, so
        # that it is not begun again on the same track.


def _silence(ear: Ear, task: asyncio.Task[None]) -> None:
    ear.stop_posting()
    task.cancel()
