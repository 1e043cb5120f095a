"""Text that arrives can be read and can do nothing else."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach_terminal.plain_text import REPLACEMENT, exact, plain, shortened


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("\x1b[2J\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mC1\x9d0;owned\x9c", "C1"),
        ("\x1bPq#0\x1b\\sixel", "sixel"),
        ("\x1bcreset", "reset"),
        ("bell\x07 back\x08space\x00", "bell backspace"),
        ("over\rwritten", "over written"),
        ("\u202eright to left\u202c", "right to left"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("half \ud83d a pair", "half a pair"),
        ("line\u2028separator", "line separator"),
        ("e" + "\u0301" * 40, "e\u0301\u0301\u0301"),
    ],
)
def test_what_could_control_a_terminal_is_gone(hostile: str, harmless: str) -> None:
    assert plain(hostile, 100) == harmless


def test_letters_of_every_script_and_joined_emoji_stay() -> None:
    text = "Größe 価格 قیمت می‌خواهم 👩‍💻"

    assert plain(text, 100) == text


def test_letters_and_marks_that_are_drawn_as_nothing_are_stripped_and_shown_in_a_proposal() -> None:
    hidden = "a\u3164\u115f\u034f\u180b\U000e0100b"

    assert plain(hidden, 20) == "ab"
    assert exact(hidden) == f"a{REPLACEMENT * 5}b"
    assert plain("\u2764\ufe0f", 20) == "\u2764\ufe0f"


def test_lines_stay_only_where_they_are_wanted() -> None:
    text = "one\r\ntwo\n\n\nthree"

    assert plain(text, 100) == "one two three"
    assert plain(text, 100, keep_lines=True) == "one\ntwo\nthree"


def test_long_text_is_cut_at_a_word_and_shows_it() -> None:
    assert shortened("anchor on payback", 12) == "anchor on…"
    assert shortened("unbreakable", 6) == "unbre…"


@given(st.text(alphabet=st.characters(), max_size=300), st.integers(1, 80))
def test_result_is_printable_and_fits_whatever_arrives(text: str, limit: int) -> None:
    result = plain(text, limit)

    assert len(result) <= limit
    assert all(unicodedata.category(each) not in {"Cc", "Cs"} for each in result)
