"""The processes of a demo: a LiveKit server unless one is given, and the worker.

Each is stopped, by its process id, when its block ends.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from coach.cli.ports import free_port
from coach.errors import ConfigError
from coach.settings import DEV_KEY, DEV_SECRET, Settings

CHECKOUT = Path(__file__).resolve().parents[4]
START_SECONDS = 90.0
"""The worker loads playbook and recogniser first; a busy machine takes its time."""
AGAIN_SECONDS = 2.0
"""A worker that is asked to stop waits for its calls; asked again, it leaves them."""
STOP_SECONDS = 10.0
_POLL_SECONDS = 0.1
_groups: set[int] = set()
"""Process groups that run now; `kill_all` ends them from a signal's handler."""


class ProcessFailed(Exception):
    """A process of the demo did not start; the text names its log."""


@dataclass(frozen=True, slots=True)
class LiveKit:
    """A LiveKit server and a key pair that it accepts."""

    url: str
    key: str
    secret: str

    def environment(self) -> dict[str, str]:
        """Return LiveKit's own variables for it."""
        return {
            "LIVEKIT_URL": self.url,
            "LIVEKIT_API_KEY": self.key,
            "LIVEKIT_API_SECRET": self.secret,
        }


def server_binary() -> Path:
    """Return the server to run: one on PATH, else the one that `make server` builds.

    Raises:
        ConfigError: there is none.
    """
    found = shutil.which("livekit-server")
    binary = Path(found) if found else CHECKOUT / ".cache" / "livekit-server"
    if not binary.exists():
        raise ConfigError("LIVEKIT_URL", "unset, and no livekit-server on PATH; run: make server")
    return binary


@contextlib.contextmanager
def livekit(folder: Path) -> Iterator[LiveKit]:
    """Use the server that `LIVEKIT_URL` names, else run one on free loopback ports."""
    if os.environ.get("LIVEKIT_URL"):
        settings = Settings.from_env()
        secret = settings.livekit_api_secret.get_secret_value()
        yield LiveKit(settings.livekit_url, settings.livekit_api_key, secret)
        return
    config = yaml.safe_load((CHECKOUT / "livekit.yaml").read_text())
    port, tcp_port = free_port(), free_port()
    config["port"], config["rtc"]["tcp_port"] = port, tcp_port
    config["rtc"]["udp_port"] = free_port(socket.SOCK_DGRAM)
    path = folder / "livekit.yaml"
    path.write_text(yaml.safe_dump(config))
    command = [str(server_binary()), "--config", str(path)]
    with running("LiveKit server", command, folder / "livekit.log", {}) as process:
        _wait(process, "LiveKit server", folder / "livekit.log", lambda: _answers(port))
        yield LiveKit(f"ws://127.0.0.1:{port}", DEV_KEY, DEV_SECRET)


def learn(playbook: Path) -> None:
    """Learn a playbook before the worker needs it, unless that was done: it takes a minute."""
    subprocess.run([sys.executable, "-m", "coach.engines", str(playbook)], check=False)


@contextlib.contextmanager
def worker(folder: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run the worker as operations do, and wait until it is registered."""
    port = free_port()
    log = folder / "worker.log"
    command = [sys.executable, "agent.py", "start"]
    variables = {
        **environment,
        "COACH_HTTP_PORT": str(port),
        "COACH_HTTP_HOST": "127.0.0.1",
        "TMPDIR": str(folder),  # so that a worker that has to be killed leaves no file either
    }
    with running("worker", command, log, variables, CHECKOUT / "agent") as process:
        _wait(process, "worker", log, lambda: _answers(port))
        yield process


@contextlib.contextmanager
def running(
    name: str,
    command: list[str],
    log: Path,
    environment: Mapping[str, str],
    folder: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process until the block ends; its output goes to a log."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C in the terminal is ours to hand on
        )
    try:
        _groups.add(process.pid)
        yield process
    finally:
        _stop(process)


def scratch_folder() -> "tempfile.TemporaryDirectory[str]":
    """Return a folder for logs and traces that goes when the demo does."""
    return tempfile.TemporaryDirectory(prefix="coach-demo-", ignore_cleanup_errors=True)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _wait(
    process: subprocess.Popen[bytes], name: str, log: Path, is_ready: Callable[[], bool]
) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            last = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
            raise ProcessFailed(f"the {name} did not start; its last words:\n{last}")
        time.sleep(_POLL_SECONDS)


def kill_all() -> None:
    """Kill everything that runs, at once."""
    for group in tuple(_groups):
        _kill(group)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask, ask again, then insist; the whole group goes, so that nothing is left behind."""
    try:
        for seconds in (AGAIN_SECONDS, STOP_SECONDS):
            if process.poll() is None:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(seconds)
    finally:
        _kill(process.pid)
        process.wait()
        _groups.discard(process.pid)


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
