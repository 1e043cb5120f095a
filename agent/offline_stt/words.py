"""Lists of names to expect: the file of `--words` and the `keyterm` values of a connection."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

MOST_ENTRIES = 500
# fmt: off
PHONES = frozenset((
    "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH",
    "IH", "IY", "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH",
    "UW", "V", "W", "Y", "Z", "ZH",
))
# fmt: on

_WORD = re.compile(r"[a-z]+(['-][a-z]+)*")


class WordListError(ValueError):
    """A line that is no entry; the message has the file and the line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A name to expect, of one or more words.

    Attributes:
        phones: Its pronunciation in ARPAbet, separated by spaces; None: look it up or guess.
    """

    name: str
    phones: str | None = None


def read_words(path: Path) -> list[Entry]:
    """Read a word list: `name` or `name: P R O N U N C I A T I O N` a line, `#` for comments.

    Raises:
        WordListError: The file cannot be read or a line is no entry.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WordListError(f"{path}: {error}") from error
    entries: list[Entry] = []
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            entries.append(parse_entry(text))
        except WordListError as error:
            raise WordListError(f"{path}:{number}: {error}") from None
    if len(entries) > MOST_ENTRIES:
        raise WordListError(f"{path}: more than {MOST_ENTRIES} names")
    return entries


def parse_entry(text: str) -> Entry:
    """Read one entry.

    Raises:
        WordListError: Not a name in letters, or not a pronunciation.
    """
    name, colon, pronunciation = text.partition(":")
    words = name.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split()
    if not words or not all(_WORD.fullmatch(word) for word in words):
        raise WordListError("a name is written in letters, as it is spoken")
    return Entry(" ".join(words), _parse_phones(pronunciation) if colon else None)


def parse_terms(terms: Iterable[str]) -> list[Entry]:
    """Read a connection's terms; what cannot be spoken as written is left out."""
    entries: list[Entry] = []
    for term in terms:
        try:
            entries.append(parse_entry(term.replace(":", " ")))
        except WordListError:
            continue  # such as "C++": Deepgram accepts it, so the connection must not fail
    return entries


def _parse_phones(text: str) -> str:
    phones = [phone.rstrip("012") for phone in text.upper().split()]
    unknown = [phone for phone in phones if phone not in PHONES]
    if unknown or not phones:
        raise WordListError(f"not ARPAbet: {' '.join(unknown)[:40] or 'nothing after the colon'}")
    return " ".join(phones)
