"""Which card answers a question of the rep."""

import pytest

from coach.adapters.matching import CardIndex
from coach.domain.playbook import Advice, Battlecard
from unit.matching.sample import moment, playbook

CARDS = CardIndex.build(
    playbook(
        moment("security_question", "is our data encrypted", card="security"),
        cards=(
            Battlecard("security", "Security and data protection", Advice("Data is safe")),
            Battlecard("roi-calculator", "Payback in six weeks", Advice("Anchor on payback")),
            Battlecard("route-king", "Route King", Advice("Ask about long jobs"), ("Route King",)),
        ),
    )
)


@pytest.mark.parametrize(
    ("question", "card"),
    [
        ("what do we have on encryption", "security"),
        ("Security?", "security"),
        ("sekurity", "security"),
        ("roi", "roi-calculator"),
        ("show me the payback card", "roi-calculator"),
        ("how do we compare to route king", "route-king"),
        ("root king", "route-king"),
    ],
)
def test_a_question_finds_the_card_that_answers_it(question: str, card: str) -> None:
    assert CARDS.best(question) == card


@pytest.mark.parametrize(
    "question",
    [
        "",
        "?!",
        "the",
        "what do we have",
        "what is the weather",
        "banana spaceship",
        "tell me a joke",
    ],
)
def test_a_question_that_no_card_answers_finds_none(question: str) -> None:
    assert CARDS.best(question) is None


def test_a_playbook_without_cards_answers_nothing() -> None:
    assert CardIndex.build(playbook()).best("security") is None
