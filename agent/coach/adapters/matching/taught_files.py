"""Keeps what was taught on disk, so that a playbook is learned once on a machine.

The files hold numbers and single words, no sentence. What cannot be read or written is as if it
were not there: it is taught again.
"""

import contextlib
import os
import platform
import tempfile
from dataclasses import fields
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from coach.adapters.matching.features import Vocabulary
from coach.adapters.matching.meaning import MeaningClassifier, Tail
from coach.adapters.matching.network import Network

_ARRAYS = [field.name for field in fields(Network)]
_KEPT = 32
"""Files; those go that were not used for longest."""


def folder() -> Path:
    """Return the folder of a user's caches."""
    if platform.system() == "Darwin":
        return Path.home() / "Library" / "Caches" / "livekit-sales-coach"
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "livekit-sales-coach"


def has(key: str) -> bool:
    """Return whether something is kept under a key."""
    return _path(key).is_file()


def load(key: str) -> MeaningClassifier | None:
    """Return what is kept under a key; None where nothing is, or it is damaged."""
    try:
        with contextlib.suppress(OSError):  # a disk that can only be read
            os.utime(_path(key))  # it was used
        with _path(key).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            vocabulary = Vocabulary(
                _numbered(str(kept["lemmas"])), _numbered(str(kept["prefixes"])), kept["keys"]
            )
            network = Network(*(kept[name] for name in _ARRAYS))
            names = str(kept["moments"]).split("\n")
            tail, shares = Tail(*kept["tail"].tolist()), kept["shares"]
            return MeaningClassifier(names, vocabulary, network, tail, shares)
    except (OSError, ValueError, KeyError, EOFError, TypeError, BadZipFile):
        return None


def save(key: str, taught: MeaningClassifier) -> None:
    """Keep what was taught, if the disk allows it."""
    path = _path(key)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".new", delete=False) as file:
            np.savez(
                file,
                lemmas="\n".join(taught.vocabulary.lemmas),
                prefixes="\n".join(taught.vocabulary.prefixes),
                keys=taught.vocabulary.keys,
                **{name: getattr(taught.network, name) for name in _ARRAYS},
                moments="\n".join(taught.moments),
                shares=taught.shares,
                tail=np.array([taught.tail.start, taught.tail.per_ten_minutes, taught.tail.width]),
            )
        Path(file.name).replace(path)  # whoever reads at the same time has the old file, or none
        for old in sorted(path.parent.glob("*.npz"), key=_age)[:-_KEPT]:
            old.unlink(missing_ok=True)


def _path(key: str) -> Path:
    return folder() / f"{key}.npz"


def _age(path: Path) -> float:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _numbered(words: str) -> dict[str, int]:
    return {word: number for number, word in enumerate(words.split("\n")) if words}
