"""The advisor's tools, run for one call."""

import asyncio
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from coach.adapters.crm.dossiers import Dossiers
from coach.adapters.crm.port import AccountFacts, AccountKey, CrmError, Entry, Outcome
from coach.adapters.tools import CallTools, open_tools
from coach.adapters.tools.battlecards import MOST_CHARACTERS, NONE_TEXT, card_text, find_card
from coach.application.ports import ToolFailed
from coach.domain.advice import ToolCall
from coach.domain.job import AccountRef, Job, Rep
from coach.domain.playbook import (
    Account,
    Advice,
    ApprovalStep,
    Battlecard,
    DiscountLimit,
    DiscountPolicy,
    Kind,
    Playbook,
)
from coach.domain.tools import ACCOUNT_CONTEXT
from fakes.playbooks import playbook

JOB = Job("c-1", Rep("rep-1"), account=AccountRef("acme", "Acme Corp"))
KEY = AccountKey("default", "acme", None, "Acme Corp")
ROUTE_KING = Battlecard(
    "route-king",
    "Route King",
    Advice("Route King: plans the night before", "Ask who replans at eleven."),
    names=("Route King",),
    kind=Kind.COMPETITOR,
    body="## When they win\nFixed rounds.\n\n| a | b |\n|---|---|\n- **Meter** reading\n"
    + "A sentence about it. " * 60,
)
FIELD_HAND = Battlecard(
    "field-hand", "Field Hand", Advice("Fine for small teams"), kind=Kind.COMPETITOR
)
PRICING = Battlecard("pricing", "What it costs", Advice("Forty a month"), names=("price list",))
POLICY = DiscountPolicy(
    limits=(DiscountLimit(10), DiscountLimit(5, product="Fleet")),
    approvals=(ApprovalStep(20, "sales manager", "Message the deal desk."),),
)
BOOK = playbook(cards=(ROUTE_KING, FIELD_HAND, PRICING), discounts=POLICY)
LOG = {"outcome": "Pilot agreed", "next_step": "Contract by Friday"}


@dataclass
class ScriptedCrm:
    """Answers when it is told to, and keeps what it was asked."""

    facts: AccountFacts | None = AccountFacts(notes=(Entry("Likes short calls"),))
    error: Exception | None = None
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[AccountKey] = field(default_factory=list)
    written: list[tuple[AccountKey | None, Outcome]] = field(default_factory=list)
    source: str = "scripted"
    is_closed: bool = False
    was_asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def account(self, key: AccountKey) -> AccountFacts | None:
        self.asked.append(key)
        self.was_asked.set()
        await self.may_answer.wait()
        if self.error is not None:
            raise self.error
        return self.facts

    async def log_outcome(self, key: AccountKey | None, outcome: Outcome) -> None:
        await self.may_answer.wait()
        if self.error is not None:
            raise self.error
        self.written.append((key, outcome))

    async def aclose(self) -> None:
        self.is_closed = True


@pytest.fixture
def crm() -> ScriptedCrm:
    crm = ScriptedCrm()
    crm.may_answer.set()
    return crm


@pytest.fixture
def tools(crm: ScriptedCrm, tmp_path: Path) -> CallTools:
    return CallTools(JOB, BOOK, Dossiers(crm, KEY, tmp_path))


async def run(tools: CallTools, name: str, **arguments: Any) -> str:
    return await tools.run(ToolCall(name, tuple(sorted(arguments.items()))), is_approved=False)


async def run_approved(tools: CallTools, name: str, **arguments: Any) -> str:
    return await tools.run(ToolCall(name, tuple(sorted(arguments.items()))), is_approved=True)


@pytest.mark.parametrize(
    ("name", "card"),
    [
        ("route-king", ROUTE_KING),
        ("ROUTE KING", ROUTE_KING),
        ("Root King", ROUTE_KING),
        ("the route king people", ROUTE_KING),
        ("fieldhand", FIELD_HAND),
        ("Price list", PRICING),
        ("prize list", None),
        ("Salesforce", None),
        ("king", None),
        ("", None),
        ("!?", None),
    ],
)
def test_a_card_is_found_by_id_title_or_name_and_a_rival_s_also_when_misheard(
    name: str, card: Battlecard | None
) -> None:
    assert find_card(BOOK, name) == card


def test_a_name_between_two_cards_is_neither() -> None:
    twin = replace(ROUTE_KING, id="route-ring", title="Route Ring", names=())

    assert find_card(playbook(cards=(ROUTE_KING, twin)), "route bing") is None


