"""The rep's page in calls whose words are scripted, so that each turn of events can be had."""

import psutil
import pytest

from acceptance.privacy.canaries import STEM, canary
from acceptance.privacy.playbook import PHRASES
from browser.meeting import IN_CALL, Backbone, OpenScene
from browser.rep_panel import RepPanel
from browser.traces_of_text import hidden_traces
from integration.rooms import dispatch, metadata
from integration.waiting import eventually
from integration.worker_process import Worker

# The SDK drops some handles of a client twice when it leaves a room; only tests notice.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FfiHandle")

LOST_SECONDS = 60.0
"""The coach is lost when its participant leaves, or after 45 s of silence."""
QUIET_SECONDS = 1.5
MISSING = "() => !document.getElementById('coach-missing').hidden"


async def test_all_that_the_coach_tells_stays_on_the_reps_page(open_scene: OpenScene) -> None:
    async with open_scene("canaries") as scene:
        prospect = await scene.prospect()
        rep, panel = await scene.rep()

        await panel.until("waiting_for_consent")
        await panel.until_disclosure(canary("disclosure"))
        await panel.do("granted")
        await panel.until("listening")
        await scene.buyer_says(PHRASES[0])
        await panel.until_nudge(canary("rounda"))

        reps, prospects = await rep.wire(), await prospect.wire()
        assert hidden_traces(reps.received("channel"), [STEM]) == {STEM}
        assert hidden_traces(prospects.received(), [STEM]) == set()
        assert prospects.received("socket")
        page = await prospect.evaluate("() => document.documentElement.outerHTML")
        assert hidden_traces([page.encode()], [STEM]) == set()
        assert (reps.unwatched, prospects.unwatched) == ((), ())


async def test_the_prospects_page_never_loads_the_panel(open_scene: OpenScene) -> None:
    loaded = "() => performance.getEntriesByType('resource').map((entry) => entry.name)"
    defined = "() => customElements.get('coach-panel') !== undefined"
    async with open_scene("unloaded") as scene:
        rep, _ = await scene.rep()
        prospect = await scene.prospect()

        assert await rep.evaluate(defined)
        assert not await prospect.evaluate(defined)
        assert any("coach-panel" in name for name in await rep.evaluate(loaded))
        assert not any("coach-panel" in name for name in await prospect.evaluate(loaded))


async def test_a_reload_takes_the_call_up_again_with_the_same_coach(open_scene: OpenScene) -> None:
    async with open_scene("reloaded") as scene:
        rep, panel = await scene.coached_rep()
        agents = await scene.agents()

        await rep.order("reload")
        await rep.until(IN_CALL, "the rep is back")
        await panel.until("listening")
        await scene.buyer_says(PHRASES[1])

        await panel.until_nudge(canary("roundb"))
        assert await scene.agents() == agents


async def test_a_killed_coach_is_noticed_and_another_one_is_called(
    backbone: Backbone, open_scene: OpenScene
) -> None:
    async with open_scene("killed") as scene:
        rep, panel = await scene.coached_rep()
        [first] = await scene.agents()
        await scene.buyer_says(PHRASES[0])
        await panel.until_nudge(canary("rounda"))

        job_process_of(backbone.worker, first).kill()
        await rep.until(MISSING, "the page says that the coach is gone", seconds=LOST_SECONDS)
        await rep.click("#call-coach")

        await panel.until("waiting_for_consent")
        await panel.do("granted")
        await panel.until("listening")
        await scene.buyer_says(PHRASES[1])
        await panel.until_nudge(canary("roundb"))
        assert first not in await scene.agents()


