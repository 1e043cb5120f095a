"""What was taught is kept on disk, and nothing that happens to the disk ends anything."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from coach.adapters.matching import taught_files, teaching
from coach.adapters.matching.meaning import MeaningClassifier
from coach.adapters.matching.teaching import is_taught, teach
from coach.domain.words import NOTHING, normalise_text
from unit.matching.sample import PROSPECT
from unit.matching.taught import school

KEY = "0" * 64
SAID = normalise_text("please refund the fee for the lesson that was cancelled")


@pytest.fixture(scope="module")
def taught() -> MeaningClassifier:
    """Return a classifier."""
    found = teach(school(), PROSPECT)
    assert found is not None
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder that is used as the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("platform.system", lambda: "Linux")
    return tmp_path / "livekit-sales-coach"


def test_what_is_kept_hears_the_same_and_explains_the_same(
    taught: MeaningClassifier, folder: Path
) -> None:
    taught_files.save(KEY, taught)
    loaded = taught_files.load(KEY)

    assert loaded is not None
    best, *_ = taught.scores(taught.scan(SAID))
    assert loaded.scores(loaded.scan(SAID)) == taught.scores(taught.scan(SAID))
    assert loaded.weighed(SAID, NOTHING, best) == taught.weighed(SAID, NOTHING, best)
    assert np.array_equal(loaded.network.vectors, taught.network.vectors)


def test_a_playbook_that_was_taught_once_is_loaded_the_next_time(folder: Path) -> None:
    assert not is_taught(school())
    teaching._TAUGHT.clear()
    teach(school(), PROSPECT)
    (kept,) = folder.iterdir()
    written = kept.stat().st_ino

    teaching._TAUGHT.clear()
    teach(school(), PROSPECT)

    assert is_taught(school())
    assert kept.stat().st_ino == written


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 torn", b"not a file of numbers"])
def test_a_damaged_file_counts_as_none(
    taught: MeaningClassifier, folder: Path, content: bytes
) -> None:
    taught_files.save(KEY, taught)
    (folder / f"{KEY}.npz").write_bytes(content)

    assert taught_files.load(KEY) is None


def test_a_file_that_lacks_a_part_counts_as_none(folder: Path) -> None:
    folder.mkdir()
    np.savez(folder / f"{KEY}.npz", lemmas="a")

    assert taught_files.load(KEY) is None


def test_a_disk_that_takes_nothing_costs_only_the_file(
    taught: MeaningClassifier, folder: Path
) -> None:
    folder.parent.joinpath(folder.name).write_text("a file where the folder should be")

    taught_files.save(KEY, taught)

    assert taught_files.load(KEY) is None


def test_a_cache_that_can_only_be_read_is_used(
    taught: MeaningClassifier, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An image whose playbook was learned ahead, on a read-only disk, learned it at each start."""
    taught_files.save(KEY, taught)

    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("os.utime", refuse)

    assert taught_files.load(KEY) is not None


def test_those_files_go_that_were_not_used_for_longest(
    taught: MeaningClassifier, folder: Path
) -> None:
    for number in range(35):
        taught_files.save(f"{number:064}", taught)
        os.utime(folder / f"{number:064}.npz", (number, number))
    taught_files.load(f"{10:064}")

    taught_files.save("f" * 64, taught)

    names = {path.stem for path in folder.iterdir()}
    assert len(names) == 32
    assert {"f" * 64, f"{10:064}"} <= names
    assert f"{3:064}" not in names
