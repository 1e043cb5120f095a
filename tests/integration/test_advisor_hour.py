"""An hour of talk through the call object, and every question of it through the real adapter."""

import contextlib
import json
import random
import re
from pathlib import Path
from typing import Any

from coach.adapters.models.advisor import open_advisor
from coach.adapters.playbook.files import load_playbook
from coach.adapters.profile import ModelEndpoint, Profile
from coach.domain.advice import AdviceRequest, Counsel
from coach.domain.call import Call
from coach.domain.events import (
    AdvisorAnswered,
    ParticipantChanged,
    ToolReturned,
    Transcript,
    TurnCompleted,
)
from coach.domain.job import AccountRef
from coach.domain.knowledge import Abilities
from coach.domain.outputs import Advise
from coach.domain.playbook import Speaker
from coach.domain.tools import ACCOUNT_CONTEXT
from coach.engines import knowledge_of
from fakes.scene import BUYER, REP, job
from integration.model_server import ModelServer, Reply, model_server

ROOT = Path(__file__).parents[2]
HOUR_MS = 3_600_000
MOST_IN, MOST_OUT = 1_200, 150
DEALS = [f"Deal {n}: 30 people, 1,200 dollars a month, renewal in March." for n in range(14)]
_PIECE = re.compile(r"[^\W\d_]{1,9}|\d{1,3}|[^\w\s]")
_JSON_CHARACTERS = 3.6  # a token


def tokens(text: str) -> int:
    """Count as a tokenizer does: a word is one piece unless it is long, so is each sign."""
    return len(_PIECE.findall(text))


def questions_of_an_hour() -> tuple[list[AdviceRequest], int]:
    """Talk for an hour; answer every question with nothing. Return questions and prospect turns."""
    knowledge = knowledge_of(load_playbook(ROOT / "playbook"))
    a_job = job(account=AccountRef("harbor-heating", "Harbor Heating"))
    abilities = Abilities(has_advisor=True, has_tools=True)
    call = Call(job=a_job, knowledge=knowledge, abilities=abilities, run="r-1")
    call.start(), call.ready(0)
    for who, side in ((REP, Speaker.REP), (BUYER, Speaker.PROSPECT)):
        call.handle(0, ParticipantChanged(who, side, True, True))
    call.handle(200, ToolReturned(ACCOUNT_CONTEXT, True, " ".join(DEALS)))
    paths = sorted((ROOT / "agent/coach/adapters/matching/ordinary_talk").glob("*.txt"))
    lines = [
        line for path in paths for line in path.read_text("utf-8").splitlines() if ": " in line
    ]
    chance, at_ms, asked, turns = random.Random(7), 1_000, [], 0
    while at_ms < HOUR_MS:
        side_name, _, text = chance.choice(lines).partition(": ")
        side = Speaker.REP if side_name == "rep" else Speaker.PROSPECT
        who = REP if side is Speaker.REP else BUYER
        start_ms, at_ms = at_ms, at_ms + 400 * len(text.split())
        call.handle(at_ms, Transcript(who, side, text, True, start_ms, at_ms))
        turns += side is Speaker.PROSPECT
        at_ms += chance.choice((200, 700, 700, 1_500, 3_000))
        for output in call.handle(at_ms, TurnCompleted(who, side)):
            if isinstance(output, Advise):
                asked.append(output.request)
                answer = AdvisorAnswered(output.request.turn_at_ms, 1, Counsel(None))
                call.handle(at_ms + 450, answer)
        at_ms += 500
    return asked, turns


async def recorded(requests: list[AdviceRequest], model: ModelServer, data: Path) -> None:
    """Put each question through the adapter."""
    endpoint = ModelEndpoint(model.url, "scripted", "key")
    profile = Profile("default", llm=(endpoint,))
    advisor = open_advisor(profile, data=data, notice=lambda served_by, is_up: None)
    assert advisor is not None
    for request in requests:
        async with contextlib.aclosing(advisor.ask(request, None, 5.0)) as answers:
            async for _ in answers:
                pass
    await advisor.aclose()


def size(body: dict[str, Any]) -> int:
    """Return the tokens of a request: messages, tools and the form of the answer."""
    told = sum(tokens(str(message["content"])) for message in body["messages"])
    forms = [json.dumps(body[name]) for name in ("tools", "response_format") if name in body]
    return told + round(sum(map(len, forms)) / _JSON_CHARACTERS)


async def test_every_question_of_an_hour_is_small_and_begins_with_the_same_bytes(
    tmp_path: Path,
) -> None:
    requests, turns = questions_of_an_hour()
    async with model_server() as model:
        model.default = Reply()
        await recorded(requests, model, tmp_path)

        sizes = [size(asked.body) for asked in model.asked]
        assert len(sizes) == len(requests) > 100
        assert max(sizes) <= MOST_IN
        assert {asked.most_tokens_out for asked in model.asked} == {MOST_OUT}
        assert len({asked.system for asked in model.asked}) == 1
        tools = {json.dumps(asked.body.get("tools")) for asked in model.asked}
        assert len(tools) == 1, "tools stand before the messages in a provider's cache"
        assert all("The account: " in asked.system for asked in model.asked)
    assert len(requests) <= 0.75 * turns
