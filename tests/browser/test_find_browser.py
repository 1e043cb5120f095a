"""Which browser the tests of this folder use, and what is said when there is none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from browser import find_browser
from browser.find_browser import NoBrowser

SCRIPT = Path(find_browser.__file__)


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(find_browser, "PLACES", ())
    monkeypatch.delenv("TEST_BROWSER", raising=False)


def program(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.mark.usefixtures("nothing_installed")
def test_without_a_browser_it_says_how_to_get_one_and_how_to_do_without() -> None:
    with pytest.raises(NoBrowser) as raised:
        find_browser.find_browser()

    assert "apt-get install chromium" in str(raised.value)
    assert "make test TEST_BROWSER=none" in str(raised.value)


@pytest.mark.usefixtures("nothing_installed")
def test_one_on_the_path_is_found(tmp_path: Path) -> None:
    chrome = program(tmp_path / "google-chrome")

    assert find_browser.find_browser() == chrome


def test_one_that_is_named_is_used_and_none_means_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mine = program(tmp_path / "mine")

    monkeypatch.setenv("TEST_BROWSER", str(mine))
    assert find_browser.find_browser() == mine
    monkeypatch.setenv("TEST_BROWSER", "none")
    assert find_browser.find_browser() is None
    monkeypatch.setenv("TEST_BROWSER", str(tmp_path / "missing"))
    with pytest.raises(NoBrowser, match="missing"):
        find_browser.find_browser()


@pytest.mark.parametrize(("named", "code"), [("none", 0), ("/no/such/browser", 1)])
def test_as_a_command_it_prints_the_browser_or_fails(named: str, code: int) -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        env={**os.environ, "TEST_BROWSER": named},
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.returncode == code
    assert named in done.stdout + done.stderr
