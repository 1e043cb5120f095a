"""Which jobs this worker takes, and how full it says it is.

The server's own rule for a full worker guesses the load of jobs that are on their way; with one
warm process and no call yet it takes the first job for a full worker and loses the second one of
a burst. So the worker is never full in the framework's eyes (`load_threshold` infinite), reports
its true load, and refuses here: the server then asks another worker.
"""

import logging
from collections.abc import Callable, Iterable

from livekit.agents import JobRequest

from coach.application.ports import JobParser
from coach.domain.job import AGENT_IDENTITY_PREFIX
from coach.errors import MetadataError

AGENT_DISPLAY_NAME = "Call assistant"

_log = logging.getLogger(__name__)


class Admission:
    """Counts the calls of this worker, those on their way included."""

    def __init__(
        self, *, max_calls: int, parse_job: JobParser, active_job_ids: Callable[[], Iterable[str]]
    ) -> None:
        self._max_calls, self._parse_job = max_calls, parse_job
        self._active_job_ids = active_job_ids
        self._arriving: set[str] = set()  # accepted, not yet running; drained in `_accept`

    @property
    def load(self) -> float:
        """Calls over capacity, from 0 to 1."""
        return min(1.0, self._call_count / self._max_calls)

    @property
    def _call_count(self) -> int:
        return len(self._arriving.union(self._active_job_ids()))

    async def on_request(self, request: JobRequest) -> None:
        """Take a job, leave it to another worker, or refuse it for good."""
        if self._call_count >= self._max_calls:
            _log.warning("job left to another worker: full", extra={"job_id": request.id})
            await request.reject(terminate=False)
            return
        try:
            self._parse_job(request.job.metadata)
        except MetadataError as error:
            extra = {"job_id": request.id, "field": error.field, "reason": str(error)}
            _log.error("job rejected: bad metadata", extra=extra)
            await request.reject(terminate=True)
            return
        await self._accept(request)

    async def _accept(self, request: JobRequest) -> None:
        self._arriving.add(request.id)
        try:
            await request.accept(
                name=AGENT_DISPLAY_NAME, identity=f"{AGENT_IDENTITY_PREFIX}{request.id}"
            )
        finally:
            self._arriving.discard(request.id)
