"""The meeting page without a mouse, and under axe-core in the states that a rep sees."""

import pytest

from acceptance.privacy.canaries import canary
from acceptance.privacy.playbook import CARD, PHRASES
from browser.driving import Page
from browser.meeting import IN_CALL, OpenScene

# The SDK drops some handles of a client twice when it leaves a room; only tests notice.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in.*FfiHandle")

_FOCUSED = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  if (!element || element === document.body) return null;
  const isMarked = (each) => each && getComputedStyle(each).outlineStyle !== "none";
  return {
    name: element.id || element.dataset.do || element.localName,
    isSeen: isMarked(element) || isMarked(element.parentElement), // a field's frame may be marked
  };
}"""
MANY_TABS = 40


async def focus_by_tab(page: Page, name: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(MANY_TABS):
        focused = await page.evaluate(_FOCUSED)
        if focused and focused["name"] == name:
            return
        await page.press("Tab")
    raise AssertionError(f"Tab never reaches {name}")


async def test_a_rep_holds_a_call_by_keys_alone(open_scene: OpenScene) -> None:
    async with open_scene("keys") as scene:
        page = await scene.browser.open(scene.links.rep)
        panel = scene.panel(page)

        await focus_by_tab(page, "name")
        await page.order("type", text="Sam")
        await focus_by_tab(page, "with-microphone")
        await page.press("Space")
        await focus_by_tab(page, "join-button")
        await page.press("Enter")
        await page.until(IN_CALL, "the rep is in the call")
        await panel.until("waiting_for_consent")
        await page.press("g")
        await panel.until("listening")
        await scene.buyer_says(PHRASES[0])
        await panel.until_nudge(canary("rounda"))
        await page.press("1")
        await panel.until("muted")
        await page.press("m")
        await panel.until("listening")
        await page.press("a")
        await page.order("type", text=CARD)
        await page.press("Enter")
        await panel.until_nudge(canary("cardheadline"))
        await page.press("Escape")
        await focus_by_tab(page, "useful")
        await page.press("Enter")
        await panel.until_pressed("useful")
        await focus_by_tab(page, "revoked")
        await page.press("Enter")
        await panel.until("consent_revoked")
        await focus_by_tab(page, "leave")
        await page.press("Enter")

        left = (
            "() => document.getElementById('join-error').textContent === 'You have left the call.'"
        )
        await page.until(left, "the rep has left")


async def test_tab_reaches_every_button_and_shows_where_it_is(open_scene: OpenScene) -> None:
    async with open_scene("tabs") as scene:
        page, panel = await scene.coached_rep()
        await scene.buyer_says(PHRASES[0])
        await panel.until_nudge(canary("rounda"))

        reached, unseen = set(), set()
        for _ in range(MANY_TABS):
            await page.press("Tab")
            if focused := await page.evaluate(_FOCUSED):
                reached.add(focused["name"])
                if not focused["isSeen"]:
                    unseen.add(focused["name"])

        assert {"microphone", "camera", "share", "leave", "mute", "help", "revoked"} <= reached
        assert unseen == set()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_wrong_with_the_meeting_page(
    open_scene: OpenScene, scheme: str
) -> None:
    async with open_scene(f"axe-{scheme}") as scene:
        page = await scene.browser.open(scene.links.rep, colorScheme=scheme, reducedMotion="reduce")
        found = {"lobby": await page.order("axe")}
        panel = await scene.join_as_rep(page)

        await panel.until("waiting_for_consent")
        found["waiting for consent"] = await page.order("axe")
        await panel.do("granted")
        await panel.until("listening")
        found["listening"] = await page.order("axe")
        await scene.buyer_says(PHRASES[0])
        await panel.until_nudge(canary("rounda"))
        found["nudge"] = await page.order("axe")
        await page.order("resize", width=320, height=640)
        found["narrow"] = await page.order("axe")

        assert {state: wrong for state, wrong in found.items() if wrong} == {}


async def test_the_page_fits_a_narrow_window_without_scrolling_sideways(
    open_scene: OpenScene,
) -> None:
    async with open_scene("narrow") as scene:
        page, panel = await scene.coached_rep()
        await scene.buyer_says(PHRASES[0])
        await panel.until_nudge(canary("rounda"))

        widths = {}
        for width in (320, 640, 1280):
            await page.order("resize", width=width, height=720)
            widths[width] = await page.evaluate("() => document.documentElement.scrollWidth")

        assert widths == {320: 320, 640: 640, 1280: 1280}
