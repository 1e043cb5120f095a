"""Finds a Chromium or Chrome for the browser tests; on Debian, as root, installs one.

`python tests/browser/find_browser.py` prints its path. TEST_BROWSER names another one, or `none`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

VARIABLE = "TEST_BROWSER"
NONE = "none"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
HOW = f"""\
the browser tests need Chromium or Chrome, and none was found.
  Debian, Ubuntu:  sudo apt-get install chromium
  elsewhere:       install Chrome, or name one: make test {VARIABLE}=/path/to/chrome
  without them:    make test {VARIABLE}={NONE}"""


class NoBrowser(Exception):
    """There is none; the text says how to get one."""


def find_browser() -> Path | None:
    """Return the browser to use; None when there shall be none.

    Raises:
        NoBrowser: none is installed, or the one that was named does not exist.
    """
    named = os.environ.get(VARIABLE, "")
    if named == NONE:
        return None
    if named:
        if found := shutil.which(named):
            return Path(found)
        raise NoBrowser(f"{VARIABLE}: there is no program {named}")
    for candidate in (*NAMES, *PLACES):
        if found := shutil.which(candidate):
            return Path(found)
    raise NoBrowser(HOW)


def _may_install() -> bool:
    return (
        os.geteuid() == 0
        and Path("/etc/debian_version").exists()
        and shutil.which("apt-get") is not None
        and not os.environ.get(VARIABLE)
    )


def _install() -> None:
    _say("installing Chromium for the browser tests (apt-get install chromium) …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
    ):
        subprocess.run(command, env=environment, stdout=sys.stderr, check=True)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def main() -> int:
    """Print the browser's path. Returns 1 when there is none."""
    try:
        try:
            found = find_browser()
        except NoBrowser:
            if not _may_install():
                raise
            _install()
            found = find_browser()
    except (NoBrowser, subprocess.CalledProcessError) as error:
        _say(str(error))
        return 1
    sys.stdout.write(f"{found or NONE}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
