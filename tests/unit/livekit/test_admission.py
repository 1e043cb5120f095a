"""Which jobs a worker takes."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from livekit.agents import JobRequest

from coach.adapters.job import parse_job
from coach.adapters.livekit.admission import Admission
from coach.adapters.providers.profiles import Profiles
from coach.settings import Settings

GOOD = '{"rep":{"identity":"rep-1"}}'


@dataclass
class OfferedJob:
    metadata: str


@dataclass
class Request:
    """A job request that records its answer; `accept` takes until `assigned` is set."""

    id: str = "AJ_1"
    metadata: str = GOOD
    answers: list[tuple[str, Any]] = field(default_factory=list)
    assigned: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def job(self) -> OfferedJob:
        return OfferedJob(self.metadata)

    @property
    def as_request(self) -> JobRequest:
        return cast(JobRequest, self)

    async def accept(self, **arguments: str) -> None:
        self.answers.append(("accept", arguments))
        await self.assigned.wait()

    async def reject(self, *, terminate: bool) -> None:
        self.answers.append(("reject", terminate))


def opened(max_calls: int = 2, active: list[str] | None = None) -> Admission:
    ids = active if active is not None else []
    return Admission(max_calls=max_calls, parse_job=parse_job, active_job_ids=lambda: ids)


async def test_a_job_is_accepted_under_a_name_that_gives_nothing_away() -> None:
    request = Request()
    request.assigned.set()

    await opened().on_request(request.as_request)

    accepted = {"name": "Call assistant", "identity": "call-assistant-AJ_1"}
    assert request.answers == [("accept", accepted)]


async def test_bad_metadata_is_refused_for_good_with_one_line_and_no_value(
    caplog: pytest.LogCaptureFixture,
) -> None:
    request = Request(metadata='{"rep":{"identity":"rep-1"},"call_id":"xylophone!"}')

    await opened().on_request(request.as_request)

    assert request.answers == [("reject", True)]
    [record] = caplog.records
    assert record.__dict__["field"] == "call_id"
    assert "xylophone" not in str(record.__dict__)


async def test_a_job_on_its_way_counts_so_that_a_burst_cannot_overfill() -> None:
    admission = opened(max_calls=2)
    requests = [Request(id=f"AJ_{n}") for n in range(3)]

    async with asyncio.TaskGroup() as tasks:
        for request in requests[:2]:
            tasks.create_task(admission.on_request(request.as_request))
        await asyncio.sleep(0)
        assert admission.load == 1.0
        await admission.on_request(requests[2].as_request)
        for request in requests:
            request.assigned.set()

    assert requests[2].answers == [("reject", False)]
    assert [request.answers[0][0] for request in requests[:2]] == ["accept", "accept"]


async def test_a_job_that_runs_already_is_not_counted_twice() -> None:
    active: list[str] = []
    admission = opened(max_calls=2, active=active)
    request = Request()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(admission.on_request(request.as_request))
        await asyncio.sleep(0)
        active.append("AJ_1")
        assert admission.load == 0.5
        request.assigned.set()

    assert admission.load == 0.5


async def test_an_acceptance_that_fails_frees_its_place() -> None:
    class Failing(Request):
        async def accept(self, **arguments: str) -> None:
            raise TimeoutError

    admission = opened()

    with pytest.raises(TimeoutError):
        await admission.on_request(Failing().as_request)

    assert admission.load == 0.0


def test_load_is_calls_over_capacity() -> None:
    assert opened(max_calls=4, active=["a", "b", "c"]).load == 0.75
    assert opened(max_calls=2, active=["a", "b", "c"]).load == 1.0


async def test_a_job_whose_profile_does_not_exist_is_refused_for_good(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "providers.yaml"
    path.write_text("profiles:\n  eu: {}\n")
    profiles = Profiles(Settings(COACH_PROVIDERS=path))
    admission = Admission(
        max_calls=2,
        parse_job=lambda metadata: profiles.checked(parse_job(metadata)),
        active_job_ids=lambda: [],
    )
    good = Request(metadata='{"rep":{"identity":"rep-1"},"providers":"eu"}')
    bad = Request(metadata='{"rep":{"identity":"rep-1"},"providers":"us"}')
    good.assigned.set()

    await admission.on_request(good.as_request)
    await admission.on_request(bad.as_request)

    assert [answer for answer, _ in good.answers] == ["accept"]
    assert bad.answers == [("reject", True)]
    (record,) = caplog.records
    assert record.field == "providers"  # type: ignore[attr-defined] # an extra
