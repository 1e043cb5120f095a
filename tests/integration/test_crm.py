"""The CRM port against a real HTTP server that answers, stalls, lies and breaks."""

import asyncio
import contextlib
import json
import logging
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from coach.adapters.crm import open_crm
from coach.adapters.crm.http_json import LARGEST_ANSWER_BYTES
from coach.adapters.crm.port import AccountKey, Crm, CrmError, Outcome
from coach.adapters.tools import CallTools, open_tools
from coach.application.ports import ToolFailed
from coach.cli.ports import free_port
from coach.domain.advice import ToolCall
from coach.domain.job import AccountRef, Job, Rep
from coach.domain.tools import ACCOUNT_CONTEXT
from fakes.playbooks import playbook
from integration.crm_server import ACME, CrmServer, Reply, crm_server, outcome_section, section
from integration.processes import stop, wait_until
from integration.waiting import eventually

ACME_KEY = AccountKey("default", "acme", None, "Acme Corp")
OUTCOME = Outcome("c-1", "rep-1", "Pilot agreed", "Contract by Friday")
LOG = ToolCall("log_outcome", (("next_step", "Contract by Friday"), ("outcome", "Pilot agreed")))
DOSSIER = (
    "Renewal: 2027-03-01. Last call: 2026-11-02, Wile, asked for a reference. "
    "Open deal 2026-11-11: Springs, 80.5 dollars a month, new. "
    "Open deal 2026-10-05: Anvils, 1200 dollars a month, proposal. "
    "Note 2026-09-21: Budget closes in May. Note 2025-10-09: Likes short calls. "
    "About: Makes anvils. Sixty people."
)
FAULTS = {
    "500": (Reply(status=500, body={"error": "canary-body"}), "broken"),
    "403": (Reply(status=403, raw="canary-body"), "refused"),
    "redirect": (Reply(status=302, headers={"Location": "/accounts/canary"}), "refused"),
    "garbage": (Reply(raw="<html>canary-body</html>"), "nonsense"),
    "huge body": (Reply(size=LARGEST_ANSWER_BYTES), "nonsense"),
    "compressed": (Reply(raw="{}", headers={"Content-Encoding": "gzip"}), "nonsense"),
    "deep nesting": (Reply(raw="[" * 100_000), "nonsense"),
    "a list": (Reply(body=["canary-body"]), "nonsense"),
    "a text": (Reply(body='{"about": "canary-body"}'), "nonsense"),
    "no mapped field": (Reply(body={"about": {"text": "canary-body"}}), "nonsense"),
    "cut mid-body": (Reply(cuts="mid"), "broken"),
    "cut instead of an answer": (Reply(cuts="headers"), "broken"),
    "hangs": (Reply(hangs="headers"), "timeout"),
    "hangs mid-body": (Reply(hangs="mid"), "timeout"),
}

OpenTools = Callable[..., CallTools]


@pytest.fixture
async def crm() -> AsyncIterator[CrmServer]:
    async with crm_server() as server:
        yield server


@pytest.fixture
async def opened(crm: CrmServer, tmp_path: Path) -> AsyncIterator[Callable[..., Crm]]:
    ports: list[Crm] = []

    def opened(environ: dict[str, str] | None = None, **more: Any) -> Crm:
        port = open_crm(section(crm.url, **more), {}, tmp_path, environ or {})
        ports.append(port)
        return port

    yield opened
    for port in ports:
        await port.aclose()


@pytest.fixture
async def tools_of(crm: CrmServer, tmp_path: Path) -> AsyncIterator[OpenTools]:
    boxes: list[CallTools] = []

    def tools_of(account: AccountRef | None = None, **more: Any) -> CallTools:
        job = Job("c-1", Rep("rep-1"), account=account or AccountRef("acme", "Acme Corp"))
        tools = open_tools(job, playbook(), section(crm.url, **more), tmp_path)
        boxes.append(tools)
        return tools

    yield tools_of
    for tools in boxes:
        await tools.aclose()


async def context(tools: CallTools) -> str:
    return await tools.run(ACCOUNT_CONTEXT, is_approved=False)


