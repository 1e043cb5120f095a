"""Servers for a whole module of tests: LiveKit, and our worker or the leaky one."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from acceptance.privacy.advised import profile
from acceptance.privacy.call import Stage
from acceptance.privacy.playbook import write_playbook
from coach.cli.ports import free_port
from integration.livekit_server import running_livekit
from integration.recogniser import listen_url
from integration.services import write_profiles
from integration.worker_process import running_worker

HTTP_LOGGERS = ("httpx2", "httpcore2", "openai")
"""Of those who ask the model and the CRM."""
LEAKY_WORKER = Path(__file__).with_name("leaky_worker.py")


@contextlib.contextmanager
def our_stage(folder: Path) -> Iterator[Stage]:
    """Run our worker with a playbook full of canaries, and with all its logs."""
    write_playbook(folder / "playbook")
    port, model_port, crm_port = free_port(), free_port(), free_port()
    profiles = {"default": profile(model_port, crm_port)}
    environment = {
        "COACH_STT_BASE_URL": listen_url(port),
        "COACH_PLAYBOOK": str(folder / "playbook"),
        "COACH_PROVIDERS": str(write_profiles(folder, profiles)),
        "COACH_DATA": str(folder / "data"),
        "COACH_TRACE_DIR": str(folder / "traces"),
        "LIVEKIT_LOG_LEVEL": "DEBUG",
        "LIVEKIT_RTC_DEBUG": "1",
        "OPENAI_LOG": "debug",
        "PYTHONPATH": str(_loud(folder / "loud")),
    }
    with (
        running_livekit(folder) as livekit,
        running_worker(folder, livekit, environment) as worker,
    ):
        yield Stage(livekit, worker, port, folder, (model_port, crm_port))


def _loud(folder: Path) -> Path:
    """Write what makes the HTTP libraries of each process log all they can."""
    folder.mkdir()
    levels = (f"logging.getLogger({name!r}).setLevel(logging.DEBUG)" for name in HTTP_LOGGERS)
    (folder / "sitecustomize.py").write_text("\n".join(["import logging", *levels, ""]))
    return folder


@contextlib.contextmanager
def leaky_stage(folder: Path) -> Iterator[Stage]:
    """Run the worker that leaks."""
    port = free_port()
    environment = {"COACH_STT_BASE_URL": listen_url(port), "COACH_HTTP_PORT": str(free_port())}
    with (
        running_livekit(folder) as livekit,
        running_worker(folder, livekit, environment, script=LEAKY_WORKER) as worker,
    ):
        yield Stage(livekit, worker, port, folder)
