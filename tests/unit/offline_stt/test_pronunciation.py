"""Guessed pronunciations."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offline_stt.pronunciation import guess
from offline_stt.words import PHONES

DICTIONARY = {
    "hub": "HH AH B",
    "spot": "S P AA T",
    "on": "AA N",
    "boarding": "B AO R D IH NG",
    "ok": "OW K EY",
    "route": "R UW T",
    "king": "K IH NG",
    "pay": "P EY",
}


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("hubspot", "HH AH B S P AA T"),
        ("onboarding", "AA N B AO R D IH NG"),
        ("routekingpay", "R UW T K IH NG P EY"),
        ("route-king", "R UW T K IH NG"),
        ("okta", "AA K T AH"),  # "ok" is too short to be trusted as a part
        ("shade", "SH EY D"),
        ("jazz", "JH AE Z"),
    ],
)
def test_known_parts_first_then_letters(word: str, phones: str) -> None:
    assert guess(word, DICTIONARY.get) == phones


@given(st.text(string.ascii_lowercase, min_size=1, max_size=20))
def test_every_word_gets_phones_that_exist(word: str) -> None:
    phones = guess(word, DICTIONARY.get).split()

    assert phones
    assert set(phones) <= PHONES
