"""A question to nobody: what it asks, and what it must not leave behind."""

import subprocess
import sys

import httpx2

from coach.adapters.models import rehearsal

IN_A_PROCESS = """
import threading
from coach.adapters.models.rehearsal import rehearse
rehearse()
print(threading.active_count())
"""


async def test_it_asks_once_with_form_and_tools_and_reads_the_answer() -> None:
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return rehearsal._answer(request)

    await rehearsal._ask_nobody(httpx2.MockTransport(answer))

    (request,) = asked
    assert request.url.path == "/v1/chat/completions"
    assert b'"response_format"' in request.content
    assert b'"tools"' in request.content


async def test_an_answer_that_breaks_is_no_error() -> None:
    """Then the first question of a call takes a little longer."""
    broken = httpx2.MockTransport(lambda request: httpx2.Response(500, request=request))

    await rehearsal._ask_nobody(broken)


def test_it_leaves_no_thread_that_a_fork_would_lose() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_A_PROCESS], capture_output=True, text=True, timeout=60
    )

    assert done.stdout.strip() == "1", done.stderr
