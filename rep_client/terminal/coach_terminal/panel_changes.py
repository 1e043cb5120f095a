"""How the panel's state changes: one function per thing that can happen, all of them pure."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from coach_terminal.messages import Consent, Hello, Nudge, Status
from coach_terminal.panel_state import DECISIONS, MUTED_REASON, Connection, PanelState, ShownNudge
from coach_terminal.requests import ControlAction, FeedbackAction

HISTORY_LIMIT: Final = 30
REVS_LIMIT: Final = 256
FORMER_RUNS_LIMIT: Final = 8
REFUSED: Final = frozenset({Consent.DENIED, Consent.REVOKED})


class Answer(StrEnum):
    """What the coach is told about a nudge."""

    SHOWN = "shown"
    MUTED = "muted"
    EXPIRED = "expired"
    DUPLICATE = "duplicate"


class AnotherCall(Exception):
    """A message of a call that this panel does not belong to; nothing of it is used."""


def receive_nudge(
    state: PanelState, nudge: Nudge, *, arrived_at: float, now: float
) -> tuple[PanelState, Answer]:
    """Show a nudge, or say why not.

    Args:
        state: The state before.
        nudge: The nudge as it arrived.
        arrived_at: When it reached this client.
        now: When it would be shown, later than `arrived_at` if its sender was waited for.

    Raises:
        AnotherCall: It belongs to another call.
    """
    state = _heard(state, nudge.run, nudge.call_id, nudge.created_ms, arrived_at)
    if nudge.run != state.run:
        return state, Answer.EXPIRED
    if state.revs.get(nudge.id, -1) >= nudge.rev:
        return state, Answer.DUPLICATE
    age_seconds = state.freshness.age_seconds(nudge.run, nudge.created_ms, now)
    if age_seconds > nudge.expires_in_ms / 1000:
        return replace(state, late_count=state.late_count + 1), Answer.EXPIRED
    if _is_withheld(state, nudge):
        return state, Answer.EXPIRED
    if state.mute_ends_at(now) is not None:
        return state, Answer.MUTED
    return _show(state, nudge, now)


def receive_answer(state: PanelState, nudge: Nudge, now: float) -> PanelState:
    """Show what the rep has asked for: also while muted, and also when it was shown before.

    Raises:
        AnotherCall: It belongs to another call.
    """
    state = _heard(state, nudge.run, nudge.call_id, nudge.created_ms, now)
    if nudge.run != state.run or _is_withheld(state, nudge):
        return state
    others = tuple(shown for shown in state.history if shown.nudge.id != nudge.id)
    state = replace(state, history=others)
    if state.latest is not None and state.latest.nudge.id == nudge.id:
        state = replace(state, latest=None)
    return _put_first(state, nudge, now)


def receive_hello(state: PanelState, hello: Hello, now: float) -> PanelState:
    """Take the coach's introduction.

    Raises:
        AnotherCall: It belongs to another call.
    """
    state = _heard(state, hello.run, hello.call_id, hello.at_ms, now)
    if hello.run != state.run:
        return state
    state = replace(state, disclosure=hello.disclosure, consent_policy=hello.policy)
    if state.status is not None and hello.at_ms < state.status.at_ms:
        return state  # its consent is older than what the last status said
    return _with_consent(state, hello.consent, hello.at_ms)


def receive_status(state: PanelState, status: Status, now: float) -> PanelState:
    """Take the coach's status; an older one than the last changes nothing.

    Raises:
        AnotherCall: It belongs to another call.
    """
    state = _heard(state, status.run, status.call_id, status.at_ms, now)
    if status.run != state.run:
        return state
    if state.status is not None and status.at_ms < state.status.at_ms:
        return state
    return _with_consent(replace(state, status=status), status.consent, status.at_ms)


def advance(state: PanelState, now: float) -> PanelState:
    """Fold the prominent nudge away when its time is over."""
    latest = state.latest
    if latest is not None and now >= latest.lapses_at:
        return _folded(state)
    return state


def mute(state: PanelState, until: float) -> PanelState:
    """Show nothing until then."""
    return replace(state, muted_until=until)


def unmute(state: PanelState) -> PanelState:
    """Show nudges again; what the last status said about muting is over, too."""
    status = state.status
    if status is not None:
        reasons = tuple(reason for reason in status.reasons if reason != MUTED_REASON)
        status = replace(status, muted_until_ms=None, reasons=reasons)
    return replace(state, muted_until=None, status=status)


def rate(
    state: PanelState, nudge_id: str, action: FeedbackAction | None, *, is_sending: bool = False
) -> PanelState:
    """Note what the rep thinks of a nudge; a dismissed or answered one leaves the stage.

    Args:
        state: The state before.
        nudge_id: Which nudge.
        action: None takes back what did not reach the coach.
        is_sending: The coach has not been reached yet.
    """
    before = state.shown(nudge_id)
    if before is None:
        return state
    after = replace(before, feedback=action, is_sending=is_sending)
    leaves = action is FeedbackAction.DISMISS or (action in DECISIONS and not is_sending)
    is_latest = before is state.latest
    state = _with_shown(state, after)
    return _folded(state) if leaves and is_latest else state


def refuse(state: PanelState, refusal: ControlAction) -> PanelState:
    """Clear everything because the rep says no; show nothing until the coach has confirmed it."""
    return replace(_cleared(state), is_withheld=True, refusal=refusal)


def agree(state: PanelState) -> PanelState:
    """Forget that the rep said no: everybody agreed after all."""
    return replace(state, is_withheld=False, refusal=None)


def with_connection(state: PanelState, connection: Connection) -> PanelState:
    """Note how this client is connected."""
    return replace(state, connection=connection)


def _heard(
    state: PanelState, run: str, call_id: str | None, stamp_ms: int, arrived_at: float
) -> PanelState:
    """Check the call, follow a new run, and take note of the time."""
    is_other = call_id is not None and state.call_id not in (None, call_id)
    # whoever dispatches anew and names no call gets another one: it may follow one that is over
    if is_other and not state.is_over(arrived_at):
        raise AnotherCall
    may_replace = run not in state.former_runs or state.is_over(arrived_at)
    if run != state.run and may_replace:
        state = _with_run(state, run)
    freshness = state.freshness.with_message(run, stamp_ms, arrived_at)
    state = replace(state, call_id=call_id or state.call_id, freshness=freshness)
    return replace(state, last_heard_at=arrived_at) if run == state.run else state


def _with_run(state: PanelState, run: str) -> PanelState:
    former = (name for name in (*state.former_runs, state.run) if name not in (None, run))
    return replace(
        _folded(state),
        run=run,
        former_runs=tuple(name for name in former if name is not None)[-FORMER_RUNS_LIMIT:],
        status=None,
        consent=Consent.UNKNOWN,
        withheld_until_ms=None,
        # a coach that begins anew may not know that the rep said no
        is_withheld=state.refusal is not None,
        revs=MappingProxyType({}),
        late_count=0,
    )


def _with_consent(state: PanelState, consent: Consent, at_ms: int) -> PanelState:
    if consent is Consent.UNKNOWN:
        return state
    until_ms = state.withheld_until_ms
    if consent is Consent.GRANTED:
        if until_ms is not None and at_ms < until_ms:
            return state  # it was overtaken by a no
        # one that was sent before the rep's no reached the coach does not lift that either
        return replace(state, consent=consent)
    if consent in REFUSED:
        state = _cleared(state)
    return replace(state, consent=consent, withheld_until_ms=at_ms, is_withheld=False)


def _is_withheld(state: PanelState, nudge: Nudge) -> bool:
    until_ms = state.withheld_until_ms
    return state.is_withheld or (until_ms is not None and nudge.created_ms <= until_ms)


def _show(state: PanelState, nudge: Nudge, now: float) -> tuple[PanelState, Answer]:
    if nudge.id not in state.revs:  # also a later revision of what was never shown
        return _put_first(state, nudge, now), Answer.SHOWN
    shown = state.shown(nudge.id)
    if shown is None:
        return state, Answer.DUPLICATE  # it was shown and has left the panel since
    # in its place, with its countdown and its answer: only the words change
    state = _with_shown(state, replace(shown, nudge=nudge))
    return replace(state, revs=_with_rev(state.revs, nudge)), Answer.SHOWN


def _with_shown(state: PanelState, changed: ShownNudge) -> PanelState:
    if state.latest is not None and state.latest.nudge.id == changed.nudge.id:
        return replace(state, latest=changed)
    history = (changed if shown.nudge.id == changed.nudge.id else shown for shown in state.history)
    return replace(state, history=tuple(history))


def _put_first(state: PanelState, nudge: Nudge, now: float) -> PanelState:
    revs = _with_rev(state.revs, nudge)
    latest = ShownNudge(nudge, shown_at=now)
    return replace(_folded(state), latest=latest, revs=revs, late_count=0)


def _folded(state: PanelState) -> PanelState:
    return replace(state, latest=None, history=state.shown_nudges()[:HISTORY_LIMIT])


def _cleared(state: PanelState) -> PanelState:
    return replace(state, latest=None, history=())


def _with_rev(revs: Mapping[str, int], nudge: Nudge) -> Mapping[str, int]:
    others = [(name, rev) for name, rev in revs.items() if name != nudge.id]
    return MappingProxyType(dict([*others[-(REVS_LIMIT - 1) :], (nudge.id, nudge.rev)]))
