"""Compresses what a CRM knows about an account to what fits into every question to the advisor.

The rule is fixed, so that equal facts make equal texts: renewal and last call (short, and dates
decide), open deals, notes, then what the account is; deals and notes the newest first. What does
not fit is cut at the end of a sentence, or left out; what comes after it may still fit.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from coach.adapters.crm.port import AccountFacts, Entry
from coach.domain.prompting import DOSSIER_TOKENS
from coach.domain.tokens import tokens
from coach.domain.window import quoted

MOST_DEALS = 4
_LINE_CHARACTERS = 120
_ENTRY_CHARACTERS = 320
_ABOUT_CHARACTERS = 600
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s")


def compress(facts: AccountFacts, most_tokens: int = DOSSIER_TOKENS) -> str:
    """Return the dossier, at most so many tokens long; empty when nothing is known."""
    text = ""
    for label, said in _parts(facts):
        start = f"{text} {label}" if text else label
        cut = _longest(said, partial(_fits, start, most_tokens))
        text = start + cut if cut else text
    return text


def clipped(text: str, most_characters: int) -> str:
    """Return as many whole sentences as fit; a first one that is too long is cut at a word."""
    if len(text) <= most_characters:
        return text
    cut = _longest(text, lambda cut: len(cut) <= most_characters)
    if cut:
        return cut
    words = text[: most_characters - 1].rpartition(" ")[0] or text[: most_characters - 1]
    return f"{words.rstrip(' ,;:')}…"


def _parts(facts: AccountFacts) -> Iterator[tuple[str, str]]:
    """Yield (label, text) in order of worth, each bounded."""
    yield from _line("Renewal", facts.renewal)
    yield from _line("Last call", facts.last_call)
    yield from _entries("Open deal", list(_newest_first(facts.deals))[:MOST_DEALS])
    yield from _entries("Note", _newest_first(facts.notes))
    if about := quoted(facts.about):
        yield "About: ", clipped(about, _ABOUT_CHARACTERS)


def _line(label: str, text: str) -> Iterator[tuple[str, str]]:
    if text := quoted(text):
        yield f"{label}: ", _closed(clipped(text, _LINE_CHARACTERS))


def _entries(label: str, entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        if text := quoted(entry.text):
            day = f" {entry.date[:10]}" if entry.date else ""
            yield f"{label}{day}: ", _closed(clipped(text, _ENTRY_CHARACTERS))


def _newest_first(entries: Iterable[Entry]) -> list[Entry]:
    """Undated ones keep their order, after the dated ones."""
    return sorted(entries, key=lambda entry: entry.date, reverse=True)


def _longest(text: str, fits: Callable[[str], bool]) -> str:
    """Return the text up to the last end of a sentence at which it fits; empty: at none."""
    if fits(text):
        return text
    ends = [match.start() for match in _SENTENCE_END.finditer(text)]
    return next((text[:end] for end in reversed(ends) if fits(text[:end])), "")


def _fits(start: str, most_tokens: int, cut: str) -> bool:
    return tokens(start + cut) <= most_tokens


def _closed(text: str) -> str:
    return text if text[-1] in ".!?;…" else f"{text}."
