"""The plain text beside a moment: what it may hold, what is said about it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from coach.adapters.playbook.checks import Level, check_playbook
from coach.adapters.playbook.files import load_playbook
from coach.adapters.playbook.scoring import score_sentences, summarise
from coach.cli.playbook import app
from coach.domain.playbook import Answer
from coach.errors import PlaybookError
from unit.matching.taught import refund, teacher
from unit.playbook.sample import HEAD, MOMENT, write

RUNNER = CliRunner()
EXAMPLES = "# in other words\nthat is more than we planned for\n\nwe can't swing that  \n"
_SENTENCES: dict[str, str | bytes] = {
    f"moments/{moment.id}.{kind}.txt": "\n".join(texts)
    for moment in (refund(), teacher())
    for kind, texts in (
        ("examples", moment.bulk.examples),
        ("counterexamples", moment.bulk.counterexamples or ("the teacher had a red car",)),
    )
}
_MOMENTS: dict[str, str | bytes] = {
    f"moments/{name}.yaml": f"id: {name}\nkind: question\nheadline: Help\nphrases: [{phrase}]\n"
    for name, phrase in (("refund", "my money back"), ("teacher", "another teacher"))
}
TAUGHT = {**_SENTENCES, **_MOMENTS}


def test_sentences_are_read_one_a_line_without_remarks(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "moments/price.yaml": MOMENT,
        "moments/price.examples.txt": EXAMPLES,
        "moments/price.counterexamples.txt": "copper is dear",
    }

    moment = load_playbook(write(tmp_path, files)).moments["price"]

    assert moment.bulk.examples == ("that is more than we planned for", "we can't swing that")
    assert moment.bulk.counterexamples == ("copper is dear",)


def test_answers_are_read_with_what_they_answer(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "moments/price.yaml": MOMENT,
        "moments/price.answers.txt": "# a shock\n> It is forty a month.\nouch\nRight  then.\n",
        "moments/price.counteranswers.txt": "> I burnt my hand.\nouch",
    }

    bulk = load_playbook(write(tmp_path, files)).moments["price"].bulk

    asked = "It is forty a month."
    assert bulk.answers == (Answer(asked, "ouch"), Answer(asked, "Right then."))
    assert bulk.counteranswers == (Answer("I burnt my hand.", "ouch"),)


def test_a_playbook_learns_from_another_ones_sentences_where_it_does_not_say_otherwise(
    tmp_path: Path,
) -> None:
    lender: dict[str, str | bytes] = {
        "moments/price.examples.txt": "that stings\nour owner says no\nthat is a lot\n",
        "moments/price.counterexamples.txt": "copper is dear",
        "moments/stranger.examples.txt": "never asked for",
    }
    own: dict[str, str | bytes] = {
        "playbook.yaml": f"{HEAD}learns_from: ../lender\n",
        "moments/price.yaml": MOMENT,
        "moments/price.examples.txt": "That is a lot!",
        "moments/boss.yaml": MOMENT.replace("id: price", "id: boss"),
        "moments/boss.examples.txt": "Our owner says no.",
    }
    write(tmp_path / "lender", lender)

    moments = load_playbook(write(tmp_path / "own", own)).moments

    assert moments["price"].bulk.examples == ("That is a lot!", "that stings")
    assert moments["price"].bulk.counterexamples == ("copper is dear",)
    assert moments["boss"].bulk.examples == ("Our owner says no.",)
    assert set(moments) == {"price", "boss"}


def test_a_lender_that_is_no_playbook_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"playbook.yaml": f"{HEAD}learns_from: ../nowhere\n"})

    with pytest.raises(PlaybookError) as caught:
        load_playbook(tmp_path)

    assert "learns_from: must be the folder of a playbook" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("price.examples.txt", "fine\n?!\n", "price.examples.txt:2: holds no word"),
        ("price.examples.txt", "ok\n" + "a " * 300, "price.examples.txt:2: is too long"),
        ("price.examples.txt", b"fine\n\xff\xfe\n", "price.examples.txt:2: is not UTF-8"),
        ("price.examples.txt", "", "price.examples.txt: is empty"),
        ("price.answers.txt", "fine", "price.answers.txt:1: is an answer to nothing"),
        ("price.answers.txt", "> \nfine", "price.answers.txt:1: holds no word"),
        ("cost.answers.txt", "> a\nb", "cost.answers.txt: is not read: there is no cost.yaml"),
        ("cost.examples.txt", "fine", "cost.examples.txt: is not read: there is no cost.yaml"),
        ("price.example.txt", "fine", "price.example.txt: is not read; names here end in .yaml"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(
    tmp_path: Path, name: str, content: str | bytes, problem: str
) -> None:
    write(tmp_path, {"moments/price.yaml": MOMENT, f"moments/{name}": content})

    with pytest.raises(PlaybookError) as error:
        load_playbook(tmp_path)

    assert problem in str(error.value)


def test_a_sentence_that_is_said_to_mean_both_is_an_error_naming_both_places(
    tmp_path: Path,
) -> None:
    files: dict[str, str | bytes] = {
        "moments/price.yaml": MOMENT,
        "moments/price.examples.txt": "it is too steep",
        "moments/price.counterexamples.txt": "# no\nIt's too steep!",
    }

    errors = [
        each
        for each in check_playbook(load_playbook(write(tmp_path, files)), tmp_path)
        if each.level is Level.ERROR
    ]

    (error,) = errors
    assert (error.file, error.line) == ("moments/price.counterexamples.txt", 2)
    assert "in the examples of price (moments/price.examples.txt:1)" in error.text


def test_a_sentence_that_is_said_to_mean_two_moments_is_an_error(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "moments/price.yaml": MOMENT,
        "moments/cost.yaml": MOMENT.replace("id: price", "id: cost").replace("over", "above"),
        "moments/price.examples.txt": "it is too steep",
        "moments/cost.examples.txt": "it is too steep",
    }

    found = check_playbook(load_playbook(write(tmp_path, files)), tmp_path)

    assert [each.file for each in found if each.level is Level.ERROR] == [
        "moments/price.examples.txt"
    ]


def test_what_can_not_be_learned_is_said(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "moments/price.yaml": MOMENT,
        "moments/price.examples.txt": EXAMPLES,
    }

    few = check_playbook(load_playbook(write(tmp_path / "few", files)))
    files |= {"playbook.yaml": HEAD + "language: fr\n"}
    french = check_playbook(load_playbook(write(tmp_path / "french", files)))

    assert [each.text for each in few] == ["has fewer than 20 examples: too few to learn from"]
    assert [each.text for each in french] == [
        "there is no classifier for this language yet (only en): rules alone count"
    ]


def test_sentences_are_scored_as_if_they_were_new(tmp_path: Path) -> None:
    scored = score_sentences(load_playbook(write(tmp_path, TAUGHT)))

    first, second = summarise(scored)
    assert (first.moment, first.examples, first.near_misses) == ("refund", 24, 5)
    assert 0 < first.by_rule < first.heard <= 24
    assert (second.moment, second.examples) == ("teacher", 24)


def test_the_check_shows_how_well_each_moment_is_heard(tmp_path: Path) -> None:
    write(tmp_path, TAUGHT)

    table = RUNNER.invoke(app, ["check", str(tmp_path)]).output
    sentences = RUNNER.invoke(app, ["check", str(tmp_path), "--moment", "refund"]).output

    assert "What would be heard if each sentence were new" in table
    assert "54 more taught" in table
    assert 'phrase "my money back"' in sentences


def test_a_sentence_is_explained_by_what_weighed_most(tmp_path: Path) -> None:
    write(tmp_path, TAUGHT)

    def tried(text: str) -> str:
        return RUNNER.invoke(app, ["try", text, "--dir", str(tmp_path)]).output

    explained = tried("please refund the fee for the cancelled lesson")
    assert "by meaning" in explained
    assert "counts" in explained
    assert "<guarantee-and-refund> +" in explained
    assert "too usual" in tried("can you hear me now")


def test_a_playbook_in_another_language_is_tried_honestly(tmp_path: Path) -> None:
    write(tmp_path, {**TAUGHT, "playbook.yaml": HEAD + "language: fr\n"})

    result = RUNNER.invoke(app, ["try", "bonjour", "--dir", str(tmp_path)])

    assert "There is no classifier for fr yet" in result.output
