"""A prospect's own page, with a careless host's token, against the rep's page and the coach."""

import contextlib
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from acceptance.privacy.canaries import STEM, canary
from acceptance.privacy.playbook import CARD, PHRASES
from browser.driving import Page
from browser.meeting import OpenScene, Scene, meeting_on
from browser.traces_of_text import hidden_traces
from coach.cli.panel.endpoints import REP
from coach.cli.panel.site import serving

# The SDK drops some handles of a client twice when it leaves a room; only tests notice.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FfiHandle")

HERE = Path(__file__).parent
LIBRARY = HERE.parents[1] / "rep_client/node_modules/livekit-client/dist/livekit-client.esm.mjs"
WROTE = "xqattackerwrote"
ATTACKER = "buyer-2"
UNKNOWN = "coach_missing"
PANEL_METHODS = ("coach_nudge", "coach_hello", "coach_status")
AGENT_CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("coach_control", {"v": 1, "action": "consent_revoked"}),
    ("coach_control", {"v": 1, "action": "mute"}),
    ("coach_control", {"v": 1, "action": "stop"}),
    ("coach_control", {"v": 1, "action": "hello"}),
    ("coach_feedback", {"v": 1, "nudge_id": "n-1", "action": "dismiss", "note": WROTE}),
    ("coach_ask", {"v": 1, "card": CARD}),
    ("coach_ask", {"v": 1, "text": WROTE}),
)


@contextlib.asynccontextmanager
async def attacking(scene: Scene, folder: Path) -> AsyncIterator[Page]:
    """Open the attacker's page and join with a token that allows everything ordinary."""
    _write_page(folder)
    token = scene.livekit.token(
        ATTACKER, scene.room, name="Call assistant", can_update_own_metadata=True
    )
    async with serving(meeting_on(scene.livekit, scene.room), pages=folder) as links:
        page = await scene.browser.open(links.prospect)
        await page.until("() => window.attack !== undefined", "the attacker's page is loaded")
        await page.evaluate(
            "({ url, token }) => window.attack.join(url, token)",
            {"url": scene.livekit.url, "token": token},
        )
        yield page


def _write_page(folder: Path) -> None:
    folder.mkdir()
    script = '<script type="module" src="/assets/attacker.js"></script>'
    (folder / "index.html").write_text(f"<!doctype html><title>Attack</title>{script}")
    shutil.copy(HERE / "attacker.js", folder)
    shutil.copy(LIBRARY, folder / "livekit-client.js")


async def call(page: Page, identity: str, method: str, payload: object) -> dict[str, Any]:
    """Call somebody's method from the attacker's page; return the reply, or the refusal."""
    answer: dict[str, Any] = await page.evaluate(
        "({ identity, method, payload }) => window.attack.call(identity, method, payload)",
        {"identity": identity, "method": method, "payload": payload},
    )
    return answer


def forged(kind: str, run: str, call_id: str) -> dict[str, Any]:
    """Return a message as the coach sends it, whose words are the attacker's."""
    common = {"v": 1, "run": run, "call_id": call_id, "at_ms": 10_000_000}
    if kind == "coach_hello":
        return common | {"methods": [], "consent": {"state": "revoked"}, "disclosure": WROTE}
    if kind == "coach_status":
        return common | {"state": "ended", "consent": "revoked", "stage": WROTE}
    return common | {
        "id": "n-forged",
        "rev": 9,
        "final": True,
        "kind": "objection",
        "headline": f"{WROTE}: give them ninety percent off",
        "detail": WROTE,
        "priority": 100,
        "created_ms": 10_000_000,
        "expires_in_ms": 60_000,
        "relevant_ms": 60_000,
    }


async def test_a_prospect_with_data_rights_reaches_neither_the_panel_nor_the_coach(
    open_scene: OpenScene, tmp_path: Path
) -> None:
    async with open_scene("attacked") as scene:
        _, panel = await scene.coached_rep()
        await scene.buyer_says(PHRASES[0])
        await panel.until_nudge(canary("rounda"))
        [agent] = await scene.agents()

        async with attacking(scene, tmp_path / "attack") as attacker:
            sees_both = f"""() => {{
              const others = window.attack.others();
              return others.some((p) => p.isAgent) && others.some((p) => p.identity === "{REP}");
            }}"""
            await attacker.until(sees_both, "the attacker sees rep and coach")
            refusals = [await call(attacker, REP, UNKNOWN, "{}")]
            for method in PANEL_METHODS:
                for run in ("r-forged", ""):
                    message = forged(method, run, scene.room)
                    refusals.append(await call(attacker, REP, method, message))
            others = [await call(attacker, agent, UNKNOWN, "{}")]
            others += [await call(attacker, agent, *each) for each in AGENT_CALLS]
            deeds = await _spoof(attacker, scene.room, agent)

            assert _distinct(refusals) == {(1400, refusals[0]["message"], "")}
            assert _distinct(others) == {(1400, others[0]["message"], "")}
            assert deeds
            after = await panel.shown()
            assert after["condition"] == "listening"
            assert canary("rounda") in after["text"]
            assert WROTE not in after["text"]
            await scene.buyer_says(PHRASES[1])
            await panel.until_nudge(canary("roundb"))
            wire = await attacker.wire()
            assert wire.received("channel"), "refusals came back by the channel that is watched"
            assert hidden_traces(wire.received(), [STEM]) == set()
            assert (
                hidden_traces(
                    [json.dumps(await attacker.evaluate("() => window.attack.heard()")).encode()],
                    [STEM],
                )
                == set()
            )


async def _spoof(attacker: Page, room: str, agent: str) -> list[str]:
    """Call the panel in the coach's name, and send the same to everybody."""
    deeds = []
    for method in PANEL_METHODS:
        deeds.append(
            await attacker.evaluate(
                "({ rep, agent, method, payload }) => "
                "window.attack.spoof(rep, agent, method, payload)",
                {
                    "rep": REP,
                    "agent": agent,
                    "method": method,
                    "payload": forged(method, "r-forged", room),
                },
            )
        )
    payload = forged("coach_nudge", "r-forged", room)
    deeds.append(await attacker.evaluate("(payload) => window.attack.broadcast(payload)", payload))
    return deeds


def _distinct(refusals: list[dict[str, Any]]) -> set[tuple[int, str, str]]:
    assert not [each for each in refusals if "reply" in each]
    return {(each["code"], each["message"], each["data"]) for each in refusals}
