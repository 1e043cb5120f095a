"""A segment that never closes: what of it is looked at, while it grows and when it closes."""

import pytest

from coach.domain.events import Transcript
from coach.domain.playbook import Speaker
from coach.domain.transcript import MAX_SEGMENT_WORDS, spoken_words

WORDS = [f"w{number}" for number in range(1_000)]


def heard(count: int, *, is_final: bool = False) -> list[str]:
    text = " ".join(WORDS[:count])
    return spoken_words(Transcript("buyer", Speaker.PROSPECT, text, is_final, 0))


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 239, 240, 241, 280, 281, 1_000])
def test_the_newest_words_are_looked_at_and_never_too_many(count: int) -> None:
    words = heard(count)

    assert words == WORDS[count - len(words) : count]
    assert min(count, 160) <= len(words) <= MAX_SEGMENT_WORDS


def test_words_stay_where_they_were_in_nearly_all_partials() -> None:
    """Where they move in each, all of them are judged anew in each."""
    firsts = [heard(count)[0] for count in range(1, 601)]

    moves = sum(one != other for one, other in zip(firsts, firsts[1:], strict=False))
    assert moves == 10


def test_a_final_is_looked_at_whole() -> None:
    assert heard(1_000, is_final=True) == WORDS
