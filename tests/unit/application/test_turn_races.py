"""Turns, answers, tools, mutes and revocations race: nothing superseded or late is shown."""

from collections import Counter
from dataclasses import replace

import pytest

from coach.domain.advice import Counsel
from coach.domain.playbook import AdvisorRules, CardRules
from fakes.playbooks import moment, playbook
from fakes.scene import Scene
from unit.application.race_rules import counted, judge
from unit.application.turn_races import run_race

RACES = 500
BATCH = 50
TOLD = (
    "well we would have to think about that with all of the people who work in the hall on "
    "mondays, alpha"
)
AGAIN = "and then there is the thing with the board that nobody has wiped since last summer, really"


@pytest.mark.parametrize("first", range(0, RACES, BATCH))
def test_nothing_superseded_late_or_forgotten_is_shown_and_nothing_twice(first: int) -> None:
    broken = {
        seed: found for seed in range(first, first + BATCH) if (found := judge(run_race(seed)))
    }

    assert broken == {}


def test_the_races_are_real() -> None:
    """What the rules forbid is within reach: there are answers that must not be shown."""
    seen = sum((counted(run_race(seed)) for seed in range(BATCH)), Counter[str]())

    assert seen["turns"] > seen["questions"] > 100
    assert seen["called back"] > 30 and seen["answered all the same"] >= 3
    assert seen["headlines"] > 40 and seen["details"] > 20
    assert seen["second rounds"] > 5 and seen["revocations"] > 10 and seen["mutes"] > 10


def test_a_moment_that_a_trigger_has_shown_gets_one_detail_and_no_rev_twice() -> None:
    book = replace(
        playbook(moment("price", "alpha")),
        advisor=AdvisorRules(least_confidence=0.5),
        card_rules=CardRules(is_on=False),
    )
    call = Scene(book, turns_given=True, has_advisor=True).begin()
    words = {5_000: (TOLD, "think about that"), 7_500: (AGAIN, "nobody has wiped")}

    for at_ms, (text, evidence) in words.items():
        call.ends_turn(at_ms, text)
        headline = Counsel("price", 0.9, "consider it now", is_final=False)
        call.advises(at_ms + 500, headline)
        call.advises(
            at_ms + 900,
            replace(headline, words=evidence, detail=f"at {at_ms}", is_final=True),
        )

    sent = [(send.nudge.id, send.nudge.rev) for send in call.sent]
    assert len(sent) == len(set(sent)) >= 2
