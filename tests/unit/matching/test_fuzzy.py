"""Which hearing errors are forgiven, and that ordinary talk is not mistaken for phrases."""

from pathlib import Path

import pytest

from coach.adapters.matching import PhraseMatcher
from coach.adapters.playbook.files import load_playbook
from coach.domain.matching import How, Veto
from coach.domain.playbook import Speaker
from unit.matching.sample import PROSPECT, find, moment

ROOT = Path(__file__).parents[3]
TALK = (Path(__file__).with_name("ordinary_talk.txt")).read_text(encoding="utf-8").splitlines()
PHRASES = (
    "over our budget",
    "give us a discount",
    "is our data encrypted",
    "send me the contract",
    "we need to think about it",
    "not ready to decide",
    "can you come down on the price",
    "do you have references",
    "how secure is it",
    "Route King",
    "Field Hand",
    "Zendesk",
)


@pytest.mark.parametrize(
    ("heard", "phrase", "first", "last"),
    [
        ("that is over our budgit", "over our budget", 2, 4),
        ("it is over our budgets", "over our budget", 2, 4),
        ("please give us this count now", "give us a discount", 1, 4),
        ("give us a dis count", "give us a discount", 0, 4),
        ("is our data in crypted", "is our data encrypted", 0, 4),
        ("we need two think about it", "we need to think about it", 0, 5),
        ("can you really come down on the price", "can you come down on the price", 0, 7),
        ("we saw root king", "Route King", 2, 3),
        ("we saw fieldhand", "Field Hand", 2, 2),
        ("we use zen desk today", "Zendesk", 2, 3),
        ("we use zendesks", "Zendesk", 2, 2),
    ],
)
def test_small_hearing_errors_are_forgiven(heard: str, phrase: str, first: int, last: int) -> None:
    (hit,) = find(heard, moment("m", *PHRASES))

    assert (hit.how, hit.rule, hit.first, hit.last) == (How.FUZZY, phrase, first, last)
    assert hit.veto is None


@pytest.mark.parametrize(
    "heard",
    [
        "send me the contact",
        "send me the contacts",
        "now ready to decide",
        "is our data unencrypted",
        "is our data updated",
        "how insecure is it",
        "how secure is that ladder",
        "do you have any preferences",
        "we went over our bridge",
        "give them a discount",
        "give us an account",
        "can you come down on the pier",
        "the root of the king",
    ],
)
def test_another_word_that_was_said_is_no_error(heard: str) -> None:
    assert not find(heard, moment("m", *PHRASES))


def test_a_moment_may_ask_for_exact_words() -> None:
    assert not find("over our budgit", moment("m", "over our budget", is_fuzzy=False))


def test_a_near_miss_takes_an_inexact_match_back() -> None:
    subject = moment("m", "over our budget", near_misses=("went over our budget",))

    (hit,) = find("we went over our budgit", subject)

    assert (hit.how, hit.veto) == (How.FUZZY, Veto.NEAR_MISS)


def test_a_negation_takes_an_inexact_match_back() -> None:
    (hit,) = find("it is not over our budgit", moment("m", "over our budget"))

    assert (hit.how, hit.veto) == (How.FUZZY, Veto.NEGATED)


def test_an_exact_match_that_does_not_count_is_not_found_again_inexactly() -> None:
    (hit,) = find("it is not over our budget", moment("m", "over our budget", "over my budgets"))

    assert (hit.how, hit.veto) == (How.PHRASE, Veto.NEGATED)


def test_a_partial_is_forgiven_errors_near_its_end_only() -> None:
    subject, filler = moment("m", "over our budget"), " and" * 12

    assert find("over our budgit", subject, final=False)
    assert not find("over our budgit" + filler, subject, final=False)
    assert find("over our budgit" + filler, subject, final=True)


def test_ordinary_talk_is_never_mistaken_for_a_phrase() -> None:
    """312 sentences that resemble the shipped playbook's phrases as closely as talk can."""
    matcher = PhraseMatcher.build(load_playbook(ROOT / "playbook"))

    mistaken = [
        (sentence, hit.rule)
        for sentence in TALK
        for speaker in (PROSPECT, Speaker.REP)
        for is_final in (True, False)
        for hit in matcher.begin(speaker).find(sentence.split(), is_final=is_final)
        if hit.how is How.FUZZY and hit.veto is None
    ]

    assert len(TALK) >= 300
    assert mistaken == []
