"""`<coach-panel>` as a rep meets it: what it shows, and its buttons. Selectors are here only."""

from dataclasses import dataclass
from typing import Any

from browser.driving import WAIT_SECONDS, Page

_SHOWN = """() => {
  const root = document.querySelector("coach-panel")?.shadowRoot;
  const panel = root?.querySelector("[part~=panel]");
  const card = root?.querySelector("[part~=card]:not([hidden])");
  return {
    condition: panel?.dataset.condition ?? "",
    disclosure: root?.querySelector("[part~=disclosure]")?.textContent ?? "",
    guidance: root?.querySelector("[part~=guidance]")?.textContent ?? "",
    nudge: card?.dataset.nudge ?? "",
    headline: card?.querySelector("[part~=headline]")?.textContent ?? "",
    text: panel?.textContent ?? "",
  };
}"""


@dataclass(slots=True)
class RepPanel:
    """The panel on a rep's page."""

    page: Page

    async def shown(self) -> dict[str, str]:
        """Return what it shows now; `text` is everything in it, hidden or not."""
        found: dict[str, str] = await self.page.evaluate(_SHOWN)
        return found

    async def do(self, action: str) -> None:
        """Press the button of an action that can be seen."""
        await self.page.click(f"coach-panel [data-do={action}]:visible")

    async def until(self, condition: str, seconds: float = WAIT_SECONDS) -> None:
        """Wait until the status says so, such as `listening` or `muted`."""
        await self._until("shown.condition === wanted", f"it says {condition}", condition, seconds)

    async def until_disclosure(self, text: str) -> None:
        """Wait for the text to read aloud."""
        await self._until(
            "shown.disclosure.includes(wanted)", f"the disclosure: {text}", text, WAIT_SECONDS
        )

    async def until_nudge(self, text: str = "", seconds: float = WAIT_SECONDS) -> dict[str, str]:
        """Wait for a nudge whose headline holds a text, and return what is shown then."""
        await self._until(
            "shown.nudge && shown.headline.includes(wanted)", f"a nudge {text}", text, seconds
        )
        return await self.shown()

    async def until_empty(self, seconds: float = WAIT_SECONDS) -> None:
        """Wait until no nudge is shown."""
        await self._until("!shown.nudge", "no nudge is shown", None, seconds)

    async def until_pressed(self, action: str) -> None:
        """Wait until the coach has taken the rep's answer to the nudge."""
        pressed = (
            "(action) => document.querySelector('coach-panel').shadowRoot"
            ".querySelector(`[data-do=${action}]`)?.ariaPressed === 'true'"
        )
        await self.page.until(pressed, f"the panel: {action} is pressed", action)

    async def _until(self, is_so: str, what: str, wanted: Any, seconds: float) -> None:
        script = f"(wanted) => {{ const shown = ({_SHOWN})(); return {is_so}; }}"
        await self.page.until(script, f"the panel: {what}", wanted, seconds)
