"""One call with all there is: two prospects, a shared screen, a model, a slow CRM, and consent."""

import asyncio
import base64
import contextlib
import json
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from livekit import rtc

from integration.crm_server import ACME, CrmServer
from integration.crm_server import Reply as CrmReply
from integration.livekit_server import REPOSITORY
from integration.model_server import Asked, ModelServer, Reply, advice, model_server
from integration.people import OTHER_HZ, PROSPECT_HZ, REP_HZ, Person
from integration.recogniser import ScriptedRecogniser, scripted_recogniser
from integration.rep_panel import RepPanel
from integration.rooms import close_room, dispatch, metadata
from integration.screens import SharedScreen, joined_blind
from integration.servers import OpenCall
from integration.services import Ports, Services, running_services
from integration.waiting import eventually, never
from integration.witness import Witness
from unit.screen.pictures import bullets, table

# The SDK drops some handles of a client twice when it leaves a room; only tests notice.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FfiHandle")

AGENDA = bullets("Agenda", "Your goals", "A demonstration", "Questions and next steps")
PRICING = table("Pricing per seat", ("Plan", "Monthly"), ("Starter", "$29"), ("Growth", "$59"))
CAMERA = bullets("A face")
OBJECTION = "that is way over our budget"
OFFER = "then I can give you forty percent off"
ON_SLIDE = "what does this number on the slide mean for crews who work in three towns at once"
AGREEMENT = "and how would the two of us go on from here if everybody on my side agrees to it"
"""Of sixteen words and more, so that each is asked about however soon after the other."""
HEADLINE_MS, DETAIL_MS = 2_000, 4_000
"""How long after the end of its turn an advisor's headline, and its detail, are of use."""
TRIGGER_MS = 500
STILL_SECONDS = 1.5
REVOKED_SECONDS = 1.0
WORD = "marmalade"
"""Stands in all that a call must forget."""
quick_reply = partial(Reply, first_token_ms=180, tokens_per_second=60.0)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    ports = Ports()
    folder: Path = tmp_path_factory.mktemp("everything")
    environment = {"COACH_PLAYBOOK": str(eager_playbook(folder))}
    profiles = {"default": ports.profile()}
    with running_services(folder, profiles, ports, environment) as services:
        yield services


def eager_playbook(folder: Path) -> Path:
    """Copy the shipped playbook, with a budget that holds nothing back."""
    playbook = folder / "playbook"
    shutil.copytree(REPOSITORY / "playbook", playbook)
    head = yaml.safe_load((playbook / "playbook.yaml").read_text("utf-8"))
    head["budget"] |= {"gap_seconds": 0, "per_window": 1000, "per_call": 1000}
    head["budget"] |= {"screen_share_ratio": 1}
    (playbook / "playbook.yaml").write_text(yaml.safe_dump(head))
    return playbook


@pytest.fixture
async def recogniser(services: Services) -> AsyncIterator[ScriptedRecogniser]:
    async with scripted_recogniser(services.ports.stt) as recogniser:
        yield recogniser


@pytest.fixture
async def model(services: Services) -> AsyncIterator[ModelServer]:
    async with model_server(services.ports.llm) as model:
        model.default = quick_reply()
        yield model


class NotingCrm(CrmServer):
    """A CRM that also notes who hung up on it, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.dropped_at: list[float] = []

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        try:
            return await super()._handle(request)
        except asyncio.CancelledError:
            self.dropped_at.append(time.monotonic())
            raise


@pytest.fixture
async def crm(services: Services) -> AsyncIterator[NotingCrm]:
    crm = NotingCrm()
    runner = web.AppRunner(crm.app(), shutdown_timeout=0.2, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", services.ports.crm, reuse_address=True).start()
    yield crm
    await runner.cleanup()


@dataclass(slots=True)
class Scene:
    """A call, its second prospect, and what the prospects' clients were told."""

    call: OpenCall
    other: Person
    witnesses: list[Witness]

    @property
    def seen(self) -> list[str]:
        """What reached the prospects."""
        return [what for witness in self.witnesses for what in witness.seen]


@contextlib.asynccontextmanager
async def scene(
    services: Services, recogniser: ScriptedRecogniser, name: str, **job: Any
) -> AsyncIterator[Scene]:
    """Begin a call in which nobody but the coach subscribes to anything."""
    livekit = services.livekit
    async with contextlib.AsyncExitStack() as stack:
        people = [
            await stack.enter_async_context(joined_blind(livekit, identity, name))
            for identity in ("rep-1", "buyer-1", "buyer-2")
        ]
        for person, tone_hz in zip(people, (REP_HZ, PROSPECT_HZ, OTHER_HZ), strict=True):
            await person.publish_microphone(tone_hz)
        rep, prospect, other = people
        witnesses, panel = [Witness(prospect), Witness(other)], RepPanel().register(rep)
        await dispatch(livekit, name, metadata(call_id=name, account={"id": name}, **job))
        await eventually(lambda: panel.hellos, "the coach says hello")
        stack.push_async_callback(close_room, livekit, name)
        yield Scene(OpenCall(livekit, name, rep, prospect, panel, recogniser), other, witnesses)


