"""What the worker promises before any call: processes, rights, health, and who may send."""

import ast
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from livekit.api import VideoGrants
from livekit.api.access_token import Claims

from coach import worker
from coach.adapters.livekit.health import Health
from coach.adapters.livekit.server import PERMISSIONS, GrantsTooWide, require_narrow_grants

PACKAGE = Path(worker.__file__).parent
SENDING = frozenset(
    {
        "publish_data", "publish_dtmf", "publish_transcription", "publish_track",
        "publish_data_track", "send_text", "send_file", "stream_text", "stream_bytes",
        "set_attributes", "set_metadata", "set_name",
    }
)  # fmt: skip
NARROW = VideoGrants(room_join=True, room="r", can_publish=False, can_publish_data=True)


def names_used(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def worker_files() -> list[Path]:
    """Every module that may run in a worker; the demo's people live in `cli`."""
    return [path for path in PACKAGE.rglob("*.py") if "cli" not in path.relative_to(PACKAGE).parts]


def test_only_the_guard_calls_the_rep() -> None:
    callers = [path.name for path in worker_files() if "perform_rpc" in names_used(path)]

    assert callers == ["guard.py"]


def test_nothing_else_that_sends_into_the_room_is_used_anywhere() -> None:
    for path in worker_files():
        assert not SENDING & set(names_used(path)), path


def test_jobs_can_be_started_in_another_process() -> None:
    """LiveKit hands entrypoint and prewarm to job processes by pickle, as module and name."""
    for function in (worker.entrypoint, worker.prewarm):
        assert pickle.loads(pickle.dumps(function)) is function
        assert function.__module__ == "coach.worker"


def test_the_token_is_asked_for_as_narrow_as_remote_calls_allow() -> None:
    assert not PERMISSIONS.can_publish
    assert PERMISSIONS.can_publish_data
    assert not PERMISSIONS.can_update_metadata
    assert not PERMISSIONS.hidden


def test_a_narrow_token_passes() -> None:
    require_narrow_grants(Claims(video=NARROW))


@pytest.mark.parametrize(
    "claims",
    [
        Claims(),
        Claims(video=VideoGrants(room_join=True)),
        Claims(video=VideoGrants(can_publish=False, can_update_own_metadata=True)),
        Claims(video=VideoGrants(can_publish=False, hidden=True)),
    ],
)
def test_a_job_with_a_wider_token_is_refused(claims: Claims) -> None:
    with pytest.raises(GrantsTooWide):
        require_narrow_grants(claims)


@pytest.mark.parametrize(
    ("is_registered", "is_draining", "problem"),
    [(True, False, None), (False, False, "not registered with LiveKit"), (True, True, "draining")],
)
def test_health_names_why_no_job_is_taken(
    is_registered: bool, is_draining: bool, problem: str | None
) -> None:
    assert Health(is_registered, is_draining, 3, 3).problem == problem


def test_health_tells_when_no_job_process_starts() -> None:
    assert Health(True, False, 0, 3, failed_start_count=1).problem is None
    assert Health(True, False, 0, 3, failed_start_count=2).problem == (
        "no job process starts; see the log"
    )


def test_health_says_whose_it_is() -> None:
    health = worker.server._health()

    assert health.agent_name == worker.settings.agent_name
    assert health.problem == "not registered with LiveKit"


def test_a_drained_worker_waits_for_its_calls_without_limit() -> None:
    assert worker.server._drain_timeout == 0
