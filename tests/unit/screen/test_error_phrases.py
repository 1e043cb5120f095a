"""The shipped error phrases, met by the real matcher in the words of screens."""

from functools import cache
from pathlib import Path

import pytest

from coach.adapters.matching import PhraseMatcher
from coach.adapters.matching.rules import moments_of
from coach.adapters.playbook.files import load_playbook
from coach.domain.playbook import Playbook, Speaker, When
from coach.domain.screen import read_on_screen

SHIPPED = Path(__file__).parents[3] / "playbook"


@cache
def shipped() -> Playbook:
    return load_playbook(SHIPPED)


@cache
def matcher() -> PhraseMatcher:
    return PhraseMatcher.build(read_on_screen(shipped()))


def fires(text: str) -> bool:
    hits = matcher().find(text, Speaker.REP)
    return any(hit.moment == "screen_error" and hit.veto is None for hit in hits)


def test_every_example_fires_and_no_counterexample_does() -> None:
    moment = shipped().moments["screen_error"]

    silent = [text for text in moment.examples if not fires(text)]
    loud = [text for text in moment.counterexamples if fires(text)]

    assert (silent, loud) == ([], [])
    assert len(moment.examples) >= 5


@pytest.mark.parametrize(
    "text",
    [
        "Acme Portal Sornething went wrong Try again",  # as a reader may misread it
        "We couldn't load your dashboard Request ID 8f2c",
        "HTTP 502 Bad Gateway",
        "Traceback (most recent call last): File main.py line 12 in module",
        "Your session has expired. Sign in again.",
        "Google Chrome isn't responding Wait Exit",
    ],
)
def test_screens_that_are_broken_are_seen(text: str) -> None:
    assert fires(text)


@pytest.mark.parametrize(
    "text",
    [
        "Agenda Welcome Your goals Demo Pricing Next steps",
        "Fewer errors, faster answers: 42 percent of tickets solved at first contact",
        "Reliability 99.95 uptime Failover in 30 seconds No data lost",
        "Error budget and service levels",
        "Security Access control by role Permission sets Audit log",
        "What went wrong last year and what we changed",
        "Timeouts, retries and back-off are handled for you",
        "Load your data in three steps",
    ],
)
def test_slides_that_speak_of_errors_are_not_broken(text: str) -> None:
    assert not fires(text)


def test_error_phrases_are_not_listened_for_in_talk() -> None:
    listened_for = [moment.when for side in Speaker for moment in moments_of(shipped(), side)]

    assert listened_for
    assert When.SCREEN_ERROR not in listened_for


def test_the_examples_of_talk_teach_nothing_about_screens() -> None:
    [moment] = read_on_screen(shipped()).moments.values()

    assert shipped().moments[moment.id].examples
    assert (moment.examples, moment.counterexamples) == ((), ())
