"""Names in every alphabet that has capitals, and ordinary words that are none."""

import pytest

from coach.domain.founding import unfounded

LIMIT = 10.0  # percent that the rep may give alone


@pytest.mark.parametrize(
    "shown",
    [
        "Ask about Łukasz at the depot",
        "Say Österreich saves with us",
        "Call Ángela about it",
        "Mention that Émile approved it",
        "Ask Дмитрий first",
        "Ask what Ελένη thinks",
        "Compare with öBB",
        "Compare with myŁódź",
    ],
)
def test_a_name_that_nobody_named_is_not_founded_in_any_alphabet(shown: str) -> None:
    assert unfounded(shown, "", "1 prospect: «we have two vans»", LIMIT) == ["name"]


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("Ask about Łukasz at the depot", "łukasz runs the depot"),
        ("Say Österreich saves with us", "we are in osterreich"),
        ("Call Ángela about it", "angela decides"),
        ("Ask Дмитрий first", "дмитрий решает"),
        ("Ask about MyÖkoTool", "we use my oko tool"),
    ],
)
def test_a_name_that_was_said_may_be_shown(shown: str, said: str) -> None:
    assert unfounded(shown, "", said, LIMIT) == []


@pytest.mark.parametrize(
    "shown",
    [
        "Don't defend the price: ask why",
        "Doesn't fit? Ask what would",
        "Haven't they asked? Wait",
        "Error on your screen: name it calmly",
        "Commitment offered: accept it",
        "Jump to the slide that fits",
        "Small teams: ask how they plan",
        "Lower the risk: offer a pilot",
    ],
)
def test_ordinary_words_at_a_sentences_start_are_no_names(shown: str) -> None:
    """ "Don't" was taken for somebody's name."""
    assert unfounded(shown, "", "", LIMIT) == []
