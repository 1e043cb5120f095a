"""`coach panel` as a person runs it: one command, two links, and nothing left behind."""

import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from coach.cli.panel.site import INDEX, PAGES
from integration.livekit_server import REPOSITORY

COACH = REPOSITORY / ".venv" / "bin" / "coach"
START_SECONDS = 90.0
STOP_SECONDS = 20.0
_LINK = re.compile(r"http://127\.0\.0\.1:\d+/join/\S+")


@contextmanager
def panel_command() -> Iterator["subprocess.Popen[str]"]:
    """Run the command with nothing of this machine's settings, until the block ends."""
    ours = ("COACH_", "LIVEKIT_", "DEEPGRAM_", "OPENAI_")
    environment = {name: v for name, v in os.environ.items() if not name.startswith(ours)}
    process = subprocess.Popen(
        [str(COACH), "panel"], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        assert process.stdout is not None
        process.stdout.close()


def links_of(process: "subprocess.Popen[str]") -> list[str]:
    """Read what it prints until both links are there."""
    assert process.stdout is not None
    found: list[str] = []
    deadline = time.monotonic() + START_SECONDS
    while len(found) < 2:
        line = process.stdout.readline()
        assert line and time.monotonic() < deadline, "the links were not printed"
        found += _LINK.findall(line)
    return found


def is_alive(process: psutil.Process) -> bool:
    """Whether it still runs; a dead one that nobody has collected does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.timeout(START_SECONDS + STOP_SECONDS + 30)
def test_it_prints_two_links_that_work_and_leaves_nothing_behind() -> None:
    assert (PAGES / INDEX).exists(), "the page is not built; run: make panel"
    with panel_command() as process:
        links = links_of(process)
        for link in links:
            with urllib.request.urlopen(link, timeout=5) as page:
                assert b"Join the call" in page.read()
        family = psutil.Process(process.pid).children(recursive=True)

        process.send_signal(signal.SIGINT)
        process.wait(STOP_SECONDS)

    assert family, "server and worker ran below it"
    assert not [child for child in family if is_alive(child)]
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(links[0], timeout=2)
