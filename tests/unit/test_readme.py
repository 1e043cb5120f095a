"""The README says what is so."""

import re
from pathlib import Path

from coach.settings import settings_table

REPOSITORY = Path(__file__).resolve().parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
MOST_LINES = 150


def test_the_table_of_settings_is_the_one_made_from_their_definitions() -> None:
    [table] = re.findall(r"<!-- settings -->\n(.*?)\n<!-- /settings -->", README, re.DOTALL)

    assert table == settings_table().strip()


def test_every_make_word_that_it_names_exists() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    words = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))

    named = set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))

    assert named
    assert named <= words


def test_every_file_that_it_points_at_exists() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)

    missing = [link for link in links if not (REPOSITORY / link).exists()]

    assert not missing


def test_it_stays_short() -> None:
    assert len(README.splitlines()) <= MOST_LINES
