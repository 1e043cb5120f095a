"""The command that sends many hints to one panel in a real Chromium."""

from pathlib import Path
from typing import Final

REP_CLIENT: Final = Path(__file__).resolve().parents[2] / "rep_client"
COMMAND: Final = ("node", "bench/nodes.mjs")
"""To be run in `REP_CLIENT`, with the number of hints. Fails when nodes or listeners grow."""
