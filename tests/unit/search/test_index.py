"""The search index: what fits the talk, and that nothing is an answer, too."""

from dataclasses import replace

import pytest

from coach.adapters.search import PassageIndex
from coach.domain.playbook import Advice, Battlecard, Passage, Playbook
from coach.domain.retrieval import Query
from fakes.playbooks import playbook

PASSAGES = (
    Passage("payback", "Payback in six weeks", "Thirty people save twelve wasted visits a month."),
    Passage("security", "Encryption and hosting", "Data is encrypted at rest with AES, in Ohio."),
    Passage("support", "Support by phone", "People answer from six in the morning to eight."),
)
CARDS = (Battlecard("onboarding", "Onboarding and training", Advice("Two weeks"), body="Crews."),)


def book(*passages: Passage, language: str = "en") -> Playbook:
    """Return a playbook with these passages."""
    return replace(
        playbook(cards=CARDS),
        passages={passage.id: passage for passage in passages or PASSAGES},
        language=language,
    )


def found(text: str, *before: str, names: tuple[str, ...] = (), language: str = "en") -> list[str]:
    """Return the ids that fit, the best first."""
    index = PassageIndex.build(book(language=language))
    return [each.id for each in index.search(Query((text, *before), names))]


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("is our data encrypted on your servers", "security"),
        ("how many visits do people save in a month of that", "payback"),
        ("what about training for onboarding the crews", "onboarding"),
    ],
)
def test_words_in_any_form_find_what_is_about_them(text: str, best: str) -> None:
    assert found(text)[0] == best


@pytest.mark.parametrize(
    "text", ["", "yeah right okay", "so we had a lovely time in Spain", "data", "?!", "\ud800"]
)
def test_nothing_is_found_for_talk_of_something_else(text: str) -> None:
    assert found(text) == []


def test_what_was_said_before_helps_to_understand_the_newest_words() -> None:
    assert found("so where is that then") == []
    assert found("so where is that then", "is our data encrypted at rest")[0] == "security"


def test_the_accounts_own_name_is_no_topic() -> None:
    assert found("support encrypted phone", names=("Encrypted Phone Support",)) == []


def test_at_most_three_are_found() -> None:
    passages = [Passage(f"p{n}", "Encryption at rest", "Data is encrypted.") for n in range(9)]
    index = PassageIndex.build(book(*passages))

    assert len(index.search(Query(("encrypted data at rest",)))) == 3


@pytest.mark.parametrize("language", ["de", "xx", "pt-BR"])
def test_other_languages_are_searched_word_by_word_at_least(language: str) -> None:
    assert "security" in found("encrypted hosting in ohio", language=language)


def test_a_playbook_without_passages_or_cards_answers_nothing() -> None:
    empty = replace(playbook(), passages={})

    assert list(PassageIndex.build(empty).search(Query(("anything at all",)))) == []
