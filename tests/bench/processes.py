"""What a tree of processes costs: processor time and memory that is its own."""

import contextlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

MB = 1024 * 1024

Tree = Callable[[], Iterable[psutil.Process]]


@dataclass(frozen=True, slots=True)
class Reading:
    """Processor time used so far, by process."""

    at: float
    seconds: dict[int, float]

    def cores_since(self, earlier: "Reading") -> float:
        """Return cores used since an earlier reading; a process that ended counts no more."""
        used = sum(now - earlier.seconds.get(pid, 0.0) for pid, now in self.seconds.items())
        return used / (self.at - earlier.at)


def read(tree: Tree) -> Reading:
    """Read the processor time of all processes of a tree."""
    seconds = {}
    for process in tree():
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            seconds[process.pid] = times.user + times.system
    return Reading(time.monotonic(), seconds)


def memory_mb(tree: Tree) -> float:
    """Return the memory of a tree: what processes share is divided among them (PSS)."""
    total = 0.0
    for process in tree():
        with contextlib.suppress(psutil.NoSuchProcess, FileNotFoundError, ProcessLookupError):
            total += _pss_bytes(process)
    return total / MB


def _pss_bytes(process: psutil.Process) -> float:
    rollup = Path(f"/proc/{process.pid}/smaps_rollup")
    if not rollup.parent.exists():  # not Linux: the nearest thing that there is
        return float(process.memory_full_info().uss)
    for line in rollup.read_text().splitlines():
        if line.startswith("Pss:"):
            return float(line.split()[1]) * 1_024
    return 0.0
