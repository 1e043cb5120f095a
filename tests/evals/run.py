"""`make evals`: says how well moments are heard, and how silent it is otherwise.

.venv/bin/python tests/evals/run.py [--set dev|test] [--playbook DIR] [--jobs N] [--misses]
"""

import sys
from pathlib import Path

# `evals` is a package of the tests folder; this folder itself is none.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from evals.command import main  # noqa: E402 (importable from here on)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