async def test_an_account_is_found_by_its_id_and_becomes_a_dossier(
    crm: CrmServer, tools_of: OpenTools
) -> None:
    assert await context(tools_of()) == DOSSIER
    assert crm.paths == ["GET /accounts/acme"]


async def test_what_is_not_found_by_id_is_looked_up_by_domain_then_by_name(
    crm: CrmServer, opened: Callable[..., Crm]
) -> None:
    key = AccountKey("default", "unknown", "other.example", "acme corp")
    crm.accounts = [ACME | {"id": "7", "name": "acme corp"}]

    facts = await opened().account(key)

    assert facts is not None and facts.id == "7"
    assert crm.paths == [
        "GET /accounts/unknown",
        "GET /accounts?domain=other.example",
        "GET /accounts?name=acme%20corp",
    ]


async def test_a_search_that_finds_somebody_else_has_found_nothing(
    crm: CrmServer, opened: Callable[..., Crm]
) -> None:
    crm.say(Reply(body={"results": [ACME | {"name": "Acme Corporation of Elsewhere"}]}))

    assert await opened().account(AccountKey("default", name="Acme Corp")) is None


async def test_an_answer_about_another_id_is_not_believed(
    crm: CrmServer, opened: Callable[..., Crm]
) -> None:
    crm.say(Reply(body=ACME | {"id": "rival"}))

    assert await opened().account(AccountKey("default", "acme")) is None


async def test_no_name_or_id_can_become_another_path(
    crm: CrmServer, opened: Callable[..., Crm]
) -> None:
    await opened().account(AccountKey("default", "../a?x=1&y=#/%2e é"))
    with pytest.raises(CrmError, match="no_account"):
        await opened().account(AccountKey("default", ".."))

    assert crm.paths == ["GET /accounts/..%2Fa%3Fx%3D1%26y%3D%23%2F%252e%20%C3%A9"]


async def test_a_secret_goes_into_its_header_and_nowhere_else(
    crm: CrmServer, opened: Callable[..., Crm]
) -> None:
    headers = {"Authorization": {"key_env": "CRM_TOKEN", "prefix": "Bearer "}}

    await opened({"CRM_TOKEN": "s3cret"}, headers=headers).account(ACME_KEY)

    assert crm.asked[0].headers["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in repr(crm.asked[0].path)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_told_by_its_code_and_the_next_request_is_served(
    crm: CrmServer, tools_of: OpenTools, fault: str
) -> None:
    reply, code = FAULTS[fault]
    crm.say(reply)
    tools = tools_of()
    started = time.monotonic()

    with pytest.raises(ToolFailed) as failed:
        await context(tools)

    assert failed.value.code == code
    assert time.monotonic() - started < 4.5
    assert "canary" not in f"{failed.value!r} {failed.value.__cause__!r}"
    assert len(crm.asked) == 1, "nothing that arrived is asked twice"
    assert await context(tools) == DOSSIER


async def test_a_dossier_can_be_sent_whatever_a_crm_s_json_escapes(
    crm: CrmServer, tools_of: OpenTools
) -> None:
    """Half of a character made every question of the call one that could not be sent."""
    crm.say(Reply(body=ACME | {"about": "Makes \ud83d anvils.", "notes": [], "deals": []}))

    told = await context(tools_of())

    assert told.encode().decode().endswith("About: Makes ? anvils.")


async def test_a_crm_that_takes_three_seconds_delays_the_start_by_0_3(
    crm: CrmServer, tools_of: OpenTools
) -> None:
    crm.say(Reply(slow_seconds=3.0))
    tools = tools_of()
    started = time.monotonic()

    is_here = await tools.prefetch()

    assert not is_here
    assert 0.25 < time.monotonic() - started < 0.5
    assert await context(tools) == DOSSIER, "the late result is used"
    assert len(crm.asked) == 1


async def test_a_quick_crm_is_waited_for(crm: CrmServer, tools_of: OpenTools) -> None:
    tools = tools_of()

    assert await tools.prefetch()

    assert await context(tools) == DOSSIER
    assert len(crm.asked) == 1


