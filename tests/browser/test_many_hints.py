"""A panel that has shown hundreds of hints holds no more of the page than after the first."""

import os
import subprocess
from pathlib import Path

from browser.hints import COMMAND, REP_CLIENT

HINTS = 500


def test_neither_nodes_nor_listeners_grow_with_the_hints(chromium: Path) -> None:
    done = subprocess.run(
        [*COMMAND, str(HINTS)],
        cwd=REP_CLIENT,
        env={**os.environ, "CHROMIUM": str(chromium)},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr
