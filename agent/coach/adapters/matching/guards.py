"""Decides whether a match counts: negated, part of a near miss, or perhaps about to be one."""

from collections.abc import Iterable

from coach.adapters.matching.lexicon import NEGATIONS
from coach.domain.words import Normalised

_REACH = 3  # words before a match in which a negation takes it back
_FAR_REACH = 6  # the same after "not think", "not say" …
_OPINIONS = frozenset({"think", "believe", "say", "saying", "said", "suppose", "feel", "find"})
_CLAUSE_STARTS = frozenset(
    {"but", "because", "however", "although", "though", "so", "then", "since", "while", "and"}
)
_AUXILIARIES = frozenset(
    {"do", "does", "did", "is", "are", "was", "were", "can", "could", "will", "would", "should"}
    | {"have", "has", "had"}
)
_SUBJECTS = frozenset({"i", "you", "we", "they", "he", "she", "it", "there"})
_POINTERS = frozenset({"that", "this", "these", "those"})
_AFTER_INTERJECTION = (
    _SUBJECTS
    | _POINTERS
    | _AUXILIARIES
    | _CLAUSE_STARTS
    | {"no", "yes", "yeah", "well", "what", "how", "when", "who", "why", "where", "which"}
    | {"just", "please", "let", "thanks", "thank", "sorry", "actually", "honestly", "my", "your"}
)
_HARMLESS_AFTER = {
    "no": _AFTER_INTERJECTION | {"problem", "worries", "doubt", "question", "wonder", "matter"},
    "not": frozenset({"only", "just"}),
    "never": frozenset({"mind"}),
    "nothing": frozenset({"but"}),
}


def is_negated(spoken: Normalised, first: int) -> bool:
    """Return whether a negation shortly before token `first` takes back what begins there."""
    tokens = spoken.tokens
    if tokens[first] in NEGATIONS:
        return False
    for at in range(first - 1, max(-1, first - 1 - _FAR_REACH), -1):
        if at in spoken.breaks:
            return False
        token = tokens[at]
        if token in NEGATIONS and not _is_harmless(tokens, at):
            return first - at <= _REACH or tokens[at + 1] in _OPINIONS
        if token in _CLAUSE_STARTS and not (at > 0 and tokens[at - 1] == "not"):
            return False
    return False


def _is_harmless(tokens: tuple[str, ...], at: int) -> bool:
    """Return whether the negation at this token denies nothing that follows it."""
    token, following = tokens[at], tokens[at + 1]
    if following in _HARMLESS_AFTER.get(token, ()):
        return True
    if token != "not" or at == 0:
        return False
    before = tokens[at - 1]
    return before in {"why", "if", "or"} or (
        before in _AUXILIARIES and _asks(tokens, at - 1, following)
    )


def _asks(tokens: tuple[str, ...], auxiliary: int, following: str) -> bool:
    """Return whether "do not you …", "is not that …" is a question, not a denial."""
    if following in _SUBJECTS:
        return True
    begins = auxiliary == 0 or tokens[auxiliary - 1] in _CLAUSE_STARTS | {"well"}
    return begins and following in _POINTERS


class NearMisses:
    """The phrases that take a moment's matches back."""

    def __init__(self, phrases: Iterable[tuple[str, ...]]) -> None:
        self.phrases = tuple(tokens for tokens in phrases if tokens)
        self._beginnings = {
            tokens[:count] for tokens in self.phrases for count in range(1, len(tokens))
        }
        self._longest = max(map(len, self._beginnings), default=0)

    def may_follow(self, tokens: tuple[str, ...], last: int) -> bool:
        """Return whether the next words may yet complete one that overlaps a match.

        Args:
            last: the match's last token.
        """
        shortest = max(1, len(tokens) - last)
        return any(
            tokens[-count:] in self._beginnings
            for count in range(shortest, min(self._longest, len(tokens)) + 1)
        )