def test_a_card_s_text_has_the_advice_whole_and_of_the_body_what_there_is_room_for() -> None:
    text = card_text(ROUTE_KING)

    assert text.startswith(
        "Route King: plans the night before. Ask who replans at eleven. "
        "When they win: Fixed rounds. Meter reading. A sentence about it."
    )
    assert text.endswith(".")
    assert len(text) <= MOST_CHARACTERS
    assert card_text(FIELD_HAND) == "Field Hand: Fine for small teams."


async def test_without_a_card_a_sentence_says_so(tools: CallTools) -> None:
    assert await run(tools, "get_battlecard", competitor="Salesforce") == NONE_TEXT


@pytest.mark.parametrize(
    ("percent", "text"),
    [
        (5, "allowed: yes, 5 percent. limit of a rep: 10 percent."),
        (
            8.5,
            "allowed: yes, 8.5 percent. limit of a rep: 10 percent. "
            "not allowed for product Fleet: 5 percent.",
        ),
        (
            12,
            "allowed: no. limit of a rep: 10 percent. "
            "approval: sales manager. how: Message the deal desk.",
        ),
        (
            50,
            "allowed: no. limit of a rep: 10 percent. approval: nobody approves that much.",
        ),
    ],
)
async def test_a_discount_is_decided_by_the_policy(
    tools: CallTools, percent: float, text: str
) -> None:
    assert await run(tools, "check_discount_authority", percent=percent) == text


async def test_without_a_policy_nothing_is_allowed(crm: ScriptedCrm, tmp_path: Path) -> None:
    tools = CallTools(JOB, playbook(), Dossiers(crm, KEY, tmp_path))

    text = await run(tools, "check_discount_authority", percent=1)

    assert text.startswith("allowed: no. limit: none is set for a rep")


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("send_mail", {}, "unknown"),
        ("get_battlecard", {"competitor": 7}, "arguments"),
        ("get_battlecard", {"competitor": "x" * 501}, "arguments"),
        ("check_discount_authority", {}, "arguments"),
        ("check_discount_authority", {"percent": "ten"}, "arguments"),
        ("check_discount_authority", {"percent": True}, "arguments"),
        ("check_discount_authority", {"percent": float("nan")}, "arguments"),
        ("check_discount_authority", {"percent": 101}, "arguments"),
        ("log_outcome", LOG, "unapproved"),
    ],
)
async def test_what_may_not_be_done_is_refused_by_a_code(
    tools: CallTools, name: str, arguments: dict[str, Any], code: str
) -> None:
    with pytest.raises(ToolFailed) as failed:
        await run(tools, name, **arguments)

    assert failed.value.code == code


async def test_account_rep_and_tenant_come_from_the_job(crm: ScriptedCrm, tmp_path: Path) -> None:
    job = replace(JOB, tenant="north")
    key = AccountKey.of(job, {})
    tools = CallTools(job, BOOK, Dossiers(crm, key, tmp_path))

    await run(tools, "get_account_context")
    await run_approved(tools, "log_outcome", **LOG)

    ours = AccountKey("north", "acme", None, "Acme Corp")
    assert crm.asked == [ours]
    expected = Outcome("c-1", "rep-1", "Pilot agreed", "Contract by Friday")
    assert crm.written == [(ours, expected)]


@pytest.mark.parametrize("name", ["account", "account_id", "tenant", "rep"])
async def test_whoever_names_another_account_or_rep_gets_and_writes_nothing(
    crm: ScriptedCrm, tools: CallTools, name: str
) -> None:
    for tool, arguments in (("get_account_context", {}), ("log_outcome", LOG)):
        with pytest.raises(ToolFailed, match="arguments"):
            await run_approved(tools, tool, **arguments, **{name: "rival"})

    assert (crm.asked, crm.written) == ([], [])


async def test_the_dossier_is_asked_for_once(crm: ScriptedCrm, tools: CallTools) -> None:
    assert await tools.prefetch()
    texts = [await tools.run(ACCOUNT_CONTEXT, is_approved=False) for _ in range(3)]

    assert texts == ["Note: Likes short calls."] * 3
    assert len(crm.asked) == 1


async def test_a_late_dossier_is_used_when_it_comes(crm: ScriptedCrm, tools: CallTools) -> None:
    crm.may_answer.clear()
    assert not await tools.prefetch()
    waiting = asyncio.create_task(tools.run(ACCOUNT_CONTEXT, is_approved=False))
    await asyncio.sleep(0)

    crm.may_answer.set()

    assert await waiting == "Note: Likes short calls."
    assert len(crm.asked) == 1


async def test_one_who_loses_patience_does_not_stop_it_for_the_others(
    crm: ScriptedCrm, tools: CallTools
) -> None:
    crm.may_answer.clear()
    first = asyncio.create_task(tools.run(ACCOUNT_CONTEXT, is_approved=False))
    second = asyncio.create_task(tools.run(ACCOUNT_CONTEXT, is_approved=False))
    await asyncio.sleep(0)
    first.cancel()

    crm.may_answer.set()

    assert await second == "Note: Likes short calls."
    assert first.cancelled()


