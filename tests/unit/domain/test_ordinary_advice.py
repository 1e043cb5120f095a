"""Ordinary coaching is founded: a check that cannot let it pass would be a muzzle."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from coach.adapters.playbook.files import load_playbook
from coach.domain.dates import dates
from coach.domain.founding import unfounded
from coach.domain.numerals import read

PLAYBOOK = load_playbook(Path(__file__).parents[3] / "playbook")
FRACTIONS = frozenset({"half", "third", "quarter"})
LIMIT = 10.0  # percent that the rep may give alone


def shipped() -> Iterator[str]:
    """Yield all that the shipped playbook may show, line by line."""
    advices = [
        *(moment.advice for moment in PLAYBOOK.moments.values()),
        *(card.advice for card in PLAYBOOK.battlecards.values()),
    ]
    for advice in advices:
        yield from (advice.headline, advice.detail, advice.say or "")
    for stage in PLAYBOOK.stages:
        yield stage.guidance
        yield from (topic.ask for topic in stage.topics)


def has_figure(text: str) -> bool:
    pieces = read(text)
    numbers = any(piece.value is not None or piece.text in FRACTIONS for piece in pieces)
    return numbers or bool(dates(pieces))


LINES = sorted({line for line in shipped() if line})
SENTENCES = sorted({part for line in LINES for part in re.split(r"(?<=[.?!])\s+", line)})
PLAIN = [sentence for sentence in SENTENCES if not has_figure(sentence)]


def test_there_are_enough_of_them_to_tell() -> None:
    assert len(LINES) > 100 and len(PLAIN) > 120


@pytest.mark.parametrize("sentence", PLAIN)
def test_a_shipped_sentence_without_a_figure_needs_no_grounds_but_for_its_names(
    sentence: str,
) -> None:
    assert set(unfounded(sentence, "", "", LIMIT)) <= {"name"}


@pytest.mark.parametrize("line", LINES)
def test_a_shipped_line_is_founded_by_itself(line: str) -> None:
    """The advisor may say again what the playbook says: its own texts are its grounds."""
    assert unfounded(line, line, "", LIMIT) == []


@pytest.mark.parametrize(
    "headline",
    [
        "Ask two questions before you answer",
        "Ask one or two questions, then wait",
        "Ask 2 questions, then wait",
        "Ask for one thing in return",
        "Ask for two things in return: term and reference",
        "Ask one of the three to decide",
        "Ask what happens at 11 in the morning",
        "Ask how many visits go wrong in a week",
        "Ask how long a half-day visit takes",
        "Ask them what a good deal looks like",
        "Wait three seconds",
        "Wait 3 seconds after the price",
        "Give one reason, then ask",
        "Give two or three examples",
        "Give 3 to 5 examples at most",
        "Give it 30 seconds of silence",
        "Give each one a name",
        "Give one for one: trade, do not give",
        "Give them time to think",
        "Give the number, then go back to value",
        "Offer two dates, let them choose",
        "Offer two, let them choose",
        "Offer a 30-minute call with the owner",
        "Offer to join for twenty minutes",
        "Offer a pilot with one crew",
        "Take two minutes to recap",
        "Take one point at a time",
        "Take it back kindly",
        "Agree on a date",
        "Agree on one next step",
        "Agree first, then ask why",
        "Accept the concern, then ask about it",
        "Accept two objections as real",
        "Match one need to one feature",
        "Cut it to two sentences",
        "Reduce it to one line",
        "Drop the second point",
        "Make one point, then stop",
        "Make two columns: theirs and yours",
        "Say it in one sentence",
        "Say it in 12 words",
        "Do one thing at a time",
        "Go one by one through their list",
        "Go to slide 4",
        "Go back to the first question",
        "Come back to point 3",
        "Let them finish, count to three",
        "Name the next step",
        "Name one person and one day",
        "Close with two options",
        "You have talked for two minutes: stop",
        "Third objection in a row: ask what is behind it",
        "Half of them are silent: ask by name",
        "Cut your pitch in half",
        "Two people decide: ask who else",
        "One question at a time",
        "Discount asked: trade, do not give",
        "Before any discount, ask your manager",
        "A percentage says little: ask what it costs a day",
    ],
)
def test_ordinary_coaching_needs_no_grounds(headline: str) -> None:
    assert unfounded(headline, "", "", LIMIT) == []
