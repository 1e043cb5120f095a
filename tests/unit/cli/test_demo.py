"""The demo's names, and how it stops."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from coach.cli.demo import processes
from coach.cli.demo.command import Names, Plan
from coach.cli.demo.signals import stopping
from demo_call import load_demo_call
from demo_call.audio import CallAudio, read_stereo

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, lambda *_: 0); print(); time.sleep(60)"
)


@pytest.fixture(scope="module")
def audio() -> CallAudio:
    return read_stereo(load_demo_call().audio_path)


def test_each_demo_has_names_of_its_own() -> None:
    one, two = Names.fresh(), Names.fresh()

    assert one.agent.startswith("call-assistant-")
    assert one.agent.removeprefix("call-assistant-") == one.room.removeprefix("demo-")
    assert {one.agent, one.room}.isdisjoint({two.agent, two.room, "call-assistant", "demo"})


def test_the_worker_of_a_demo_has_the_demos_name_and_playbook(
    audio: CallAudio, tmp_path: Path
) -> None:
    built_in = Plan(audio, load_demo_call())
    own = Plan(audio, None)

    assert built_in.environment(tmp_path)["LIVEKIT_AGENT_NAME"] == built_in.names.agent
    assert built_in.environment(tmp_path)["COACH_PLAYBOOK"] == str(tmp_path / "playbook")
    assert "COACH_PLAYBOOK" not in own.environment(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_interrupts_and_later_ones_only_hurry(number: signal.Signals) -> None:
    hurried: list[int] = []
    earlier = signal.getsignal(number)

    with stopping(lambda: hurried.append(1)) as stop:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        signal.raise_signal(number)
        signal.raise_signal(signal.SIGINT)

    assert (stop.number, stop.exit_code, hurried) == (number, 128 + number, [1, 1])
    assert signal.getsignal(number) == earlier


def test_an_ignored_signal_stays_ignored() -> None:
    earlier = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stopping(lambda: None) as stop:
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, earlier)

    assert stop.number is None


def test_a_process_is_asked_twice_before_it_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "AGAIN_SECONDS", 0.3)
    program = textwrap.dedent("""
        import os, signal, time
        asked = []
        def ask(*_):
            asked.append(1)
            if len(asked) == 2:
                print("twice", flush=True)
                os._exit(1)
        signal.signal(signal.SIGTERM, ask)
        print("ready", flush=True)
        while True:
            time.sleep(0.05)
    """)
    log = tmp_path / "log"

    with processes.running("it", [sys.executable, "-c", program], log, {}) as process:
        _wait_for_text(log, "ready")

    assert process.returncode == 1
    assert "twice" in log.read_text()


def test_an_interrupt_while_stopping_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    with (
        pytest.raises(KeyboardInterrupt),
        processes.running("it", [sys.executable, "-uc", STUBBORN], log, {}) as process,
    ):
        _wait_for_text(log, "\n")
        wait, asked = process.wait, iter([True])

        def interrupted_once(timeout: float | None = None) -> int:
            if next(asked, False):
                raise KeyboardInterrupt
            return wait(timeout)

        monkeypatch.setattr(process, "wait", interrupted_once)

    assert process.returncode == -signal.SIGKILL
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_everything_that_runs_can_be_killed_at_once(tmp_path: Path) -> None:
    log = tmp_path / "log"

    with processes.running("it", [sys.executable, "-uc", STUBBORN], log, {}) as process:
        _wait_for_text(log, "\n")
        processes.kill_all()
        assert process.wait(5) == -signal.SIGKILL


def _wait_for_text(log: Path, text: str) -> None:
    deadline = time.monotonic() + 10
    while text not in log.read_text():
        assert time.monotonic() < deadline, text
        time.sleep(0.02)


def test_the_stand_alone_recogniser_is_the_command_itself() -> None:
    command = "from coach.cli.main import app; app()"
    with subprocess.Popen(
        [sys.executable, "-c", command, "stt-server"], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert f'"pid": {process.pid}' in process.stdout.readline()
            process.terminate()
            assert process.wait(10) == 0
        finally:
            process.kill()
