"""`coach playbook` as a person uses it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coach.cli.playbook import FileKind, app
from unit.playbook.sample import MOMENT, write

RUNNER = CliRunner()


def test_a_sound_playbook_passes(tmp_path: Path) -> None:
    write(tmp_path, {"moments/price.yaml": MOMENT})

    result = RUNNER.invoke(app, ["check", str(tmp_path)])

    assert result.exit_code == 0
    assert "all examples do as they should" in result.output


def test_an_example_that_fails_is_named_and_ends_with_two(tmp_path: Path) -> None:
    write(tmp_path, {"moments/price.yaml": MOMENT.replace("That is over our", "A long lost")})

    result = RUNNER.invoke(app, ["check", str(tmp_path)])

    assert result.exit_code == 2
    assert f"{tmp_path}/moments/price.yaml:7: does not fire" in result.output


def test_a_playbook_that_does_not_load_ends_with_two(tmp_path: Path) -> None:
    write(tmp_path, {"moments/price.yaml": MOMENT + "prority: 1\n"})

    result = RUNNER.invoke(app, ["check"], env={"COACH_PLAYBOOK": str(tmp_path)})

    assert result.exit_code == 2
    assert "price.yaml:10: prority: is not a known field; did you mean `priority`?" in result.output


def test_a_sentence_is_explained(tmp_path: Path) -> None:
    write(tmp_path, {"moments/price.yaml": MOMENT})

    def tried(text: str, *options: str) -> str:
        return RUNNER.invoke(app, ["try", text, "--dir", str(tmp_path), *options]).output

    assert "shown, priority 50" in tried("That's over our budget [/red], 20%")
    assert "20 %" in tried("That's over our budget, 20%")
    assert "does not count: negated" in tried("it isn't over our budget")
    assert "No rule matches." in tried("over our budget", "--speaker", "rep")
    assert "by fuzzy" in tried("over our budgit")


def test_what_may_become_a_near_miss_is_said_to_wait(tmp_path: Path) -> None:
    write(tmp_path, {"moments/price.yaml": MOMENT + "near_misses: [our budget meeting]\n"})

    result = RUNNER.invoke(app, ["try", "over our budget", "--partial", "--dir", str(tmp_path)])

    assert "waits" in result.output


@pytest.mark.parametrize("kind", FileKind)
def test_each_kind_of_file_has_a_schema_with_a_description_of_every_field(kind: FileKind) -> None:
    schema = json.loads(RUNNER.invoke(app, ["schema", "--kind", kind.value]).output)

    for part in (schema, *schema.get("$defs", {}).values()):
        assert part["description"]
        for name, field in part.get("properties", {}).items():
            assert field["description"], name