async def test_a_crm_that_is_not_there_is_tried_twice_and_given_up(tmp_path: Path) -> None:
    nowhere = open_crm(section(f"http://127.0.0.1:{free_port()}"), {}, tmp_path, {})

    with pytest.raises(CrmError, match="broken"):
        await nowhere.account(ACME_KEY)
    await nowhere.aclose()


async def test_an_outcome_is_written_as_the_section_says_and_only_once(
    crm: CrmServer, tools_of: OpenTools
) -> None:
    tools = tools_of(outcome=outcome_section(crm.url))

    await tools.run(LOG, is_approved=True)

    assert crm.paths == ["POST /accounts/acme/notes"]
    assert crm.asked[0].body == {
        "text": "Pilot agreed",
        "next": "Contract by Friday",
        "by": {"rep": "rep-1", "call": "c-1"},
    }


async def test_without_the_rep_s_yes_nothing_is_written(
    crm: CrmServer, tools_of: OpenTools
) -> None:
    with pytest.raises(ToolFailed, match="unapproved"):
        await tools_of(outcome=outcome_section(crm.url)).run(LOG, is_approved=False)

    assert crm.asked == []


async def test_a_write_that_fails_is_not_tried_again(crm: CrmServer, tools_of: OpenTools) -> None:
    crm.say(Reply(cuts="headers"))

    with pytest.raises(ToolFailed, match="broken"):
        await tools_of(outcome=outcome_section(crm.url)).run(LOG, is_approved=True)

    assert len(crm.asked) == 1


async def test_the_crm_s_own_id_is_looked_up_before_a_write_that_needs_it(
    crm: CrmServer, tools_of: OpenTools
) -> None:
    tools = tools_of(AccountRef(None, "Acme Corp"), outcome=outcome_section(crm.url))

    await tools.run(LOG, is_approved=True)

    assert crm.paths == ["GET /accounts?name=Acme%20Corp", "POST /accounts/acme/notes"]


async def test_without_a_way_to_write_the_outcome_stays_on_this_machine(
    crm: CrmServer, tools_of: OpenTools, tmp_path: Path
) -> None:
    await tools_of().run(LOG, is_approved=True)

    (file,) = (tmp_path / "outcomes").iterdir()
    assert json.loads(file.read_text())["outcome"] == "Pilot agreed"
    assert crm.asked == []


async def test_the_second_call_of_an_account_makes_no_request(
    crm: CrmServer, tools_of: OpenTools
) -> None:
    await context(tools_of())

    assert await context(tools_of()) == DOSSIER
    assert len(crm.asked) == 1


async def test_another_tenant_s_call_asks_for_itself(
    crm: CrmServer, tools_of: OpenTools, tmp_path: Path
) -> None:
    await context(tools_of())
    job = Job("c-2", Rep("rep-1"), account=AccountRef("acme", "Acme Corp"), tenant="other")
    tools = open_tools(job, playbook(), section(crm.url), tmp_path)

    await context(tools)
    await tools.aclose()

    assert len(crm.asked) == 2


