"""Is this a question, and do these words take it up? English by the form of the sentence."""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OPENERS = _words(
    "what how why when where who which whose can could do does did is are was were will would "
    "should shall have has had may might am"
)
_FUNCTION_WORDS = _OPENERS | _words(
    "a an the and or but so if of to in on at for from with by about into than that this these "
    "those it its we you they he she i me us them my your our their be been being not no yes "
    "okay ok right well just really very much many any some get got there here as then also "
    "let like know think mean want need"
)
_WORD = re.compile(r"\w+", re.UNICODE)
_SHORTEST = 3  # words: "is it" alone is a back-channel, not a question


def is_question(text: str) -> bool:
    """Return whether the last sentence of a turn asks something.

    Recognisers without punctuation give no question mark: then the sentence must begin
    with an interrogative or an auxiliary.
    """
    sentence = re.split(r"[.!?]\s+", text.strip())[-1]
    words = _WORD.findall(sentence.casefold())
    if len(words) < _SHORTEST:
        return False
    return sentence.endswith("?") or words[0] in _OPENERS


def topic_words(text: str) -> frozenset[str]:
    """Return what a sentence is about: its content words, cut to their stems' first letters."""
    words = _WORD.findall(text.casefold())
    return frozenset(word[:5] for word in words if word not in _FUNCTION_WORDS and len(word) > 2)


def word_count(text: str) -> int:
    """Return how many words a text has."""
    return len(_WORD.findall(text))
