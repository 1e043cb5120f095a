"""The eye of a call: watches one screen share at a time and keeps what is worth keeping.

Frames are kept as JPEG, the newest few in memory and, with a trace, in files beside it.
Nothing is kept of a share that is muted, gone or not to be seen any more.
"""

import asyncio
import contextvars
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from livekit import rtc

from coach.adapters.livekit.backoff import Backoff
from coach.adapters.livekit.gaze import Gaze, Kept, OpenStream, open_stream
from coach.adapters.screen.files import FrameFiles
from coach.adapters.screen.frames import Frames
from coach.adapters.screen.glances import Luma
from coach.adapters.screen.text import TextReader
from coach.application.ports import Clock
from coach.domain.screen import Look, ScreenSampled

READ_PAUSE_SECONDS = 4.0
"""Words are read at most this often, of the newest picture: reading costs 0.3 s of a core."""

_log = logging.getLogger(__name__)

Post = Callable[[ScreenSampled], None]


@dataclass(frozen=True, slots=True)
class Sight:
    """What an eye needs of its surroundings."""

    clock: Clock
    post: Post
    files: FrameFiles | None = None
    """Where frames are kept with the trace; None: in memory only. Whoever made it closes it."""
    reader: TextReader | None = None
    """Reads the words on kept frames; None: they are not read. The eye closes it."""
    open_stream: OpenStream = open_stream


@dataclass(frozen=True, slots=True)
class _Unread:
    image: str
    fingerprint: int
    luma: Luma


class Eye:
    """Sees for as long as `running` is entered. Everything public runs on the event loop."""

    def __init__(self, around: Sight, thread: Executor | None = None) -> None:
        """Begin a call.

        Args:
            around: the call's.
            thread: studies frames, one at a time; None: one of its own. The eye ends it.
        """
        self._around = around
        self._frames = Frames()
        self._thread = thread or ThreadPoolExecutor(1, "coach.screen")
        self._tasks: asyncio.TaskGroup | None = None
        self._track: rtc.Track | None = None
        self._watching: asyncio.Task[None] | None = None
        self._gaze: Gaze | None = None
        self._hint = Look(is_talking=False)
        self._unread: _Unread | None = None
        self._has_unread = asyncio.Event()
        self._epoch = 0  # changes when words on their way are of no interest any more
        self._seen_before = 0
        self.sampled_count = 0
        """Frames that were kept, forgotten ones included."""

    @property
    def seen_count(self) -> int:
        """Frames that arrived."""
        return self._seen_before + (0 if self._gaze is None else self._gaze.seen_count)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Own the tasks until the block ends, then stop and forget what is in memory."""
        reader = self._around.reader
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks, reading = tasks, None
                if reader is not None:
                    reading = tasks.create_task(self._read(reader), name="coach.eye.text")
                try:
                    yield
                finally:
                    self.watch(None)
                    if reading is not None:
                        reading.cancel()
        finally:
            self._tasks = None
            self._thread.shutdown(wait=False, cancel_futures=True)
            if reader is not None:
                reader.close()
            self._frames.forget()

    def watch(self, track: rtc.Track | None) -> None:
        """Watch this track from now on; None: nothing is shared, or nothing may be seen."""
        if track is self._track:
            return
        self._track = track
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None
            self._drop_unread()
            self._around.post(ScreenSampled(None))
        if track is not None:
            assert self._tasks is not None, "entered by `running`"
            # An empty context hides the job's, as for ears.
            self._watching = self._tasks.create_task(
                self._watch(track), name="coach.eye", context=contextvars.Context()
            )

    def look(self, hint: Look) -> None:
        """Look more or less often; fine print is wanted once for each hint that says so."""
        self._hint = replace(hint, is_fine_print=False)
        if self._gaze is not None:
            self._gaze.look(hint)

    def frame(self, name: str) -> bytes | None:
        """Return a kept frame as JPEG, unless it is forgotten or too old."""
        return self._frames.get(name)

    def forget(self) -> None:
        """Delete every frame kept so far, in memory and on the disk.

        A share that is still watched is watched anew: a frame that is being encoded at this
        moment was seen before, and is not kept either.
        """
        track = self._track
        self.watch(None)
        self._frames.forget()
        if self._around.files is not None:
            self._around.files.erase()
        self.watch(track)

    def _drop_unread(self) -> None:
        self._unread = None
        self._epoch += 1

    async def _watch(self, track: rtc.Track) -> None:
        """Watch a track until it ends; a failure that nobody foresaw is tried again later."""
        backoff, around = Backoff(), self._around
        while True:
            gaze = Gaze(track, around.clock, self._thread, self._keep, around.open_stream)
            gaze.look(self._hint)
            self._gaze = gaze
            try:
                await gaze.run()
                return
            except Exception as error:
                _log.error("eye failed", extra={"error_type": type(error).__name__})
            finally:
                self._seen_before += gaze.seen_count
                if self._gaze is gaze:
                    self._gaze = None
            await asyncio.sleep(backoff.next_seconds())

    def _keep(self, kept: Kept) -> None:
        self.sampled_count += 1
        name, fingerprint = f"f-{self.sampled_count:06d}.jpg", kept.glance.fingerprint
        self._frames.put(name, kept.jpeg)
        if self._around.files is not None:
            self._around.files.save(name, kept.jpeg)
        self._around.post(ScreenSampled(name, fingerprint, kept.change))
        if self._around.reader is not None:
            self._unread = _Unread(name, fingerprint, kept.luma)
            self._has_unread.set()

    async def _read(self, reader: TextReader) -> None:
        """Read the words of the newest frame, again and again; those between are passed over."""
        loop = asyncio.get_running_loop()
        while True:
            await self._has_unread.wait()
            self._has_unread.clear()
            unread, epoch = self._unread, self._epoch
            if unread is None:
                continue
            words = await loop.run_in_executor(reader.thread, reader.read, unread.luma)
            if words is not None and epoch == self._epoch:
                self._around.post(ScreenSampled(unread.image, unread.fingerprint, 0.0, words))
            del unread  # a frame's brightness is two megabytes
            await asyncio.sleep(READ_PAUSE_SECONDS)
