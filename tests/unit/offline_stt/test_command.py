"""The command line."""

from pathlib import Path

import pytest

from offline_stt.command import EXIT_USAGE, main


def test_a_bad_word_list_is_told_before_anything_is_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--words", f"{tmp_path}/absent.txt"]) == EXIT_USAGE
    assert "absent.txt" in capsys.readouterr().err


@pytest.mark.parametrize("workers", ["0", "65", "many"])
def test_the_number_of_streams_has_bounds(workers: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--workers", workers])

    assert stopped.value.code == EXIT_USAGE
