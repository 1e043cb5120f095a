"""The advisor's tools on a real server: a CRM that stalls, lies or dies, and what is written."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.crm_server import ACME, CrmServer, crm_server
from integration.crm_server import Reply as CrmReply
from integration.model_server import ModelServer, Reply, model_server
from integration.people import PROSPECT_HZ
from integration.recogniser import ScriptedRecogniser, scripted_recogniser
from integration.servers import OpenCall, open_call
from integration.services import Ports, Services, running_services
from integration.waiting import eventually, never

# The SDK drops some handles of a client twice when it leaves a room; only tests notice.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FfiHandle")

OBJECTION = "that is way over our budget"
QUESTION = "so how would the two of us go on from here if everybody on my side agrees to it"
"""Of sixteen words and more, so that it is asked about however soon after another."""
OTHER_QUESTION = (
    "and who of your people would then be there for my crews in the first two weeks of it"
)
OUTCOME = {"outcome": "pilot agreed", "next_step": "send the form"}
NUDGE_SECONDS = 1.0
"""Within which a trigger's nudge is there on a busy machine; the bench measures it."""
QUIET_SECONDS = 1.5
SLOW = CrmReply(slow_seconds=3.0)
FAULTS = {
    "slow": SLOW,
    "hanging": CrmReply(hangs="headers"),
    "failing": CrmReply(status=500),
    "lying": CrmReply(raw="<html>moved</html>"),
}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    ports = Ports()
    folder: Path = tmp_path_factory.mktemp("tools")
    with running_services(folder, {"default": ports.profile()}, ports) as services:
        yield services


@pytest.fixture
async def recogniser(services: Services) -> AsyncIterator[ScriptedRecogniser]:
    async with scripted_recogniser(services.ports.stt) as recogniser:
        yield recogniser


@pytest.fixture
async def model(services: Services) -> AsyncIterator[ModelServer]:
    async with model_server(services.ports.llm) as model:
        yield model


@pytest.fixture
async def crm(services: Services) -> AsyncIterator[CrmServer]:
    async with crm_server(services.ports.crm) as crm:
        yield crm


def account(crm: CrmServer, name: str) -> dict[str, Any]:
    """Add an account that no other test has; return how a job names it."""
    crm.accounts = [*crm.accounts, ACME | {"id": name}]
    return {"id": name}


def written(crm: CrmServer) -> list[Any]:
    """Return what the CRM was told to write."""
    return [each.body for each in crm.asked if each.method == "POST"]


async def is_asked(crm: CrmServer, count: int = 1) -> None:
    """Wait until the CRM has got so many requests."""
    await eventually(lambda: len(crm.asked) >= count, f"request {count} to the CRM")


async def has_its_dossier(services: Services, name: str) -> None:
    """Wait until the call of this name knows its account."""
    await eventually(lambda: services.traced(name, "tool", ok=True), "the dossier")


async def proposes(call: OpenCall, model: ModelServer) -> str:
    """Let the model propose a note; return the id of the nudge that shows it."""
    model.say(Reply(tools=(("log_outcome", OUTCOME),)))
    await call.says(PROSPECT_HZ, QUESTION, is_final=True)
    [nudge] = await eventually(lambda: call.panel.nudges, "the proposal")
    assert (nudge["kind"], nudge["path"]) == ("approval", "tool")
    assert "pilot agreed" in nudge["proposal"]["text"]
    assert "send the form" in nudge["proposal"]["text"]
    return str(nudge["id"])


async def answers(call: OpenCall, nudge_id: str, action: str) -> None:
    await call.ask_agent("coach_feedback", {"nudge_id": nudge_id, "action": action})


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_crm_that_fails_costs_no_other_nudge(
    fault: str,
    services: Services,
    recogniser: ScriptedRecogniser,
    model: ModelServer,
    crm: CrmServer,
) -> None:
    crm.default = FAULTS[fault]
    job = {"call_id": fault, "account": account(crm, fault)}
    async with open_call(services.livekit, recogniser, fault, **job) as call:
        await is_asked(crm)

        sent_at = await call.says(PROSPECT_HZ, OBJECTION)
        await eventually(lambda: call.panel.nudges, "the trigger's nudge")

        assert call.panel.nudges[0]["moment"] == "price_objection"
        assert call.panel.arrived[0] - sent_at < NUDGE_SECONDS
        if fault != "slow":
            await call.wait_for_status(state="degraded", reasons=["crm_down"])
            [line] = services.traced(fault, "tool", name="get_account_context")
            assert line["error"] in ("timeout", "broken", "nonsense")


