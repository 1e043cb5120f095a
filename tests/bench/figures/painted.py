"""From `perform_rpc` to the nudge's pixels: the real panel in Chromium, on the sample page."""

import asyncio
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livekit import rtc

from bench.bench import Bench
from bench.measures import Figure, Goal, Measure, Of
from browser.driving import Page, browser, driving
from browser.find_browser import find_browser
from browser.sounds import write_silence
from coach.cli.demo import processes
from coach.cli.panel.endpoints import REP, Meeting
from coach.cli.panel.site import serving
from integration.livekit_server import LiveKit, running_livekit
from integration.people import Person, joined

TITLE = "perform_rpc sent → nudge painted in Chromium"
HOOK = Path(__file__).resolve().parents[1] / "paint_hook.js"
ROOM, AGENT, RUN = "painted", "call-assistant-painted", "r-painted"
PAUSE_SECONDS = (0.12, 0.22)
"""Between nudges; drawn at random, so that they fall anywhere between two frames."""
CLOCK_READINGS = 60
SETTLE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Offset:
    """How far the page's clock is ahead of ours, and how well that is known."""

    ms: float
    uncertainty_ms: float


@dataclass(frozen=True, slots=True)
class Sent:
    """One nudge: when it was sent and answered, by this process's clock."""

    word: str
    at_ms: float
    answered_ms: float
    reply: str


async def run(bench: Bench) -> Figure:
    """Send nudges to a rep's page as the coach does, and ask the page when they were painted."""
    executable = find_browser()
    if executable is None:
        return Figure("painted", TITLE, (), ("left out: no browser",))
    bench.say("starting server and browser …")
    silence = write_silence(bench.folder / "silence.wav")
    with running_livekit(bench.folder) as livekit:
        async with (
            joined(livekit, AGENT, ROOM, livekit.token(AGENT, ROOM, kind="agent")) as agent,
            driving() as driver,
            browser(driver, executable, "rep", silence) as chromium,
            serving(_meeting(livekit), dispatch=_is_there) as links,
        ):
            page = await chromium.open(links.rep, scripts=(HOOK,))
            await _join(page, agent)
            before = await _offset(page)
            sent = await _send(bench, agent.room, bench.pick(200, 30))
            await asyncio.sleep(SETTLE_SECONDS)
            after = await _offset(page)
            painted: list[dict[str, Any]] = await page.evaluate("() => window.__painted()")
    return _figure(sent, {entry["word"]: entry for entry in painted}, before, after)


def _meeting(livekit: LiveKit) -> Meeting:
    server = processes.LiveKit(livekit.url, livekit.key, livekit.secret)
    return Meeting.fresh(server, ROOM, "call-assistant")


async def _is_there(_: str) -> str:
    return AGENT


async def _join(page: Page, agent: Person) -> None:
    """Join as the rep without a microphone, and tell the panel that the coach listens."""
    await page.order("fill", selector="#name", text="Sam")
    await page.click("#with-microphone")
    await page.click("#join-button")
    await page.until("() => !document.getElementById('meeting').hidden", "the rep is in the call")
    consent = {"state": "granted", "policy": "call"}
    hello = {"at_ms": 0, "methods": [], "consent": consent, "disclosure": "May it listen?"}
    status = {"at_ms": 0, "state": "listening", "consent": "granted", "reasons": []}
    await _call(agent.room, "coach_hello", hello)
    await _call(agent.room, "coach_status", status)


async def _send(bench: Bench, room: rtc.Room, count: int) -> list[Sent]:
    chance = random.Random(5)
    begun_at = time.monotonic()
    sent = []
    for number in range(count):
        bench.say(f"nudge {number + 1} of {count}")
        word = f"painted{number}x"
        created_ms = round((time.monotonic() - begun_at) * 1_000)
        at_ms = time.time() * 1_000
        reply = await _call(room, "coach_nudge", _nudge(word, created_ms))
        sent.append(Sent(word, at_ms, time.time() * 1_000, reply))
        await asyncio.sleep(chance.uniform(*PAUSE_SECONDS))
    return sent


def _nudge(word: str, created_ms: int) -> dict[str, Any]:
    return {
        "id": f"n-{word}",
        "rev": 0,
        "final": True,
        "moment": "price_objection",
        "kind": "objection",
        "path": "trigger",
        "headline": f"Price objection: anchor on payback {word}",
        "detail": "They flagged budget. Show the ROI slide; cite the 6-week payback.",
        "say": "Most teams earn this back in six weeks. Shall we look at yours?",
        "evidence": {
            "speaker": "prospect",
            "identity": "buyer-1",
            "quote": "that is way over our budget",
            "start_ms": created_ms - 1_800,
            "end_ms": created_ms,
        },
        "priority": 70,
        "created_ms": created_ms,
        "expires_in_ms": 6_000,
        "relevant_ms": 20_000,
    }


async def _call(room: rtc.Room, method: str, message: dict[str, Any]) -> str:
    """Call the panel as the worker's own sender does, with the same deadlines."""
    payload = json.dumps({"v": 1, "run": RUN, "call_id": ROOM, **message}, ensure_ascii=False)
    return await room.local_participant.perform_rpc(
        destination_identity=REP,
        method=method,
        payload=payload,
        response_timeout=2,
        max_round_trip_latency=1,
    )


async def _offset(page: Page) -> Offset:
    """Compare the clocks: the page read its own between two readings of ours.

    The shortest of many exchanges bounds the difference best; the truth lies within its span.
    """
    best: Offset | None = None
    for _ in range(CLOCK_READINGS):
        before = time.time() * 1_000
        there = await page.evaluate("() => performance.timeOrigin + performance.now()")
        after = time.time() * 1_000
        reading = Offset(there - (before + after) / 2, (after - before) / 2)
        if best is None or reading.uncertainty_ms < best.uncertainty_ms:
            best = reading
    assert best is not None
    return best


def _figure(
    sent: list[Sent], painted: dict[str, dict[str, Any]], before: Offset, after: Offset
) -> Figure:
    offset_ms = (before.ms + after.ms) / 2
    uncertainty_ms = max(before.uncertainty_ms, after.uncertainty_ms) + abs(before.ms - after.ms)
    shown = [(s, painted[s.word]) for s in sent if s.word in painted]

    def since_sent(key: str) -> tuple[float, ...]:
        return tuple(entry[key] - offset_ms - s.at_ms for s, entry in shown)

    frames = tuple(entry["painted_ms"] - entry["changed_ms"] for _, entry in shown)
    return Figure(
        "painted",
        TITLE,
        (
            Measure("sent → painted", "ms", since_sent("painted_ms"), (Goal(Of.P95, 50),)),
            Measure("  sent → panel's DOM changed", "ms", since_sent("changed_ms")),
            Measure("  DOM changed → painted", "ms", frames),
            Measure("sent → answered `shown`", "ms", tuple(s.answered_ms - s.at_ms for s in sent)),
            Measure.one(
                "not painted", "", len(sent) - len(shown), Goal(Of.VALUE, 0), size=len(sent)
            ),
        ),
        (
            "Painted: the animation frame after the change has been laid out, painted and handed "
            "to the compositor of a headless Chromium at 60 frames a second; no screen's own delay "
            f"is in it. The page's clock is {offset_ms:+.2f} ms from ours, known to "
            f"± {uncertainty_ms:.2f} ms and subtracted; it ticks in steps of 0.1 ms.",
        ),
    )