def frames(services: Services, call: OpenCall) -> list[Path]:
    """Return a call's frames on the disk."""
    return sorted(services.traces.glob(f"{call.name}.*/*.jpg"))


def at_once_and_later(call: OpenCall, moment: str) -> list[tuple[str, int]]:
    """Return path and rev of the nudges of a moment."""
    return [(n["path"], n["rev"]) for n in call.panel.nudges if n["moment"] == moment]


async def is_told(call: OpenCall, moment: str, count: int) -> None:
    """Wait until the rep was told of a moment so many times."""
    await eventually(lambda: len(at_once_and_later(call, moment)) >= count, f"{count} of {moment}")


async def test_the_right_hint_comes_at_the_right_time_once_and_to_the_rep_alone(
    services: Services, recogniser: ScriptedRecogniser, model: ModelServer, crm: NotingCrm
) -> None:
    crm.accounts = [ACME | {"id": "everything"}]
    crm.default = CrmReply(slow_seconds=3.0)
    async with scene(services, recogniser, "everything") as at:
        call = at.call
        camera = await SharedScreen.publish(call.rep, CAMERA, rtc.TrackSource.SOURCE_CAMERA)
        others = await SharedScreen.publish(at.other, AGENDA)
        screen = await SharedScreen.publish(call.rep, AGENDA)
        await eventually(lambda: frames(services, call), "the slide is seen")

        await call.says(PROSPECT_HZ, OBJECTION)
        await is_told(call, "price_objection", 1)
        await call.says(PROSPECT_HZ, OBJECTION, is_final=True)

        screen.show(PRICING)
        await eventually(lambda: len(frames(services, call)) > 1, "the next slide is seen")
        model.say(quick_reply(about("trust_concern", "Say what the number means for them")))
        await call.says(OTHER_HZ, ON_SLIDE, is_final=True)
        await is_told(call, "trust_concern", 2)
        newest_frame = frames(services, call)[-1].read_bytes()

        await call.says(REP_HZ, OFFER)
        await is_told(call, "discount_over_authority", 1)
        await call.says(REP_HZ, OFFER, is_final=True)

        model.say(quick_reply(tools=(("get_battlecard", {"competitor": "Route King"}),)))
        words = "how would the two of us go on"
        model.say(quick_reply(about("buying_signal", "Agree on one date and one person", words)))
        await call.says(PROSPECT_HZ, AGREEMENT, is_final=True)
        await is_told(call, "buying_signal", 2)
        await eventually(lambda: services.traced("everything", "tool", ok=True)[1:], "the dossier")
        await call.control("stop")
        await call.has_ended()

        assert at_once_and_later(call, "price_objection") == [("trigger", 0)]
        assert at_once_and_later(call, "discount_over_authority") == [("trigger", 0)]
        assert at_once_and_later(call, "trust_concern") == [("advisor", 0), ("advisor", 1)]
        assert at_once_and_later(call, "buying_signal") == [("tool", 0), ("tool", 1)]
        assert len(call.panel.nudges) == 6
        with_picture = next(asked for asked in model.asked if asked.images)
        assert ON_SLIDE in with_picture.user
        assert picture_of(with_picture) == newest_frame
        assert at.seen == []
        assert screen.is_subscribed
        assert not camera.is_subscribed and not others.is_subscribed
        for shared in (camera, others, screen):
            await shared.stop()
    assert_in_time(services.trace("everything"))


def about(moment: str, headline: str, words: str = "what does this number on the slide") -> str:
    """Return an answer of the model."""
    evidence = {"utterance": None, "words": words}
    return advice(moment, headline, evidence=evidence, detail="Then wait for what they say.")


def assert_in_time(lines: list[dict[str, Any]]) -> None:
    """See by the receipts that each nudge was shown while it was of use."""
    receipts = [line for line in lines if line["type"] == "receipt"]
    sent = {(r["nudge_id"], r["rev"]) for r in receipts}
    lives = {
        line["nudge"]["id"]: line["nudge"]["created_ms"] + line["nudge"]["expires_in_ms"]
        for line in lines
        if line["type"] == "decision" and line["outcome"] == "delivered"
    }
    turns_at = [line["turn_at_ms"] for line in lines if line["type"] == "advisor"]
    assert len(sent) == len(receipts) == 6
    assert {receipt["reply"] for receipt in receipts} == {"shown"}
    for receipt in receipts:
        assert receipt["acknowledged_ms"] <= lives[receipt["nudge_id"]]
        if receipt["path"] == "trigger":
            assert receipt["sent_ms"] - receipt["heard_ms"] <= TRIGGER_MS
            continue
        turn_at_ms = max(at for at in turns_at if at <= receipt["sent_ms"])
        assert receipt["sent_ms"] - turn_at_ms <= (DETAIL_MS if receipt["rev"] else HEADLINE_MS)
        assert receipt["served_by"] == "default/scripted"
    assert [lost for line in lines if (lost := line.get("lost_lines"))] == []