async def test_after_a_failure_it_is_asked_anew(crm: ScriptedCrm, tools: CallTools) -> None:
    crm.error = CrmError("broken")
    assert not await tools.prefetch()
    with pytest.raises(ToolFailed, match="broken"):
        await tools.run(ACCOUNT_CONTEXT, is_approved=False)

    crm.error = None

    assert await tools.run(ACCOUNT_CONTEXT, is_approved=False) == "Note: Likes short calls."
    assert len(crm.asked) == 3


async def test_whatever_a_crm_s_adapter_lets_escape_is_a_failure_with_a_code(
    crm: ScriptedCrm, tools: CallTools, caplog: pytest.LogCaptureFixture
) -> None:
    """A whole number of 400 digits where a date was mapped killed the task that asked."""
    crm.error = OverflowError("canary")
    assert not await tools.prefetch()

    with pytest.raises(ToolFailed, match="broken") as asked:
        await tools.run(ACCOUNT_CONTEXT, is_approved=False)
    with pytest.raises(ToolFailed, match="broken"):
        await run_approved(tools, "log_outcome", **LOG)
    crm.error = None

    assert await tools.run(ACCOUNT_CONTEXT, is_approved=False) == "Note: Likes short calls."
    assert "canary" not in f"{asked.value!r} {asked.value.__cause__!r}"
    assert [record.__dict__["error_type"] for record in caplog.records] == ["OverflowError"] * 3
    assert "canary" not in str([record.__dict__ for record in caplog.records])


async def test_an_account_that_nobody_knows_has_no_context(
    crm: ScriptedCrm, tools: CallTools
) -> None:
    crm.facts = None

    for _ in range(2):
        with pytest.raises(ToolFailed, match="not_found"):
            await tools.run(ACCOUNT_CONTEXT, is_approved=False)
    assert len(crm.asked) == 1


async def test_a_job_without_an_account_asks_nobody_and_its_outcome_is_written_all_the_same(
    crm: ScriptedCrm, tmp_path: Path
) -> None:
    job = Job("c-1", Rep("rep-1"))
    tools = CallTools(job, BOOK, Dossiers(crm, AccountKey.of(job, {}), tmp_path))

    assert not await tools.prefetch()
    with pytest.raises(ToolFailed, match="not_found"):
        await tools.run(ACCOUNT_CONTEXT, is_approved=False)
    await run_approved(tools, "log_outcome", **LOG)

    assert crm.asked == []
    assert [key for key, _ in crm.written] == [None]


async def test_an_outcome_makes_the_dossier_of_the_next_call_a_new_one(
    crm: ScriptedCrm, tools: CallTools, tmp_path: Path
) -> None:
    await tools.run(ACCOUNT_CONTEXT, is_approved=False)
    await run_approved(tools, "log_outcome", **LOG)
    crm.facts = AccountFacts(notes=(Entry("Pilot agreed"),))

    next_call = CallTools(JOB, BOOK, Dossiers(crm, KEY, tmp_path))

    assert await next_call.run(ACCOUNT_CONTEXT, is_approved=False) == "Note: Pilot agreed."


async def test_closing_stops_what_is_under_way(crm: ScriptedCrm, tools: CallTools) -> None:
    crm.may_answer.clear()
    asking = asyncio.create_task(tools.run(ACCOUNT_CONTEXT, is_approved=False))
    await asyncio.wait_for(crm.was_asked.wait(), 10)

    await tools.aclose()
    await tools.aclose()

    with pytest.raises(asyncio.CancelledError):
        await asking
    assert crm.is_closed


async def test_the_embedded_crm_is_the_default(tmp_path: Path) -> None:
    account = Account("acme", "Acme Corp", notes="Renewal: 14 November.")
    book: Playbook = replace(BOOK, accounts={"acme": account})
    tools = open_tools(JOB, book, {}, tmp_path)

    assert await tools.run(ACCOUNT_CONTEXT, is_approved=False) == "Renewal: 14 November."
    await tools.aclose()


async def test_the_embedded_crm_knows_the_accounts_by_their_playbook(tmp_path: Path) -> None:
    job = replace(JOB, account=AccountRef("unknown"))
    first, second = (
        open_tools(job, replace(BOOK, name=name), {}, tmp_path) for name in ("One", "Two")
    )
    await run_approved(first, "log_outcome", **LOG)

    with pytest.raises(ToolFailed, match="not_found"):
        await second.run(ACCOUNT_CONTEXT, is_approved=False)
    assert "Pilot agreed" in await first.run(ACCOUNT_CONTEXT, is_approved=False)