async def test_a_dossier_that_comes_late_stands_in_the_next_question(
    services: Services, recogniser: ScriptedRecogniser, model: ModelServer, crm: CrmServer
) -> None:
    crm.say(CrmReply(status=500))  # what is fetched before the call begins finds nothing
    crm.default = SLOW
    pending = {"state": "pending"}
    job = {"call_id": "late", "account": account(crm, "late"), "consent": pending}
    async with open_call(services.livekit, recogniser, "late", **job) as call:
        await is_asked(crm)
        await call.control("consent_granted")
        await call.says(PROSPECT_HZ, QUESTION, is_final=True)
        await eventually(lambda: model.asked, "a question without it")
        await eventually(
            lambda: services.traced("late", "tool", name="get_account_context", ok=True),
            "the dossier",
        )

        await call.says(PROSPECT_HZ, OTHER_QUESTION, is_final=True)
        await eventually(lambda: len(model.asked) > 1, "the next question")

        before, after = model.asked[0], model.asked[-1]
        assert "Makes anvils" not in before.system + before.user
        assert "Makes anvils" in after.user
        assert after.system == before.system
        assert call.panel.status["reasons"] == []


async def test_another_tool_that_works_does_not_hide_that_the_crm_is_down(
    services: Services, recogniser: ScriptedRecogniser, model: ModelServer, crm: CrmServer
) -> None:
    crm.default = CrmReply(status=500)
    job = {"call_id": "hidden", "account": account(crm, "hidden")}
    async with open_call(services.livekit, recogniser, "hidden", **job) as call:
        await call.wait_for_status(reasons=["crm_down"])
        model.say(Reply(tools=(("check_discount_authority", {"percent": 30}),)))

        await call.says(PROSPECT_HZ, QUESTION, is_final=True)
        await eventually(
            lambda: len(model.asked) == 2 and model.asked[1].ended_at, "a question with its result"
        )

        assert "Looked up, check_discount_authority" in model.asked[1].user
        await never(
            lambda: call.panel.status["reasons"] != ["crm_down"], "the CRM seems up", QUIET_SECONDS
        )


async def test_an_outcome_is_written_once_with_the_reps_yes(
    services: Services, recogniser: ScriptedRecogniser, model: ModelServer, crm: CrmServer
) -> None:
    job = {"call_id": "approved", "account": account(crm, "approved")}
    async with open_call(services.livekit, recogniser, "approved", **job) as call:
        nudge_id = await proposes(call, model)
        await never(lambda: written(crm), "a note without a yes", QUIET_SECONDS)

        await asyncio.gather(*(answers(call, nudge_id, "approve") for _ in range(3)))

        await eventually(lambda: written(crm), "the note")
        await never(lambda: len(written(crm)) > 1, "a second note", QUIET_SECONDS)
        assert written(crm) == [
            {
                "text": "pilot agreed",
                "next": "send the form",
                "by": {"rep": "rep-1", "call": "approved"},
            }
        ]
        assert crm.asked[-1].path == "/accounts/approved/notes"


@pytest.mark.parametrize("deeds", [("reject", "approve"), ("useful", "dismiss"), ()])
async def test_an_outcome_is_never_written_without_the_reps_yes(
    deeds: tuple[str, ...],
    services: Services,
    recogniser: ScriptedRecogniser,
    model: ModelServer,
    crm: CrmServer,
) -> None:
    name = f"unwritten-{'-'.join(deeds)}"
    job = {"call_id": name, "account": account(crm, name)}
    async with open_call(services.livekit, recogniser, name, **job) as call:
        nudge_id = await proposes(call, model)

        for deed in deeds:
            await answers(call, nudge_id, deed)
        await call.control("stop")
        await call.has_ended()

        await never(lambda: written(crm), "a note", QUIET_SECONDS)


async def test_a_prospects_yes_to_a_proposal_is_nobodys(
    services: Services, recogniser: ScriptedRecogniser, model: ModelServer, crm: CrmServer
) -> None:
    job = {"call_id": "stranger", "account": account(crm, "stranger")}
    async with open_call(services.livekit, recogniser, "stranger", **job) as call:
        nudge_id = await proposes(call, model)

        with pytest.raises(Exception, match="not supported"):
            await call.ask_agent(
                "coach_feedback",
                {"nudge_id": nudge_id, "action": "approve"},
                caller=call.prospect,
            )

        await never(lambda: written(crm), "a note", QUIET_SECONDS)


async def test_two_calls_of_one_account_ask_the_crm_once(
    services: Services, recogniser: ScriptedRecogniser, model: ModelServer, crm: CrmServer
) -> None:
    shared = account(crm, "shared")
    for name in ("first", "second"):
        job = {"call_id": name, "account": shared}
        async with open_call(services.livekit, recogniser, name, **job) as call:
            await call.wait_for_status(state="listening")
            await has_its_dossier(services, name)

            await call.says(PROSPECT_HZ, QUESTION, is_final=True)

            await eventually(lambda: model.asked, "a question")
            assert "Makes anvils" in model.asked[-1].system
            model.asked.clear()

    assert crm.paths == ["GET /accounts/shared"]
