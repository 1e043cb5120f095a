"""Does the rep talk about the slide that is shown, or about another one? Words only, and careful.

Silent unless all of it is so: the slide has words enough and has stood long enough, the talk has
words enough, hardly one of them is on the slide, and many are on one slide shown before.
"""

import re
from collections import Counter, deque
from dataclasses import dataclass

from coach.domain.questions import topic_words

WINDOW_MS = 30_000
"""Talk older than this does not count."""
STANDING_MS = 25_000
"""So long a slide must have been shown."""
SLIDE_WORDS = 8
TALK_WORDS = 25
"""Fewest content words of the slide, and of the talk, each as often as it was said."""
MOST_SHARED = 1
"""With more different words on the slide in the talk, the talk is about it."""
LEAST_ELSEWHERE = 5
"""So many different words of the talk must stand on one earlier slide and not on this one."""
ELSEWHERE_RATIO = 0.2
"""They must be this share of the talk's different words, and of that slide's."""
_MOST_SLIDES = 200
_WORD = re.compile(r"[^\W\d_]{3,}")
_ENDINGS = (
    *("ations", "ation", "ments", "ment", "ings", "ing", "ions", "ion"),
    *("ers", "ies", "er", "ed", "es", "ly", "s", "y", "e"),
)


@dataclass(frozen=True, slots=True)
class _Said:
    at_ms: int
    stems: tuple[str, ...]


class SlideTalk:
    """The words of each slide of the call, and the rep's talk since the slide came up."""

    def __init__(self) -> None:
        self._slides: dict[int, frozenset[str]] = {}
        self._shown: int | None = None
        self._since_ms = 0
        self._said: deque[_Said] = deque(maxlen=200)

    def shows(self, slide: int | None, at_ms: int) -> None:
        """Another slide came up, or none."""
        self._shown, self._since_ms = slide, at_ms
        self._said.clear()

    def read(self, slide: int, text: str) -> None:
        """Words were read from a slide. The newest reading of a slide counts."""
        if slide in self._slides or len(self._slides) < _MOST_SLIDES:
            self._slides[slide] = frozenset(content_stems(text))

    def pause(self) -> None:
        """Nobody is heard any more."""
        self._said.clear()

    def said(self, text: str, at_ms: int) -> bool:
        """Take the rep's words. Return whether the talk is about another slide for sure."""
        self._said.append(_Said(at_ms, content_stems(text)))
        while self._said[0].at_ms < at_ms - WINDOW_MS:
            self._said.popleft()
        shown = self._slides.get(self._shown) if self._shown is not None else None
        if shown is None or len(shown) < SLIDE_WORDS or at_ms - self._since_ms < STANDING_MS:
            return False
        stems = [stem for said in self._said for stem in said.stems]
        return len(stems) >= TALK_WORDS and self._is_elsewhere(frozenset(stems), shown)

    def _is_elsewhere(self, talk: frozenset[str], shown: frozenset[str]) -> bool:
        common = self._common()
        if len(talk & shown) > MOST_SHARED:
            return False
        others = [words for slide, words in self._slides.items() if slide != self._shown]
        return any(
            len(shared) >= LEAST_ELSEWHERE
            and len(shared) >= ELSEWHERE_RATIO * max(len(talk), len(other))
            for other in others
            if (shared := (talk & other) - shown - common)
        )

    def _common(self) -> frozenset[str]:
        """Return what stands on most slides, such as the company's name: it tells nothing."""
        if len(self._slides) < 3:
            return frozenset()
        counts = Counter(stem for words in self._slides.values() for stem in words)
        return frozenset(stem for stem, n in counts.items() if n > len(self._slides) / 2)


def content_stems(text: str) -> tuple[str, ...]:
    """Return the content words of a text in order, cut to what their forms have in common."""
    words = _WORD.findall(text.casefold())
    return tuple(_stem(word) for word in words if topic_words(word))


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word
