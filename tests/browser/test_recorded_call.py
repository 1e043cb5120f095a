"""A real call between two browsers: recorded voices, a shared tab, a nudge, and who sees it.

The worker hears by its embedded recogniser, so everything between the prospect's voice and the
pixels of the rep's page is what a customer runs.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from browser.driving import Page, browser, driving
from browser.meeting import join, meeting_on
from browser.rep_panel import RepPanel
from browser.sounds import write_part
from browser.traces_of_text import hidden_traces
from coach.cli.panel.site import serving
from integration.livekit_server import LiveKit, running_livekit
from integration.rooms import close_room
from integration.waiting import eventually
from integration.worker_process import running_worker

ROOM = "recorded"
PART_MS = (41_500, 57_000)
"""From before "that is over our budget" until after "Field Hand"."""
SLIDES = "data:text/html,<title>Slides</title><h1>Payback in six weeks</h1>"
NUDGE_SECONDS = 40.0
SECRET_FIELDS = ("headline", "detail", "say")


@dataclass(frozen=True)
class Backbone:
    """A server, a worker that was given no recogniser, and its traces."""

    livekit: LiveKit
    traces: Path
    folder: Path

    def trace(self) -> list[dict[str, Any]]:
        """Return what the call's trace holds now."""
        paths = sorted(self.traces.glob(f"{ROOM}.*.jsonl"))
        text = paths[0].read_text("utf-8") if paths else ""
        return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backbone]:
    folder = tmp_path_factory.mktemp("recorded")
    traces = folder / "traces"
    traces.mkdir()
    environment = {"COACH_TRACE_DIR": str(traces)}
    with running_livekit(folder) as livekit, running_worker(folder, livekit, environment):
        yield Backbone(livekit, traces, folder)


async def test_a_nudge_is_painted_for_the_rep_and_not_a_byte_of_it_reaches_the_prospect(
    backbone: Backbone, chromium: Path
) -> None:
    sounds = {
        side: write_part(backbone.folder / f"{side}.wav", side, *PART_MS)
        for side in ("rep", "prospect")
    }
    async with (
        driving() as driver,
        browser(driver, chromium, "rep", sounds["rep"]) as rep_browser,
        browser(driver, chromium, "prospect", sounds["prospect"]) as prospect_browser,
        serving(meeting_on(backbone.livekit, ROOM)) as links,
    ):
        rep = await join(await rep_browser.open(links.rep), "Sam")
        prospect = await join(await prospect_browser.open(links.prospect), "Dana")
        try:
            await _share_a_tab(rep, prospect)
            nudge = await _be_coached(backbone, rep, prospect)
            await _compare(rep, prospect, nudge)
            await _give_feedback_and_revoke(backbone, rep)
            assert await rep.complaints() == []  # nothing that the strict policy has blocked
            assert await prospect.complaints() == []
        finally:
            await close_room(backbone.livekit, ROOM)


async def _share_a_tab(rep: Page, prospect: Page) -> None:
    await rep.order("tab", name="slides", url=SLIDES)
    await rep.click("#share")
    picture = "() => document.querySelector('#screen video')?.videoWidth > 0"
    await prospect.until(picture, "the prospect sees the shared tab")


async def _be_coached(backbone: Backbone, rep: Page, prospect: Page) -> dict[str, Any]:
    """Ask for consent, talk, and return the first nudge as it was sent."""
    panel = RepPanel(rep)
    await panel.until("waiting_for_consent")
    await panel.until_disclosure("assistant")
    await panel.do("granted")
    await panel.until("listening")
    for page in (rep, prospect):
        await page.click("#microphone")
    shown = await panel.until_nudge(seconds=NUDGE_SECONDS)
    nudges = [line["nudge"] for line in backbone.trace() if line.get("nudge")]
    [nudge] = [n for n in nudges if n["id"] == shown["nudge"]][:1]
    assert shown["headline"] == nudge["headline"]
    return dict(nudge)


async def _compare(rep: Page, prospect: Page, nudge: dict[str, Any]) -> None:
    """Look for the nudge's texts in every byte that either page has got."""
    texts = [nudge[field] for field in SECRET_FIELDS if nudge.get(field)]
    assert len(texts) == len(SECRET_FIELDS)
    reps, prospects = await rep.wire(), await prospect.wire()

    found = hidden_traces(reps.received("channel"), texts)
    assert found == set(texts), "the same search finds them where they do arrive"
    assert hidden_traces(prospects.received(), texts) == set()
    seen = await prospect.evaluate("() => document.documentElement.outerHTML")
    assert hidden_traces([seen.encode()], texts) == set()

    assert prospects.received("socket"), "the hook has seen the prospect's connection"
    assert (reps.unwatched, prospects.unwatched) == ((), ())


async def _give_feedback_and_revoke(backbone: Backbone, rep: Page) -> None:
    panel = RepPanel(rep)
    await panel.do("useful")
    await eventually(lambda: _feedback_in(backbone.trace()), "feedback in the trace")
    await panel.do("revoked")
    await panel.until_empty()
    await eventually(lambda: not _feedback_in(backbone.trace()), "what was heard is deleted")


def _feedback_in(trace: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in trace if line["type"] == "feedback"]
