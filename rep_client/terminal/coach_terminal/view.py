"""Draws the panel's state. It runs nothing: whoever holds a rich Live renders what comes back.

All text of messages is put into rich `Text`, never into markup.
"""

import math
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from coach_terminal import nudge_view
from coach_terminal.flow import Flow
from coach_terminal.messages import Consent, Status
from coach_terminal.panel_state import MUTED_REASON, Condition, PanelState, ShownNudge
from coach_terminal.wording import CONDITIONS, CONSENTS, duration, reason_in_words

LATE_NUDGES_WORTH_SAYING: Final = 2
LAG_WORTH_SAYING_MS: Final = 1000
LAPSE_SAID_SECONDS: Final = 20.0

_WITH_A_COACH: Final = frozenset(
    {
        Condition.WAITING_FOR_CONSENT,
        Condition.MUTED,
        Condition.DEGRADED,
        Condition.LISTENING,
    }
)
_HEARING: Final = frozenset({Condition.DEGRADED, Condition.LISTENING})
_WITHOUT_A_COACH: Final = frozenset(
    {
        Condition.DISCONNECTED,
        Condition.WAITING_FOR_COACH,
        Condition.ENDED,
    }
)
_QUIET: Final = "Quiet. The coach speaks up when it matters."
_NO_COACH: Final = "Hints appear here once the coach has joined."
_OVER: Final = "No more hints in this call."
_HEARS_NOTHING: Final = "Nothing is heard, seen or kept."
_QUIET_WORDS: Final = {
    Condition.DISCONNECTED: _NO_COACH,
    Condition.RECONNECTING: "Hints come again when the connection is back.",
    Condition.WAITING_FOR_COACH: _NO_COACH,
    Condition.ENDED: _OVER,
    Condition.COACH_LOST: "No hints until the coach is back.",
    Condition.CONSENT_DENIED: _HEARS_NOTHING,
    Condition.CONSENT_REVOKING: "Cleared here. Waiting for the coach to confirm.",
    Condition.CONSENT_REVOKED: _HEARS_NOTHING,
    Condition.MUTED: "Muted. Press m to hear from the coach again.",
}
_NO_DISCLOSURE: Final = "Tell everybody that an assistant listens along, and ask if that is fine."


def render(
    state: PanelState,
    now: float,
    extra: RenderableType | None = None,
    *,
    has_keys: bool = True,
) -> RenderableType:
    """Draw the whole panel.

    Args:
        state: What the panel knows.
        now: Own time of the client that holds the state.
        extra: Drawn below the hints, for the program around the panel.
        has_keys: Show which keys do what.
    """
    parts = [_status_line(state, now), _guidance(state, now), _prominent(state, now)]
    set_apart = _set_apart(state, now)
    parts += [
        nudge_view.lapsed(shown) if shown.has_lapsed(now) else nudge_view.prominent(shown, now)
        for shown in set_apart
    ]
    folded = tuple(shown for shown in state.history if shown not in set_apart)
    if folded:
        parts.append(nudge_view.folded(folded, now))
    if extra is not None:
        parts.append(Padding(extra, (1, 1, 0, 1)))
    if has_keys:
        parts.append(_legend(state, now))
    return Group(*parts)


def _status_line(state: PanelState, now: float) -> RenderableType:
    condition = state.condition(now)
    look = CONDITIONS[condition]
    pieces = [Text(f"{look.glyph} {look.word}", style=f"bold {look.style}")]
    pieces += [Text(words) for words in _status_details(state, condition, now)]
    if condition in _HEARING and state.status is not None and state.status.is_thinking:
        pieces.append(Text("thinking…", style="dim"))
    return Padding(Flow(pieces, Text("  ·  ", style="dim")), (0, 1))


