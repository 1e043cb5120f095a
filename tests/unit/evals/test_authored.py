"""Reading a set of the evals."""

from pathlib import Path

import pytest

from evals.authored import Kind, SetError, Tier, read_set


def test_sentences_have_moment_tier_and_speaker(tmp_path: Path) -> None:
    (tmp_path / "moments.txt").write_text(
        "# remark\n\nprice, stall | plain | Too much | for now.\nnothing | near | rep: Fine.\n"
    )

    first, second = read_set(tmp_path).items

    assert (first.tier, first.line.speaker, first.line.text) == (
        Tier.PLAIN,
        "prospect",
        "Too much | for now.",
    )
    assert first.line.expected == {"price", "stall"}
    assert (second.line.speaker, second.line.text, second.line.expected) == (
        "rep",
        "Fine.",
        frozenset(),
    )


def test_what_was_said_before_belongs_to_the_next_sentence_only(tmp_path: Path) -> None:
    (tmp_path / "moments.txt").write_text("> Shall we?\nyes | plain | Sure.\nno | plain | No.\n")

    first, second = read_set(tmp_path).items

    assert [(line.speaker, line.text) for line in first.lines] == [
        ("rep", "Shall we?"),
        ("prospect", "Sure."),
    ]
    assert len(second.lines) == 1


def test_dialogues_have_speakers_and_marks(tmp_path: Path) -> None:
    folder = tmp_path / Kind.WHOLE_CALLS
    folder.mkdir()
    (folder / "one.txt").write_text("rep: Hi.\nprospect 2: Too much. {price} {stall?}\nteam: Mhm.")

    (dialogue,) = read_set(tmp_path).dialogues

    assert (dialogue.kind, dialogue.name) == (Kind.WHOLE_CALLS, "one")
    assert [line.identity for line in dialogue.lines] == ["rep-1", "buyer-2", "team-1"]
    line = dialogue.lines[1]
    assert line.text == "Too much."
    assert (line.expected, line.allowed) == (frozenset({"price"}), frozenset({"stall"}))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("moments.txt", "price | plain"),
        ("moments.txt", "price | near | Too much."),
        ("moments.txt", "nothing | plain | Too much."),
        ("moments.txt", "price | loud | Too much."),
        ("calls/a.txt", "somebody: Hello."),
    ],
)
def test_what_can_not_be_understood_is_named_with_file_and_line(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / "calls").mkdir()
    (tmp_path / name).write_text(f"# first\n{text}\n")

    with pytest.raises(SetError, match=f"{name}:2: "):
        read_set(tmp_path)
