"""The worker as operators start it, its log and its health, for tests."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integration.livekit_server import REPOSITORY, LiveKit
from integration.processes import http_status, stop, wait_until

AGENT_SCRIPT = REPOSITORY / "agent" / "agent.py"
WORKER_STOP_SECONDS = 2.0  # a draining worker waits for its calls; a test that is over does not


@dataclass(slots=True)
class Worker:
    """A worker process, started as operators start it."""

    process: subprocess.Popen[bytes]
    log: Path
    errors: Path
    health_url: str = ""

    @property
    def pid(self) -> int:
        """The main process."""
        return self.process.pid

    def lines(self) -> list[dict[str, Any]]:
        """Return the log so far, one dictionary a line."""
        found = []
        for line in self.log.read_text(errors="replace").splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                found.append(json.loads(line))
        return found

    def logged(self, message: str, **fields: object) -> list[dict[str, Any]]:
        """Return the log lines with this message and these fields."""
        wanted = {"message": message, **fields}
        return [line for line in self.lines() if wanted.items() <= line.items()]

    def health(self) -> int:
        """Return the status of the health endpoint; 0 when nobody answers."""
        return http_status(self.health_url) if self.health_url else 0

    def terminate(self) -> None:
        """Ask it to drain and stop."""
        self.process.send_signal(signal.SIGTERM)


@contextlib.contextmanager
def running_worker(
    folder: Path,
    livekit: LiveKit,
    environment: Mapping[str, str],
    *,
    ready: bool = True,
    script: Path = AGENT_SCRIPT,
) -> Iterator[Worker]:
    """Run `python agent.py start` until the block ends.

    Args:
        folder: for its logs.
        livekit: the server it registers with.
        environment: settings beside the server's; nothing else of ours is inherited.
        ready: wait until its health endpoint says that it takes jobs.
        script: another worker than ours, for tests that need a worse one.
    """
    inherited = {n: v for n, v in os.environ.items() if not _is_ours(n)}
    settings = {
        "LIVEKIT_URL": livekit.url,
        "LIVEKIT_API_KEY": livekit.key,
        "LIVEKIT_API_SECRET": livekit.secret,
        "COACH_HTTP_PORT": "0",
        **environment,
    }
    log, errors = folder / "worker.log", folder / "worker.err"
    with log.open("wb") as output, errors.open("wb") as error_output:
        process = subprocess.Popen(
            [sys.executable, script.name, "start"],
            cwd=script.parent,
            env=inherited | settings,
            stdout=output,
            stderr=error_output,
        )
        worker = Worker(process, log, errors)
        try:
            if ready:
                wait_until(lambda: _is_ready(worker), process, "the worker takes jobs", log)
            yield worker
        finally:
            stop(process, WORKER_STOP_SECONDS)


def _is_ready(worker: Worker) -> bool:
    if not worker.health_url:
        for line in worker.logged("health endpoint"):
            worker.health_url = f"http://{line['host']}:{line['port']}/"
    return worker.health() == 200


def _is_ours(name: str) -> bool:
    return name.startswith(("COACH_", "LIVEKIT_", "DEEPGRAM_", "OPENAI_"))
