"""Processes that ask a model: how many at once, what a crash leaves, what the first one loads."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from coach.adapters.models.slots import Slots
from coach.application.ports import AdvisorFailed
from coach.domain.advice import Counsel
from integration import model_server
from integration.advisor.asking import STALL, Open, answers, failure
from integration.model_server import ModelServer, Reply
from integration.processes import stop, wait_until
from integration.waiting import eventually


async def test_one_question_too_many_is_not_asked(
    model: ModelServer, opened: Open, tmp_path: Path
) -> None:
    model.say(Reply(STALL, first_token_ms=300))
    first, second = opened(model, slot_count=1), opened(model, slot_count=1)

    under_way = asyncio.create_task(answers(first))
    await eventually(lambda: model.asked, "the first is asked")
    code = await failure(second)
    await under_way

    assert code == "full"
    assert (await answers(second))[-1][0] == Counsel(None)


CRASH = """
import asyncio, os, sys
from pathlib import Path
from coach.adapters.models.slots import Slots

async def main():
    async with Slots(Path(sys.argv[1]), 1).taken():
        os._exit(9)

asyncio.run(main())
"""


async def test_a_crash_frees_its_slot(tmp_path: Path) -> None:
    """A process that dies with a question under way must not use up the machine's limit."""
    command = [sys.executable, "-c", CRASH, str(tmp_path)]
    crashed = await asyncio.to_thread(subprocess.run, command, timeout=60, check=False)

    assert crashed.returncode == 9
    async with Slots(tmp_path, 1).taken():
        with pytest.raises(AdvisorFailed, match="full"):
            async with Slots(tmp_path, 1).taken():
                pass


def test_the_scripted_model_runs_as_a_process(tmp_path: Path) -> None:
    """Workers' job processes connect to it: it has to be one of its own."""
    script, port_file = tmp_path / "script.json", tmp_path / "port"
    script.write_text(json.dumps({"rules": [{"match": "too dear", "text": STALL}]}))
    program = Path(model_server.__file__)
    command = [sys.executable, *map(str, (program, "--port-file", port_file, "--script", script))]
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        wait_until(port_file.exists, process, "the scripted model serves", log)
        url = f"http://127.0.0.1:{port_file.read_text()}"
        told = [
            httpx2.post(f"{url}/v1/chat/completions", json=_chat(text)).text
            for text in ("It is too dear.", "Hello.")
        ]
        asked = httpx2.get(f"{url}/requests").json()
    finally:
        stop(process)

    assert "stal" in told[0]
    assert "othi" in told[1]
    assert [each["body"]["messages"][-1]["content"] for each in asked] == [
        "It is too dear.",
        "Hello.",
    ]


def _chat(text: str) -> dict[str, object]:
    return {"model": "m", "messages": [{"role": "user", "content": text}]}


FIRST_QUESTION = """
import asyncio, contextlib, json, sys
from pathlib import Path
from coach.adapters.models.advisor import open_advisor
from coach.adapters.profile import ModelEndpoint, Profile
from coach.domain.advice import AdviceRequest

async def main():
    endpoint = ModelEndpoint(sys.argv[1], "m", "")
    before = set(sys.modules)
    advisor = open_advisor(
        Profile("p", llm=(endpoint,)), data=Path(sys.argv[2]), notice=lambda *_: None
    )
    request = AdviceRequest(0, 1, 0, "", "", ("stall",), (), True)
    async with contextlib.aclosing(advisor.ask(request, None, 10.0)) as told:
        [each async for each in told]
    print(json.dumps(sorted(set(sys.modules) - before)))
    await advisor.aclose()

asyncio.run(main())
"""


async def test_the_first_question_imports_nothing_large(model: ModelServer, tmp_path: Path) -> None:
    """The client loaded 80 modules with it: the call's loop stood still for 0.2 s."""
    command = [sys.executable, "-c", FIRST_QUESTION, model.url, str(tmp_path)]

    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=60)

    loaded = json.loads(done.stdout)
    assert [name for name in loaded if name.split(".")[0] not in ("encodings", "stringprep")] == []
