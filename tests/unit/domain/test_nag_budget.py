"""The nag budget: what may interrupt the rep, how often, and what an unseen nudge costs."""

from dataclasses import replace
from typing import Any

import pytest

from coach.domain.events import ControlAction
from coach.domain.playbook import Moment, NagBudget
from fakes.playbooks import NO_LIMITS, moment, playbook
from fakes.scene import Scene

GAP = replace(NO_LIMITS, gap_ms=8_000)


def words(count: int, **more: Any) -> list[Moment]:
    """Return moments m0, m1 … that fire on the words w0, w1 …"""
    return [moment(f"m{i}", f"w{i}", **more) for i in range(count)]


def scene_of(*moments: Moment, budget: NagBudget = NO_LIMITS) -> Scene:
    return Scene(playbook(*moments, budget=budget)).begin()


def test_a_second_nudge_within_the_gap_is_suppressed() -> None:
    scene = scene_of(*words(2), budget=GAP)

    scene.says(10_000, "w0")
    scene.says(17_999, "w1")

    assert scene.decisions == [("m0", "delivered"), ("m1", "gap")]


def test_the_gap_is_over_when_its_last_millisecond_is() -> None:
    scene = scene_of(*words(2), budget=GAP)

    scene.says(10_000, "w0")
    scene.says(18_000, "w1")

    assert scene.delivered == ["m0", "m1"]


def test_a_higher_priority_passes_the_gap_and_an_equal_one_does_not() -> None:
    scene = scene_of(
        moment("low", "alpha", priority=50),
        moment("same", "bravo", priority=50),
        moment("high", "charlie", priority=51),
        budget=GAP,
    )

    scene.says(10_000, "alpha")
    scene.says(11_000, "bravo")
    scene.says(12_000, "charlie")

    assert scene.decisions == [("low", "delivered"), ("same", "gap"), ("high", "delivered")]


def test_the_window_is_full_after_so_many() -> None:
    scene = scene_of(*words(4), budget=replace(NO_LIMITS, per_window=2, window_ms=60_000))

    for number, at_ms in enumerate((10_000, 20_000, 30_000, 70_001)):
        scene.says(at_ms, f"w{number}")

    assert scene.decisions == [
        ("m0", "delivered"),
        ("m1", "delivered"),
        ("m2", "budget"),
        ("m3", "delivered"),
    ]


def test_an_urgent_moment_passes_gap_and_window() -> None:
    budget = replace(NO_LIMITS, gap_ms=8_000, per_window=1)
    scene = scene_of(
        moment("urgent-1", "alpha", priority=95),
        moment("urgent-2", "bravo", priority=90),
        budget=budget,
    )

    scene.says(10_000, "alpha")
    scene.says(10_500, "bravo")

    assert scene.delivered == ["urgent-1", "urgent-2"]


def test_not_even_an_urgent_moment_passes_the_cap_of_the_call() -> None:
    scene = scene_of(*words(3, priority=100), budget=replace(NO_LIMITS, per_call=2))

    for number in range(3):
        scene.says(10_000 * (number + 1), f"w{number}")

    assert scene.decisions[-1] == ("m2", "budget")


def test_a_call_without_any_budget_shows_nothing() -> None:
    scene = scene_of(*words(1, priority=100), budget=replace(NO_LIMITS, per_call=0))

    scene.says(10_000, "w0")

    assert scene.decisions == [("m0", "budget")]


def test_nudges_are_on_screen_for_a_tenth_of_the_window_at_most() -> None:
    budget = replace(NO_LIMITS, window_ms=100_000, screen_share_ratio=0.1)
    scene = scene_of(*words(3, relevant_ms=5_000), budget=budget)

    for number in range(3):
        scene.says(10_000 * (number + 1), f"w{number}")

    assert scene.decisions == [("m0", "delivered"), ("m1", "delivered"), ("m2", "budget")]


def test_the_same_moment_at_once_is_a_duplicate_and_later_in_its_cooldown() -> None:
    scene = scene_of(moment("price", "alpha", cooldown_ms=120_000))

    for at_ms in (10_000, 19_999, 20_000, 129_999, 130_000):
        scene.says(at_ms, "alpha")

    assert [what for _, what in scene.decisions] == [
        "delivered",
        "duplicate",
        "cooldown",
        "cooldown",
        "delivered",
    ]


def test_a_moment_once_per_call_does_not_come_back() -> None:
    scene = scene_of(moment("price", "alpha", is_once_per_call=True, cooldown_ms=0))

    scene.says(10_000, "alpha")
    scene.says(3_000_000, "alpha")

    assert scene.decisions == [("price", "delivered"), ("price", "once_per_call")]


def test_a_mute_of_some_seconds_ends_by_itself() -> None:
    scene = scene_of(*words(2, priority=100))

    scene.orders(10_000, ControlAction.MUTE, seconds=60)
    muted_until_ms = scene.status.muted_until_ms
    scene.says(69_999, "w0")
    scene.says(70_000, "w1")

    assert muted_until_ms == 70_000
    assert scene.decisions == [("m0", "muted"), ("m1", "delivered")]
    assert scene.status.muted_until_ms is None


def test_a_mute_without_seconds_lasts_until_unmuted() -> None:
    scene = scene_of(*words(2))

    scene.orders(10_000, ControlAction.MUTE)
    scene.says(4_000_000, "w0")
    scene.orders(4_000_001, ControlAction.UNMUTE)
    scene.says(4_000_002, "w1")

    assert scene.decisions == [("m0", "muted"), ("m1", "delivered")]


def test_a_mute_of_no_seconds_is_over_at_once() -> None:
    scene = scene_of(*words(1))

    scene.orders(10_000, ControlAction.MUTE, seconds=0)
    scene.says(10_000, "w0")

    assert scene.delivered == ["m0"]


@pytest.mark.parametrize("reply", ["muted", "expired"])
def test_a_nudge_that_was_not_shown_costs_nothing(reply: str) -> None:
    budget = replace(NO_LIMITS, per_call=1, gap_ms=60_000)
    scene = Scene(
        playbook(moment("price", "alpha", is_once_per_call=True), budget=budget), reply=None
    ).begin()

    scene.says(10_000, "alpha")
    scene.answers(10_100, reply)
    scene.says(11_000, "alpha")

    assert scene.delivered == ["price", "price"]


def test_a_nudge_that_failed_costs_nothing() -> None:
    budget = replace(NO_LIMITS, per_call=1)
    scene = Scene(playbook(moment("price", "alpha"), budget=budget), reply=None).begin()

    scene.says(10_000, "alpha")
    scene.answers(10_100, None, error=1400)
    scene.says(11_000, "alpha")

    assert scene.delivered == ["price", "price"]


@pytest.mark.parametrize("reply", ["shown", "duplicate", "whatever"])
def test_every_other_reply_counts_as_shown(reply: str) -> None:
    scene = Scene(playbook(moment("price", "alpha")), reply=None).begin()

    scene.says(10_000, "alpha")
    scene.answers(10_100, reply)
    scene.says(11_000, "alpha")

    assert scene.decisions == [("price", "delivered"), ("price", "duplicate")]


def test_a_suppressed_moment_costs_nothing() -> None:
    scene = scene_of(moment("first", "alpha"), moment("second", "bravo"), budget=GAP)

    scene.says(10_000, "alpha")
    scene.says(12_000, "bravo")
    scene.says(18_000, "bravo")

    assert scene.delivered == ["first", "second"]