async def test_a_call_with_another_key_asks_for_itself(
    crm: CrmServer, tools_of: OpenTools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers of one machine may share COACH_DATA, each with the token of its customer."""
    headers = {"Authorization": {"key_env": "CRM_TOKEN", "prefix": "Bearer "}}
    monkeypatch.setenv("CRM_TOKEN", "token-of-one")
    await context(tools_of(headers=headers))
    monkeypatch.setenv("CRM_TOKEN", "token-of-another")
    crm.accounts = [ACME | {"about": "Makes rockets."}]

    told = await context(tools_of(headers=headers))

    assert "Makes rockets." in told
    tokens = [asked.headers["Authorization"] for asked in crm.asked]
    assert tokens == ["Bearer token-of-one", "Bearer token-of-another"]


async def test_no_account_secret_or_answer_reaches_a_log_or_a_file_name(
    crm: CrmServer, tools_of: OpenTools, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx2", "httpcore2", "asyncio", "coach"):
        caplog.set_level(logging.DEBUG, logger=name)
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.0  # every step is logged, with what it returned
    account = AccountRef("canary-id", "canary-name")
    record = ACME | {"id": "canary-id", "name": "canary-name", "about": "canary-about"}
    crm.accounts = [record]
    for reply, _ in FAULTS.values():
        if not reply.hangs:
            crm.say(reply)
            with contextlib.suppress(ToolFailed):
                await context(tools_of(account))
    write = ToolCall("log_outcome", (("next_step", "canary-next"), ("outcome", "canary-out")))
    await tools_of(account, outcome=outcome_section(crm.url)).run(write, is_approved=True)
    await tools_of(account).run(write, is_approved=True)
    await context(tools_of(account))

    records = [f"{record.getMessage()} {record.__dict__}" for record in caplog.records]
    records = [record for record in records if "/aiohttp/" not in record]  # the server's own
    assert len(records) > 50, "debugging is on"
    assert [record for record in records if "canary" in record] == []
    names = await asyncio.to_thread(lambda: [str(path) for path in tmp_path.rglob("*")])
    assert len(names) > 3
    assert [name for name in names if "canary" in name] == []


CALL = """
import asyncio, sys
from pathlib import Path
from coach.adapters.tools import open_tools
from coach.domain.job import AccountRef, Job, Rep
from coach.domain.tools import ACCOUNT_CONTEXT
from fakes.playbooks import playbook
from integration.crm_server import section

async def main(url: str, data: str) -> None:
    job = Job("c-1", Rep("rep-1"), account=AccountRef("acme", "Acme Corp"))
    tools = open_tools(job, playbook(), section(url), Path(data))
    print("ready", flush=True)
    sys.stdin.readline()
    print(await tools.run(ACCOUNT_CONTEXT, is_approved=False), flush=True)
    await tools.aclose()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_calls_in_processes_that_start_together_make_one_request(
    crm: CrmServer, tmp_path: Path
) -> None:
    crm.default = Reply(slow_seconds=0.5)
    paths = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "agent")]
    calls = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", f"import sys; sys.path[:0] = {paths!r}\n{CALL}", crm.url, str(tmp_path)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    try:
        for call in calls:
            assert call.stdout is not None
            assert await asyncio.wait_for(call.stdout.readline(), 30) == b"ready\n"
        told = await asyncio.gather(
            *(asyncio.wait_for(call.communicate(b"go\n"), 30) for call in calls)
        )
    finally:
        for call in calls:
            if call.returncode is None:
                call.kill()
                await call.wait()

    assert {out.decode().strip() for out, _ in told} == {DOSSIER}
    assert len(crm.asked) == 1


async def test_a_call_that_hangs_with_the_lock_holds_up_nobody_for_ever(
    crm: CrmServer, tools_of: OpenTools
) -> None:
    """The first call's request hangs; the second one still asks for itself in the end."""
    crm.say(Reply(hangs="headers"))
    first = asyncio.create_task(context(tools_of()))
    await eventually(lambda: crm.asked, "the first call's request")
    second = tools_of()
    started = time.monotonic()

    assert await context(second) == DOSSIER

    assert time.monotonic() - started < 4.0
    with pytest.raises(ToolFailed, match="timeout"):
        await first


def test_the_server_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    port_file, log = tmp_path / "port", tmp_path / "log"
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"replies": [{"status": 503}]}))
    command = [sys.executable, str(Path(__file__).with_name("crm_server.py"))]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*command, "--port-file", str(port_file), "--script", str(script)], stderr=stream
        )
    try:
        wait_until(port_file.exists, process, "the port is told", log)
        url = f"http://127.0.0.1:{port_file.read_text()}"
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"{url}/accounts/acme", timeout=5).close()
        with urllib.request.urlopen(f"{url}/accounts/acme", timeout=5) as response:
            assert json.load(response)["name"] == "Acme Corp"
        with urllib.request.urlopen(f"{url}/requests", timeout=5) as response:
            assert len(json.load(response)) == 2
    finally:
        stop(process)
