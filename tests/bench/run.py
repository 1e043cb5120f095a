"""`make bench`: measures what the product promises in numbers, and prints one table.

.venv/bin/python tests/bench/run.py [NAME …] [--quick]
"""

import sys
from pathlib import Path

# `bench` and `integration` are packages of the tests folder; this folder itself is none.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from bench.command import main  # noqa: E402 (importable from here on)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