def picture_of(asked: Asked) -> bytes:
    """Return the picture of a question."""
    [image] = asked.images
    return base64.b64decode(image["url"].partition(",")[2])


async def test_before_consent_nothing_is_seen_and_nobody_is_asked(
    services: Services, recogniser: ScriptedRecogniser, model: ModelServer, crm: NotingCrm
) -> None:
    pending = {"state": "pending", "policy": "call"}
    async with scene(services, recogniser, "before", consent=pending) as at:
        call = at.call
        screen = await SharedScreen.publish(call.rep, AGENDA)
        await eventually(lambda: crm.asked, "what is fetched before the call")

        await never(
            lambda: screen.is_subscribed or model.asked or recogniser.streams or crm.asked[1:],
            "something is seen, heard or asked before consent",
            STILL_SECONDS,
        )
        assert frames(services, call) == [] == services.traced("before", "tool")

        await call.control("consent_granted")
        await call.says(PROSPECT_HZ, ON_SLIDE, is_final=True)
        await eventually(lambda: screen.is_subscribed, "the screen is seen")
        await eventually(lambda: model.asked, "the model is asked")
        await screen.stop()


async def test_revocation_hangs_up_on_model_and_crm(
    services: Services, recogniser: ScriptedRecogniser, model: ModelServer, crm: NotingCrm
) -> None:
    crm.say(CrmReply(status=500))  # what is fetched before the call begins
    crm.default = CrmReply(hangs="headers")
    model.default = Reply(hangs="headers")
    pending = {"state": "pending", "policy": "call"}
    async with scene(services, recogniser, "hangs-up", consent=pending) as at:
        call = at.call
        await eventually(lambda: crm.asked, "what is fetched before the call")
        await call.control("consent_granted")
        await eventually(lambda: crm.asked[1:], "the tool asks")
        await call.says(PROSPECT_HZ, AGREEMENT, is_final=True)
        await eventually(lambda: model.asked, "the model is asked")
        assert not crm.dropped_at and model.asked[0].dropped_at is None

        await call.control("consent_revoked")

        await eventually(lambda: model.asked[0].dropped_at, "the model", REVOKED_SECONDS)
        await eventually(lambda: crm.dropped_at, "the CRM", REVOKED_SECONDS)
        await call.wait_for_status(state="waiting_for_consent", consent="revoked", thinking=False)
        assert call.panel.nudges == [] == at.seen


async def test_what_is_revoked_is_forgotten_in_memory_and_on_disk(
    services: Services, recogniser: ScriptedRecogniser, model: ModelServer, crm: NotingCrm
) -> None:
    async with scene(services, recogniser, "forgets") as at:
        call = at.call
        screen = await SharedScreen.publish(call.rep, bullets(f"Our {WORD}", "Not for others"))
        await eventually(lambda: frames(services, call), "the slide is seen")
        await fills_the_window(call, model)
        assert WORD in json.dumps(services.trace("forgets"))

        await screen.unpublish()
        await call.control("consent_revoked")
        await eventually(lambda: not frames(services, call), "the frames are gone")
        await eventually(
            lambda: WORD not in json.dumps(services.trace("forgets")), "the words are gone"
        )
        assert list(services.traces.glob("forgets.*/")) == []

        model.asked.clear()
        await call.control("consent_granted")
        await call.says(PROSPECT_HZ, ON_SLIDE, is_final=True)
        await eventually(lambda: model.asked, "a question after the second yes")
        [asked] = model.asked
        assert WORD not in json.dumps(asked.body)
        assert asked.images == []
        left = [line for line in asked.user.splitlines() if not line.startswith("Playbook")]
        assert left == [
            "Stage so far: opening.",
            "The call, newest last:",
            f"1 prospect: «{ON_SLIDE}»",
        ]
        assert at.seen == []


async def fills_the_window(call: OpenCall, model: ModelServer) -> None:
    """Have all that a question can hold: summary, window, a tool's result, a hint, a picture."""
    for number in range(70):  # more than the window holds: the first are told in short
        await call.says(REP_HZ, f"we need {number} jars of {WORD}", is_final=True)
    model.say(Reply(tools=(("check_discount_authority", {"percent": 37}),)))
    words = f"how would {WORD} go on"
    model.say(Reply(about("buying_signal", f"Agree on a date for {WORD}", words)))
    text = AGREEMENT.replace("the two of us", WORD).replace("agrees to it", "likes this slide")
    await call.says(PROSPECT_HZ, text, is_final=True)
    await is_told(call, "buying_signal", 2)
    model.say(Reply())
    await call.says(PROSPECT_HZ, f"{ON_SLIDE} of {WORD}", is_final=True)
    await eventually(lambda: len(model.asked) == 3 and model.asked[-1].ended_at, "three questions")
    full = model.asked[-1]
    assert "Earlier: «" in full.user and f"Hint given: «Agree on a date for {WORD}»" in full.user
    assert "Looked up, check_discount_authority" in full.user
    assert model.asked[0].images
