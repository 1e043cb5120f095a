"""The worker's main process: LiveKit's `AgentServer` with our permissions, health and load."""

import logging
import math
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from weakref import WeakSet

from livekit.agents import AgentServer, JobContext, WorkerPermissions
from livekit.api.access_token import Claims

from coach import logs
from coach.adapters.livekit.admission import Admission
from coach.adapters.livekit.health import Health, serving_health
from coach.adapters.speech.embedded import EmbeddedRecogniser
from coach.application.ports import JobParser
from coach.errors import CoachError
from coach.settings import Settings

PERMISSIONS: Final = WorkerPermissions(
    can_publish=False,
    can_subscribe=True,
    can_publish_data=True,  # remote method calls are data
    can_update_metadata=False,
    hidden=False,  # a hidden agent gets no answer to its calls (livekit.md 6)
)
WARM_PROCESSES: Final = 1
START_SECONDS: Final = 180.0
"""A job process loads its engines in a second; a new playbook is learned first, for a minute."""
RETRIES: Final = 1_000_000
"""A worker whose server is away waits for it and says so by its health; it does not give up."""
CANNOT_START: Final = 2

_log = logging.getLogger(__name__)


class GrantsTooWide(CoachError):
    """The job's token allows more than listening and calling: the promise would rest on luck."""

    code = "grants_too_wide"


class CoachServer(AgentServer):
    """Runs beside the framework's loop what belongs to the worker, not to a call."""

    def __init__(
        self, settings: Settings, names: Callable[[], Awaitable[list[str]]], parse_job: JobParser
    ) -> None:
        """Prepare to serve.

        Args:
            settings: the worker's.
            parse_job: reads a job's metadata, when the job is offered.
            names: reads the playbook's names, for the embedded recogniser; called at start, so
                that a playbook that cannot be used stops the worker then.
        """
        key, secret = settings.livekit_pair
        super().__init__(
            permissions=PERMISSIONS,
            ws_url=settings.livekit_url,
            api_key=key,
            api_secret=secret,
            load_threshold=math.inf,  # see `admission`
            num_idle_processes=WARM_PROCESSES,
            host="127.0.0.1",  # the framework's own health endpoint knows nothing of draining,
            port=0,  #            so it is put out of the way and ours takes the port
            preload_modules=["coach.worker", "coach.prewarmed"],
            max_retry=RETRIES,
            drain_timeout=0,  # without limit: a drained worker cuts no call
            initialize_process_timeout=START_SECONDS,
        )
        self._settings, self._names = settings, names
        self._is_registered = False
        self._ready: WeakSet[object] = WeakSet()  # job processes that came through prewarm
        self._failed_start_count = 0
        self.admission = Admission(
            max_calls=settings.max_calls,
            parse_job=parse_job,
            active_job_ids=self._active_job_ids,
        )
        self.load_fnc = self._load
        self.on("worker_registered", self._on_worker_registered)

    async def run(self, *, devmode: bool = False, unregistered: bool = False) -> None:
        """Serve until closed, with health endpoint and, where needed, embedded recogniser."""
        logs.install()
        try:
            await self._serve(devmode=devmode, unregistered=unregistered)
        except CoachError as error:
            # Nothing of the framework runs yet. It would log a trace of any exception, SystemExit
            # included, and most of them would leave it with exit code 0.
            sys.stderr.write(f"{error}\n")
            sys.stderr.flush()
            sys.stdout.flush()
            os._exit(CANNOT_START)

    async def _serve(self, *, devmode: bool, unregistered: bool) -> None:
        settings = self._settings
        async with AsyncExitStack() as stack:
            port = await stack.enter_async_context(
                serving_health(settings.http_host, settings.http_port, self._health)
            )
            _log.info("health endpoint", extra={"host": settings.http_host, "port": port})
            names = await self._names()
            if settings.stt_url is None:
                words = stack.enter_context(_word_file(names))
                recogniser = EmbeddedRecogniser(words=words)
                url = await stack.enter_async_context(recogniser.running())
                # Job processes inherit the environment; a restart keeps the port.
                os.environ["COACH_STT_BASE_URL"] = url
                _log.info("embedded recogniser ready: for demonstrations and tests only")
            await super().run(devmode=devmode, unregistered=unregistered)

    def _load(self) -> float:
        return self.admission.load

    def _on_worker_registered(self, *_: object) -> None:
        if not self._is_registered:
            self._proc_pool.on("process_ready", self._on_process_ready)
            self._proc_pool.on("process_closed", self._on_process_closed)
        self._is_registered = True

    def _on_process_ready(self, process: object) -> None:
        self._ready.add(process)
        self._failed_start_count = 0

    def _on_process_closed(self, process: object) -> None:
        if process not in self._ready:
            self._failed_start_count += 1

    def _active_job_ids(self) -> list[str]:
        if not hasattr(self, "_proc_pool"):  # it is made when the framework's loop begins
            return []
        return [info.job.id for info in self.active_jobs]

    def _health(self) -> Health:
        return Health(
            is_registered=self._is_registered and not self._connecting,
            is_draining=self.draining,
            call_count=len(self._active_job_ids()),
            max_calls=self._settings.max_calls,
            failed_start_count=self._failed_start_count,
            agent_name=self._settings.agent_name,
        )


@contextmanager
def _word_file(names: list[str]) -> Iterator[Path]:
    with TemporaryDirectory(prefix="coach-words-") as folder:
        path = Path(folder) / "words.txt"
        path.write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
        yield path


def require_narrow_grants(claims: Claims) -> None:
    """Check the token of a job again.

    Raises:
        GrantsTooWide: it may publish media or change its own metadata, or it is hidden.
    """
    video = claims.video
    if video is None or video.can_publish or video.can_update_own_metadata or video.hidden:
        raise GrantsTooWide("the job's token may do more than listen and call the rep")


def keep_nothing(ctx: JobContext) -> None:
    """Turn off every upload of the framework. Call first thing in a job."""
    ctx.init_recording(
        {"audio": False, "traces": False, "logs": False, "transcript": False, "redaction": False}
    )


def disarm_simulator(ctx: JobContext) -> None:
    """Take off the handler by which anybody with an attribute of its own could end the job.

    Call after connecting, which puts it on (livekit.md 0.6).
    """
    ctx.room.off("participant_disconnected", ctx._on_simulator_disconnected)