async def test_a_coach_that_was_dispatched_again_replaces_the_one_that_listens(
    open_scene: OpenScene,
) -> None:
    """What the panel says of listening must be true of every coach of this rep."""
    async with open_scene("again") as scene:
        rep, panel = await scene.coached_rep()
        [first] = await scene.agents()
        await scene.buyer_says(PHRASES[0])
        await panel.until_nudge(canary("rounda"))

        pending = {"state": "pending", "policy": "call"}
        await dispatch(scene.livekit, scene.room, metadata(consent=pending, call_id=scene.room))
        await rep.until(MISSING, "the page says that its coach is gone")
        await eventually(lambda: not scene.recogniser.open_streams, "nobody is listened to")
        [second] = await scene.agents()
        await rep.click("#call-coach")

        await panel.until("waiting_for_consent")
        await panel.do("granted")
        await panel.until("listening")
        await scene.buyer_says(PHRASES[1])
        await panel.until_nudge(canary("roundb"))
        assert first != second
        assert await scene.agents() == [second]


async def test_nothing_is_shown_while_muted(
    open_scene: OpenScene,
) -> None:
    async with open_scene("muted") as scene:
        rep, panel = await scene.coached_rep()
        await panel.do("mute")
        await panel.do("mute-1")
        await panel.until("muted")

        await scene.buyer_says(PHRASES[0])
        await never_shown(panel, canary("rounda"))

        await panel.do("mute")
        await panel.do("unmute")
        await panel.until("listening")
        await scene.buyer_says(PHRASES[1])
        await panel.until_nudge(canary("roundb"))


async def test_revoking_clears_the_panel_and_stops_the_listening(open_scene: OpenScene) -> None:
    async with open_scene("revoked") as scene:
        _, panel = await scene.coached_rep()
        await scene.buyer_says(PHRASES[0])
        await panel.until_nudge(canary("rounda"))

        await panel.do("revoked")

        await panel.until_empty()
        await eventually(lambda: not scene.recogniser.open_streams, "nobody is listened to")
        assert canary("rounda") not in (await panel.shown())["text"]


async def test_the_rep_in_a_second_window_puts_the_first_one_out_and_says_so(
    open_scene: OpenScene,
) -> None:
    async with open_scene("twice") as scene:
        first, _ = await scene.coached_rep()

        second, panel = await scene.rep()

        why = "() => document.getElementById('join-error').textContent.includes('another window')"
        await first.until(why, "the first window says why it left")
        assert await first.evaluate("() => document.querySelector('coach-panel') === null")
        await panel.until("listening")
        await scene.buyer_says(PHRASES[0])
        await panel.until_nudge(canary("rounda"))


async def test_a_whole_screen_is_not_shared_because_the_panel_would_be_on_it(
    open_scene: OpenScene,
) -> None:
    async with open_scene("screen") as scene:
        rep, _ = await scene.rep()
        prospect = await scene.prospect()
        await rep.evaluate(_OFFERS_A_MONITOR)

        await rep.click("#share")

        said = "() => document.getElementById('notice').textContent.includes('whole screen')"
        await rep.until(said, "the page says why")
        assert await rep.evaluate("() => window.__offered.readyState") == "ended"
        assert await prospect.evaluate("() => document.getElementById('screen').hidden")


_OFFERS_A_MONITOR = """() => {
  const track = document.createElement("canvas").captureStream(1).getVideoTracks()[0];
  track.getSettings = () => ({ displaySurface: "monitor" });
  window.__offered = track;
  navigator.mediaDevices.getDisplayMedia = async () => new MediaStream([track]);
}"""


async def never_shown(panel: RepPanel, text: str) -> None:
    """Fail if a text is in the panel at any time within the next moments."""
    script = f"""(text) => new Promise((resolve) => {{
      const root = document.querySelector("coach-panel").shadowRoot;
      const isShown = () => root.textContent.includes(text);
      new MutationObserver(() => isShown() && resolve(true)).observe(root, {{
        subtree: true, childList: true, characterData: true,
      }});
      setTimeout(() => resolve(isShown()), {QUIET_SECONDS * 1000});
    }})"""
    assert not await panel.page.evaluate(script, text)


def job_process_of(worker: Worker, agent: str) -> psutil.Process:
    """Return the process that runs an agent's job, which the log names."""
    job_id = agent.removeprefix("call-assistant-")
    for line in worker.lines():
        if line.get("job_id") == job_id and line["pid"] != worker.pid:
            return psutil.Process(line["pid"])
    raise AssertionError("no log line of that job")
