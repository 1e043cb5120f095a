"""Estimates of tokens, which hold as bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.domain.tokens import first_tokens, last_tokens, tokens

NUMBERS = "4.50 x 12, 9.95 x 7, or 54.00 + 69.65 + 3.75, i.e. $127.40 for S.K.U. 4-A/B?"


@pytest.mark.parametrize(
    ("text", "least"),
    [("", 0), ("we would have to explain that", 6), (NUMBERS, 48), ("ж" * 40, 20)],
)
def test_numbers_and_signs_count_as_what_they_are_to_a_tokenizer(text: str, least: int) -> None:
    """The least are what OpenAI's rule of splitting makes of them, counted by hand."""
    assert least <= tokens(text) <= 2 * least


@given(st.text() | st.just(NUMBERS * 3), st.integers(-1, 60))
def test_what_is_cut_has_at_most_so_many_tokens_and_is_a_part_of_it(text: str, most: int) -> None:
    sent = text.encode("utf-8", "replace").decode()
    first, last = first_tokens(text, most), last_tokens(text, most)

    assert tokens(first) <= max(0, most) and sent.startswith(first)
    assert tokens(last) <= max(0, most) and sent.endswith(last)
    if tokens(text) <= most:
        assert first == last == sent
