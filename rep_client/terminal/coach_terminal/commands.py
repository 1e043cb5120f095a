"""What each key does: the one table of keys, and the words that confirm it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from coach_terminal.client import RepClient
from coach_terminal.panel_state import ShownNudge
from coach_terminal.requests import ControlAction, FeedbackAction
from coach_terminal.wording import FEEDBACK

QUIT_KEY: Final = "q"
HELP_KEY: Final = "?"
ASK_KEY: Final = "a"
PAGE_KEY: Final = " "
APPROVE_KEY: Final = "+"

Run = Callable[[RepClient], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Command:
    """One key.

    Attributes:
        meaning: For the help.
        run: Does it, and returns what to tell the rep; raises CoachCallError.
    """

    meaning: str
    run: Run


def _feedback(action: FeedbackAction) -> Run:
    async def run(client: RepClient) -> str:
        shown_nudges = client.state.shown_nudges()
        if not shown_nudges:
            return "there is no hint yet"
        return await _rate(client, shown_nudges[0], action)

    return run


def _decision(action: FeedbackAction) -> Run:
    async def run(client: RepClient) -> str:
        proposal = client.state.proposal(client.now())
        if proposal is None:
            return "nothing waits for your approval"
        return await _rate(client, proposal, action)

    return run


async def _rate(client: RepClient, shown: ShownNudge, action: FeedbackAction) -> str:
    await client.feedback(shown.nudge.id, action)
    return FEEDBACK[action]


def _control(action: ControlAction, done: str, seconds: float | None = None) -> Run:
    async def run(client: RepClient) -> str:
        await client.control(action, seconds)
        return done

    return run


def _mute(minutes: int) -> Command:
    words = "1 minute" if minutes == 1 else f"{minutes} minutes"
    run = _control(ControlAction.MUTE, f"muted for {words}", minutes * 60.0)
    return Command(f"mute for {words}", run)


def ask(question: str) -> Run:
    """Make the command that asks the coach for a card."""

    async def run(client: RepClient) -> str:
        nudge = await client.ask(text=question)
        return "nothing fits" if nudge is None else "found"

    return run


COMMANDS: Final[dict[str, Command]] = {
    "u": Command("the hint was useful", _feedback(FeedbackAction.USEFUL)),
    "x": Command("I used the hint", _feedback(FeedbackAction.USED)),
    "d": Command("dismiss the hint", _feedback(FeedbackAction.DISMISS)),
    "!": Command("the hint is wrong", _feedback(FeedbackAction.DISPUTE)),
    APPROVE_KEY: Command("approve the proposal", _decision(FeedbackAction.APPROVE)),
    "-": Command("reject the proposal", _decision(FeedbackAction.REJECT)),
    "1": _mute(1),
    "5": _mute(5),
    "f": _mute(15),
    "m": Command("unmute", _control(ControlAction.UNMUTE, "unmuted")),
    "g": Command(
        "everybody agreed to the coach",
        _control(ControlAction.CONSENT_GRANTED, "consent granted"),
    ),
    "n": Command(
        "somebody did not agree", _control(ControlAction.CONSENT_DENIED, "consent denied")
    ),
    "r": Command(
        "revoke consent: stop, forget, clear",
        _control(ControlAction.CONSENT_REVOKED, "consent revoked"),
    ),
}

OTHER_KEYS: Final[dict[str, str]] = {
    ASK_KEY: "ask for a card (Enter sends, Esc cancels)",
    PAGE_KEY: "next page, where not everything fits",
    HELP_KEY: "show or hide this help",
    QUIT_KEY: "leave the call",
}
