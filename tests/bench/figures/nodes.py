"""Ten thousand hints in one page: whether nodes, listeners or memory grow with them."""

import asyncio
import json
import os

from bench.bench import Bench
from bench.measures import Figure, Goal, Measure, Of
from browser.find_browser import find_browser
from browser.hints import COMMAND, REP_CLIENT

TITLE = "10,000 hints in one page"
HINTS, QUICK_HINTS = 10_000, 500
GIVE_UP_SECONDS = 300.0


async def run(bench: Bench) -> Figure:
    """Send hints to a panel on a scripted room in Chromium; count what is left after each tenth."""
    executable = find_browser()
    if executable is None:
        return Figure("nodes", TITLE, (), ("left out: no browser",))
    hints = bench.pick(HINTS, QUICK_HINTS)
    bench.say(f"sending {hints:,} hints …")
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        str(hints),
        cwd=REP_CLIENT,
        env={**os.environ, "CHROMIUM": str(executable)},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), GIVE_UP_SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
    found = json.loads(output)
    grown = {name: found[name]["after"] - found[name]["before"] for name in ("nodes", "listeners")}
    none, few = Goal(Of.VALUE, 0), Goal(Of.VALUE, 60)  # a few differ with the hint that is shown
    measures = (
        Measure.one("nodes more than after 200 hints", "", grown["nodes"], few, size=hints),
        Measure.one("listeners more", "", grown["listeners"], none, size=hints),
        Measure.one("heap that grows with a hint", "bytes", found["heap_bytes_per_hint"], size=10),
        Measure.one("a hint and its revision", "ms", found["ms_per_hint"], size=hints),
    )
    note = "Each hint with a revision; every tenth rated, every hundredth unfolded. After garbage"
    return Figure("nodes", TITLE, measures, (f"{note} collection; the heap as a slope.",))
