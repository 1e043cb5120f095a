"""Word lists."""

from pathlib import Path

import pytest

from offline_stt.words import Entry, WordListError, parse_entry, parse_terms, read_words


def test_a_list_holds_names_pronunciations_and_comments(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("# tools\nZendesk: Z EH1 N D EH2 S K\n\nRoute  King  # two words\nokta\n")

    assert read_words(path) == [
        Entry("zendesk", "Z EH N D EH S K"),
        Entry("route king"),
        Entry("okta"),
    ]


@pytest.mark.parametrize("line", ["c++", "s3", "okta:", "okta: A K", ": K"])
def test_a_line_that_is_no_entry_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "names.txt"
    path.write_text(f"acme\n{line}\n")

    with pytest.raises(WordListError, match=r"names\.txt:2: "):
        read_words(path)


def test_a_missing_list_is_an_error_of_the_list(tmp_path: Path) -> None:
    with pytest.raises(WordListError, match="absent"):
        read_words(tmp_path / "absent.txt")


def test_terms_that_cannot_be_spoken_as_written_are_left_out() -> None:
    assert parse_terms(["Gong", "C++", "O\N{RIGHT SINGLE QUOTATION MARK}Neil", ""]) == [
        Entry("gong"),
        Entry("o'neil"),
    ]


def test_a_name_with_a_hyphen_is_one_word() -> None:
    assert parse_entry("Chick-Fil") == Entry("chick-fil")