def _status_details(state: PanelState, condition: Condition, now: float) -> list[str]:
    if condition is Condition.COACH_LOST and state.last_heard_at is not None:
        return [f"silent for {duration(now - state.last_heard_at)}"]
    if condition not in _WITH_A_COACH:
        return []
    details: list[str] = []
    mute_ends_at = state.mute_ends_at(now)
    if mute_ends_at is not None:
        details.append(_muted_until(mute_ends_at, now))
    if CONSENTS[state.consent]:
        details.append(CONSENTS[state.consent])
    if state.status is not None:
        details += _service_details(state.status)
    if state.late_count >= LATE_NUDGES_WORTH_SAYING:
        details.append(f"{state.late_count} hints came too late, check network and clock")
    return details


def _service_details(status: Status) -> list[str]:
    details = [status.stage] if status.stage else []
    details += [reason_in_words(reason) for reason in status.reasons if reason != MUTED_REASON]
    if status.lag_ms >= LAG_WORTH_SAYING_MS:
        details.append(f"{duration(status.lag_ms / 1000)} behind")
    return details


def _muted_until(ends_at: float, now: float) -> str:
    return "until you unmute" if math.isinf(ends_at) else f"for {duration(ends_at - now)}"


def _guidance(state: PanelState, now: float) -> RenderableType:
    if state.status is None or not state.status.guidance:
        return Text("")
    if state.condition(now) not in _WITH_A_COACH:
        return Text("")
    return Padding(Text(f"→ {state.status.guidance}", style="cyan"), (0, 1, 1, 1))


def _prominent(state: PanelState, now: float) -> RenderableType:
    condition = state.condition(now)
    if condition is Condition.WAITING_FOR_CONSENT:
        return _disclosure(state)
    if state.latest is not None:
        return nudge_view.prominent(state.latest, now)
    words = Text(_QUIET_WORDS.get(condition, _QUIET), style="dim", justify="center")
    return Panel(words, box=box.ROUNDED, border_style="dim", padding=(1, 2))


def _set_apart(state: PanelState, now: float) -> list[ShownNudge]:
    """Find the proposal that the keys would answer, if a hint hides it, and what just lapsed."""
    waiting = state.proposal(now)
    return [
        shown
        for shown in state.history
        if shown is waiting
        or (shown.has_lapsed(now) and now < shown.lapses_at + LAPSE_SAID_SECONDS)
    ]


def _disclosure(state: PanelState) -> RenderableType:
    keys = _keys([("g", "they agreed"), ("n", "somebody did not")])
    return Panel(
        Group(Text(state.disclosure or _NO_DISCLOSURE, style="bold"), Text(""), keys),
        box=box.HEAVY,
        title=Text(" READ ALOUD, THEN ASK ", style="bold reverse bright_yellow"),
        title_align="left",
        border_style="bright_yellow",
        padding=(1, 2, 0, 2),
    )


def _legend(state: PanelState, now: float) -> RenderableType:
    keys: list[tuple[str, str]] = []
    if state.condition(now) not in _WITHOUT_A_COACH:
        keys = _keys_while_there_is_a_coach(state, now)
    return Padding(_keys([*keys, ("?", "help"), ("q", "quit")]), (1, 1, 0, 1))


def _keys_while_there_is_a_coach(state: PanelState, now: float) -> list[tuple[str, str]]:
    keys: list[tuple[str, str]] = []
    proposal, shown_nudges = state.proposal(now), state.shown_nudges()
    if proposal is not None:
        keys += [("+", "approve"), ("-", "reject")]
    if shown_nudges and shown_nudges[0] is not proposal:
        keys += [("u", "useful"), ("x", "used it"), ("d", "dismiss"), ("!", "dispute")]
    if state.mute_ends_at(now) is not None:
        keys.append(("m", "unmute"))
    else:
        keys.append(("1 5 f", "mute 1, 5, 15 min"))
    if state.consent is Consent.GRANTED and not state.is_withheld:
        keys.append(("r", "revoke consent"))
    elif state.is_withheld or state.consent in (Consent.DENIED, Consent.REVOKED):
        keys.append(("g", "consent granted"))
    return [*keys, ("a", "ask")]


def _keys(keys: list[tuple[str, str]]) -> RenderableType:
    pieces = [Text.assemble((key, "bold"), (f" {meaning}", "dim")) for key, meaning in keys]
    return Flow(pieces, Text("   "))
