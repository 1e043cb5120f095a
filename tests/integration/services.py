"""The outside services of a worker's calls: profiles in a file, recogniser, model, CRM, trace.

Addresses are fixed when the worker starts; who answers there lives on the event loop of each test.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coach.cli.ports import free_port
from integration.crm_server import outcome_section, section
from integration.livekit_server import LiveKit, running_livekit
from integration.recogniser import listen_url
from integration.worker_process import Worker, running_worker

Profiles = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Ports:
    """Where the services of a test are to listen."""

    stt: int = field(default_factory=free_port)
    other_stt: int = field(default_factory=free_port)
    llm: int = field(default_factory=free_port)
    other_llm: int = field(default_factory=free_port)
    crm: int = field(default_factory=free_port)

    def stt_section(self, port: int, model: str) -> dict[str, Any]:
        """Return a recogniser of a profile."""
        return {"base_url": listen_url(port), "model": model}

    def llm_section(self, port: int, model: str) -> dict[str, Any]:
        """Return a model of a profile."""
        return {"base_url": f"http://127.0.0.1:{port}/v1", "model": model}

    def crm_section(self) -> dict[str, Any]:
        """Return the CRM of a profile, which may be written to."""
        url = f"http://127.0.0.1:{self.crm}"
        return section(url, outcome=outcome_section(url))

    def profile(self) -> dict[str, Any]:
        """Return a profile with one recogniser, one model and the CRM."""
        return {
            "stt": [self.stt_section(self.stt, "first")],
            "llm": [self.llm_section(self.llm, "scripted")],
            "crm": self.crm_section(),
        }


@dataclass(frozen=True)
class Services:
    """A server and a worker that are up, and where their calls find what they need."""

    livekit: LiveKit
    worker: Worker
    ports: Ports
    folder: Path

    @property
    def traces(self) -> Path:
        """The folder of traces and frames."""
        return self.folder / "traces"

    def write_profiles(self, profiles: Profiles) -> None:
        """Replace the file of profiles, whole at any moment."""
        write_profiles(self.folder, profiles)

    def trace(self, call_id: str) -> list[dict[str, Any]]:
        """Return the lines of a call's trace so far, without one that is being written."""
        found = []
        for path in self.traces.glob(f"{call_id}.*.jsonl"):
            for line in path.read_text("utf-8").splitlines():
                with contextlib.suppress(json.JSONDecodeError):
                    found.append(json.loads(line))
        return found

    def traced(self, call_id: str, kind: str, **fields: Any) -> list[dict[str, Any]]:
        """Return the lines of a type with these fields."""
        wanted = {"type": kind, **fields}
        return [line for line in self.trace(call_id) if wanted.items() <= line.items()]


def write_profiles(folder: Path, profiles: Profiles) -> Path:
    """Write the file of profiles, as JSON, which is YAML without anchors."""
    path, part = folder / "providers.yaml", folder / "providers.part"
    part.write_text(json.dumps({"profiles": profiles}, indent=1))
    return part.replace(path)


@contextlib.contextmanager
def running_services(
    folder: Path, profiles: Profiles, ports: Ports, environment: Mapping[str, str] | None = None
) -> Iterator[Services]:
    """Run LiveKit and a worker that keeps traces until the block ends.

    Args:
        folder: for everything that they write.
        profiles: of the file, when the worker starts.
        ports: where their services are going to be.
        environment: further settings.
    """
    settings = {
        "COACH_STT_BASE_URL": listen_url(ports.stt),
        "COACH_PROVIDERS": str(write_profiles(folder, profiles)),
        "COACH_DATA": str(folder / "data"),
        "COACH_TRACE_DIR": str(folder / "traces"),
        **(environment or {}),
    }
    with (
        running_livekit(folder) as livekit,
        running_worker(folder, livekit, settings) as worker,
    ):
        yield Services(livekit, worker, ports, folder)
