"""Reading YAML as its author meant it."""

import pytest

from coach.adapters.authored.documents import read_document, split_front_matter


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no: yes", {"no": "yes"}),
        ("at: 12:30", {"at": "12:30"}),
        ("on: off", {"on": "off"}),
        ("day: 2026-01-31", {"day": "2026-01-31"}),
        ("n: [1, -2, 3.5, .5, 1e3]", {"n": [1, -2, 3.5, 0.5, "1e3"]}),
        ("n: [true, False, null, ~]", {"n": [True, False, None, None]}),
        ("n: '1'", {"n": "1"}),
        ("n: " + "9" * 5000, {"n": "9" * 5000}),
        ("a: >\n  folded\n  text\n", {"a": "folded text\n"}),
        ("# comment\n---\na: b\n...\n", {"a": "b"}),
    ],
)
def test_words_mean_themselves(text: str, value: object) -> None:
    document = read_document(text)

    assert document.flaws == []
    assert document.value == value


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "is empty"),
        ("# only a comment\n", 1, "is empty"),
        ("a: 1\nb: 2\na: 3\n", 3, "is given twice, first in line 1"),
        ("a: b: c\n", 1, "text with a colon must stand in quotes"),
        ("a:\n\t- b\n", 2, "indent with blanks"),
        ("a: 'b\n", 2, "not closed"),
        ("a: &x b\nc: *x\n", 1, "anchor or alias"),
        ("a: *x\n", 1, "anchor or alias"),
        ("a: !!python/name:os.system x\n", 1, "has a tag"),
        ("? [a]\n: b\n", 1, "no word"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: \x07\n", 1, "not valid YAML"),
        ("[" * 100_000, 1, "nested too deeply"),
        ("- " * 100_000, 1, "nested too deeply"),
        ("{a: " * 50_000, 1, "nested too deeply"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, said: str) -> None:
    (flaw, *_) = read_document(text).flaws

    assert flaw.line == line
    assert said in flaw.text


def test_values_know_their_lines() -> None:
    document = read_document("a:\n  - b\n  - c: d\n    e: f\n", first_line=10)

    assert document.line(("a", 1, "e")) == 13
    assert document.line(("a", 0)) == 11
    assert document.line(("a", 1, "missing")) == 12
    assert document.line(("missing",)) == 10


def test_front_matter_stands_between_the_first_two_lines_of_dashes() -> None:
    assert split_front_matter("---\na: b\n---\n\nText\n---\nmore\n") == (
        "a: b\n",
        "Text\n---\nmore",
    )
    assert split_front_matter("a: b\n---\n") is None
    assert split_front_matter("---\na: b\n") is None
