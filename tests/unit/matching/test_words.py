"""One spelling for what was said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.domain.words import Percent, fold, normalise, normalise_text, percents


@pytest.mark.parametrize(
    ("written", "tokens"),
    [
        ("That’s OVER our budget.", "that is over our budget"),
        ("we can't, cannot and can not", "we can not can not and can not"),
        ("won't don't we're you've I'd let's", "will not do not we are you have i would let us"),
        ("dont cant thats", "do not can not that is"),
        ("25% 12.5% 20 per cent 5 percent", "25 percent 12.5 percent 20 percent 5 percent"),
        ("$5k and $2,000.50 or €3m", "5 thousand dollars and 2000.50 dollars or 3 million euros"),
        ("twenty-five end-to-end", "twenty five end to end"),
        ("the customer's crews' O'Brien", "the customer crews obrien"),
        ("R&D 24/7 SOC2 e-mail", "r and d 24 7 soc2 email"),
        ("$500 or 500 € or 500€, 15 %.", "500 dollars or 500 euros or 500 euros 15 percent"),
        ("um, uh over erm our budget", "over our budget"),
        ("Größe café naïve", "grosse cafe naive"),
        ("Привет, мир! नमस्ते 日本", "привет мир नमस्ते 日本"),
        ("?! - …", ""),
    ],
)
def test_words_are_written_one_way(written: str, tokens: str) -> None:
    assert normalise_text(written).text == tokens


def test_each_token_leads_back_to_its_spoken_word() -> None:
    spoken = normalise(["That's", "25%", "over", "per", "cent", "can't"])

    assert spoken.tokens == ("that", "is", "25", "percent", "over", "percent", "can", "not")
    assert spoken.origins == (0, 0, 1, 1, 2, 4, 5, 5)


def test_punctuation_ends_a_clause_but_a_decimal_point_does_not() -> None:
    spoken = normalise_text('No, it is 12.5 "percent." Right')

    assert spoken.breaks == {0, 4}


def test_a_lone_dash_ends_the_clause_before_it() -> None:
    assert normalise_text("no — over budget").breaks == {0}


def test_marks_of_other_scripts_are_kept() -> None:
    assert fold("ЙЁ") == "йё"
    assert fold("नमस्ते") == "नमस्ते"


@given(st.lists(st.text(max_size=12), max_size=12))
def test_any_text_can_be_normalised(words: list[str]) -> None:
    spoken = normalise(words)

    assert len(spoken.tokens) == len(spoken.origins)
    assert list(spoken.origins) == sorted(spoken.origins)
    assert all(0 <= origin < len(words) for origin in spoken.origins)
    assert all(token and " " not in token for token in spoken.tokens)
    percents(words)


@pytest.mark.parametrize(
    ("said", "amounts"),
    [
        ("Then I can give you twenty five percent off.", [Percent(25, 5, 7)]),
        ("twenty-five per cent", [Percent(25, 0, 2)]),
        ("25% off", [Percent(25, 0, 0)]),
        ("25 % off", [Percent(25, 0, 1)]),
        ("I could do 20 to 25 percent", [Percent(20, 3, 6), Percent(25, 5, 6)]),
        ("fifteen or twenty percent", [Percent(15, 0, 3), Percent(20, 2, 3)]),
        ("twelve and a half percent", [Percent(12.5, 0, 4)]),
        ("twelve point five percent", [Percent(12.5, 0, 3)]),
        ("half a percent", [Percent(0.5, 0, 2)]),
        ("a hundred percent", [Percent(100, 0, 2)]),
        ("half off and a quarter off", [Percent(50, 0, 1), Percent(25, 4, 5)]),
        ("ten percent now, 15% later", [Percent(10, 0, 1), Percent(15, 3, 3)]),
        ("the percentage, or per cent of it", []),
        ("twenty dollars off", []),
    ],
)
def test_percentages_are_heard_however_they_are_said(said: str, amounts: list[Percent]) -> None:
    assert percents(said.split()) == amounts
