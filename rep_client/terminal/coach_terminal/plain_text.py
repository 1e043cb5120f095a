"""Turns whatever text arrived into text that can only be read.

A terminal obeys control characters: a quote that a prospect managed to get into a nudge must not
be able to move the cursor, set the window's title or reverse the reading direction.
"""

import re
import unicodedata
from typing import Final

ELLIPSIS: Final = "…"
REPLACEMENT: Final = "\ufffd"
MARKS_PER_CHARACTER: Final = 3  # more combining marks than this climb over the neighbouring lines

_ESCAPE_SEQUENCE: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # cursor, colour, modes
    r"|(?:\x1b[\]P^_X]|[\x9d\x90\x9e\x9f\x98])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # titles, links
    r"|\x1b[ -/]*[0-~]"
)
_LINE_BREAKS: Final = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_JOINERS: Final = "\u200c\u200d"  # invisible, but Persian and Hindi words and some emoji need them
_EMOJI: Final = "\ufe0f"  # asks for the coloured form of the character before it
_KEPT: Final = frozenset("\n\t" + _JOINERS + _EMOJI)
_DROPPED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_DRAWN_AS_NOTHING: Final = re.compile(
    # letters and marks that Unicode calls default ignorable (DerivedCoreProperties.txt)
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0e\uffa0\U000e0100-\U000e01ef]"
)


def plain(text: str, limit_characters: int, *, keep_lines: bool = False) -> str:
    """Strip everything that is not visible text, and cut at a word to fit.

    Args:
        text: Anything, hostile text included.
        limit_characters: Longest result, an ellipsis included.
        keep_lines: Keep line breaks; otherwise the result is a single line.
    """
    text = _LINE_BREAKS.sub("\n", _ESCAPE_SEQUENCE.sub("", text)).replace("\t", " ")
    visible = _without_invisible(text)
    lines = (" ".join(line.split()) for line in visible.split("\n"))
    joined = ("\n" if keep_lines else " ").join(line for line in lines if line)
    return shortened(joined, limit_characters)


def exact(text: str) -> str:
    """Keep every character, and make those visible that would not be: for text that is approved.

    What a terminal would obey becomes a replacement character; line breaks stay line breaks.
    """
    lines = _LINE_BREAKS.sub("\n", text)
    return "".join(REPLACEMENT if _is_unseen(character) else character for character in lines)


def shortened(text: str, limit_characters: int) -> str:
    """Cut at a word to fit, and show that something was cut."""
    if len(text) <= limit_characters:
        return text
    head = text[: limit_characters - len(ELLIPSIS)]
    at_a_word = head.rsplit(maxsplit=1)[0] if " " in head else head
    return at_a_word.rstrip() + ELLIPSIS


def _without_invisible(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks <= MARKS_PER_CHARACTER and not _is_unseen(character):
            kept.append(character)
    return "".join(kept)


def _is_unseen(character: str) -> bool:
    if character in _KEPT:
        return False
    return unicodedata.category(character) in _DROPPED or bool(_DRAWN_AS_NOTHING.match(character))
