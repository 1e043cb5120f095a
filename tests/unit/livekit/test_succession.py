"""Which of two coaches of a rep goes: the one that was dispatched first."""

import json

import pytest
from livekit.protocol.agent_dispatch import AgentDispatch, AgentDispatchState

from coach.adapters.livekit.succession import is_replaced

REP = "rep-1"


def dispatched(name: str, at: int, rep: str = REP, metadata: str | None = None) -> AgentDispatch:
    text = json.dumps({"rep": {"identity": rep}}) if metadata is None else metadata
    return AgentDispatch(id=name, metadata=text, state=AgentDispatchState(created_at=at))


def test_the_first_of_two_goes_and_the_second_stays() -> None:
    both = [dispatched("AD_b", 20), dispatched("AD_a", 10)]

    assert is_replaced(both, "AD_a", REP)
    assert not is_replaced(both, "AD_b", REP)


def test_of_two_at_the_same_moment_one_goes() -> None:
    both = [dispatched("AD_a", 10), dispatched("AD_b", 10)]

    assert [is_replaced(both, each.id, REP) for each in both] == [True, False]


@pytest.mark.parametrize(
    "other",
    [
        dispatched("AD_b", 20, rep="rep-2"),
        dispatched("AD_b", 20, metadata=""),
        dispatched("AD_b", 20, metadata="another agent's"),
    ],
)
def test_whoever_was_dispatched_for_somebody_else_replaces_nobody(other: AgentDispatch) -> None:
    assert not is_replaced([dispatched("AD_a", 10), other], "AD_a", REP)


def test_a_dispatch_that_the_server_does_not_know_any_more_is_not_judged() -> None:
    assert not is_replaced([dispatched("AD_b", 20)], "AD_a", REP)
