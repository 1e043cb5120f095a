"""The words that the embedded recogniser can hear, without loading the recogniser."""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

_DICTIONARY = Path("model", "en-us", "cmudict-en-us.dict")


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """Return the words of its dictionary; none where it is not installed. Reads 3 MB once."""
    spec = find_spec("pocketsphinx")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / _DICTIONARY
        if path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines()
            return frozenset(line.split(" ", 1)[0] for line in lines)
    return frozenset()
