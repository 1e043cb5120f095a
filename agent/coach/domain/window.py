"""What was said lately, verbatim and numbered, and what was said before that, in short.

The advisor reads the last 90 s word for word. What falls out of that window is condensed: by a
model if there is one for it, else by rule, which keeps what holds a figure.
"""

import re
from collections import deque
from collections.abc import Iterator

from coach.domain.texts import sendable
from coach.domain.transcript import Utterance

WINDOW_MS = 90_000
_MOST_UTTERANCES = 60
_SUMMARY_CHARACTERS = 420  # about 110 tokens
_ENOUGH_TO_CONDENSE = 12
"""Utterances that must have left the window before a model is asked to condense them."""
_MOST_LEFT = 60
_TELLING = re.compile(r"\d|percent|dollar|month|week|year|budget|because|problem|need|want", re.I)
_SENTENCE_CHARACTERS = 110


def quoted(text: str) -> str:
    """Return a text that cannot close the quotation around it, on one line, and can be sent."""
    return " ".join(sendable(text).replace("«", "‹").replace("»", "›").split())


class Utterances:
    """The numbered utterances of the window. Numbers count from 1 and are never used again."""

    def __init__(self) -> None:
        self._lines: deque[tuple[int, Utterance]] = deque()
        self._left: deque[Utterance] = deque(maxlen=_MOST_LEFT)
        self._next_number = 1
        self._summary = ""
        self._asked_count = 0  # of those that left: so many are being condensed

    def add(self, utterance: Utterance, at_ms: int) -> None:
        """Take a closed utterance; what is older than the window leaves it."""
        if not utterance.text.strip():
            return
        self._lines.append((self._next_number, utterance))
        self._next_number += 1
        while len(self._lines) > 1 and (
            self._lines[0][1].end_ms < at_ms - WINDOW_MS or len(self._lines) > _MOST_UTTERANCES
        ):
            self._left.append(self._lines.popleft()[1])

    def newest(self, count: int) -> list[tuple[int, Utterance]]:
        """Return the newest lines, the newest first."""
        return list(reversed(self._lines))[:count]

    def __iter__(self) -> Iterator[tuple[int, Utterance]]:
        return iter(self._lines)

    @property
    def summary(self) -> str:
        """What was said before the window, in short: the model's telling and the rule's."""
        told = [self._summary] if self._summary else []
        told += [_in_short(utterance) for utterance in self._left if _tells(utterance)]
        text = " ".join(told)
        return text if len(text) <= _SUMMARY_CHARACTERS else "… " + text[-_SUMMARY_CHARACTERS:]

    def to_condense(self) -> str | None:
        """Return what a model should condense now, or None while there is too little."""
        if len(self._left) < _ENOUGH_TO_CONDENSE:
            return None
        self._asked_count = len(self._left)
        lines = [f"{utterance.speaker}: «{quoted(utterance.text)}»" for utterance in self._left]
        return "\n".join([f"«{quoted(self._summary)}»", *lines] if self._summary else lines)

    def condensed(self, text: str) -> None:
        """Take the model's telling of what `to_condense` returned last."""
        self._summary = text[:_SUMMARY_CHARACTERS]
        for _ in range(min(self._asked_count, len(self._left))):
            self._left.popleft()


def _tells(utterance: Utterance) -> bool:
    return _TELLING.search(utterance.text) is not None


def _in_short(utterance: Utterance) -> str:
    text = utterance.text
    if len(text) > _SENTENCE_CHARACTERS:
        text = text[:_SENTENCE_CHARACTERS].rpartition(" ")[0] + " …"
    return f"{utterance.speaker}: {text}"
