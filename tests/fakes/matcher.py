"""A matcher and searches of the plainest kind: a phrase matches where it stands."""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

from coach.domain.matching import Hit, How, SegmentMatcher, Veto
from coach.domain.playbook import Moment, Playbook, Speaker, When
from coach.domain.retrieval import Found, Query

_MATCHED = frozenset({When.WORDS, When.OVER_AUTHORITY})
_NEGATIONS = frozenset({"not", "no", "never"})


class PlainMatcher:
    """Implements `Matcher` by containment of words, so that tests can foresee every hit."""

    def __init__(self, playbook: Playbook) -> None:
        self._playbook = playbook

    def begin(self, speaker: Speaker, before: str = "") -> SegmentMatcher:
        return PlainSegmentMatcher(self, speaker)

    def find(self, text: str, speaker: Speaker) -> list[Hit]:
        return self.begin(speaker).find(text.split(), is_final=True)

    def in_words(self, words: Sequence[str], speaker: Speaker, *, is_final: bool) -> list[Hit]:
        """Return what a segment's words hold."""
        spoken = plain(words)
        best = (
            self._best(moment, spoken, is_final)
            for moment in self._playbook.moments.values()
            if moment.speaker is speaker and moment.when in _MATCHED
        )
        return [hit for hit in best if hit is not None]

    def cues(self, words: Sequence[str]) -> frozenset[str]:
        stages = self._playbook.stages
        return frozenset(stage.id for stage in stages if _any_in(stage.cues, words))

    def topics(self, words: Sequence[str]) -> frozenset[str]:
        topics = (topic for stage in self._playbook.stages for topic in stage.topics)
        return frozenset(topic.id for topic in topics if _any_in(topic.phrases, words))

    def _best(self, moment: Moment, spoken: list[str], is_final: bool) -> Hit | None:
        hits = [
            _judged(moment, Hit(moment.id, How.PHRASE, phrase, first, last, card), spoken, is_final)
            for phrase, card in self._phrases(moment)
            for first, last in _places(phrase, spoken)
        ]
        hits.sort(key=lambda hit: (hit.veto is not None, hit.first, -hit.last))
        return hits[0] if hits else None

    def _phrases(self, moment: Moment) -> list[tuple[str, str | None]]:
        cards = [card for card in self._playbook.battlecards.values() if card.moment == moment.id]
        named: list[tuple[str, str | None]] = [(n, card.id) for card in cards for n in card.names]
        return [(phrase, None) for phrase in moment.words.phrases] + named


@dataclass(frozen=True, slots=True)
class PlainSegmentMatcher:
    """Implements `SegmentMatcher`: remembers nothing of the words."""

    matcher: PlainMatcher
    speaker: Speaker

    def find(
        self, words: Sequence[str], *, is_final: bool, skip: Set[str] = frozenset()
    ) -> list[Hit]:
        found = self.matcher.in_words(words, self.speaker, is_final=is_final)
        return [hit for hit in found if hit.moment not in skip]


class PlainPassages:
    """Implements `PassageSearch`: whose title shares a word with the newest text fits."""

    def __init__(self, playbook: Playbook) -> None:
        cards = [(c.id, True, c.title, c.body) for c in playbook.battlecards.values()]
        passages = [(p.id, False, p.title, p.body) for p in playbook.passages.values()]
        self._all = [Found(*each, 1.0) for each in cards + passages]

    def search(self, query: Query) -> Sequence[Found]:
        asked = set(plain(query.texts[0].split())) if query.texts else set()
        return [found for found in self._all if asked & set(plain(found.title.split()))][:3]


class PlainCards:
    """Implements `CardSearch`: the first card whose title shares a word with the question."""

    def __init__(self, playbook: Playbook) -> None:
        self._playbook = playbook

    def best(self, text: str) -> str | None:
        asked = set(plain(text.split()))
        for card in self._playbook.battlecards.values():
            if asked & set(plain(card.title.split())):
                return card.id
        return None


def plain(words: Sequence[str]) -> list[str]:
    """Return words as they are compared here: lower case, no punctuation."""
    return [re.sub(r"[^\w%']", "", word.lower()) for word in words]


def _judged(moment: Moment, hit: Hit, spoken: list[str], is_final: bool) -> Hit:
    veto, is_held = None, False
    for near in moment.words.near_misses:
        tokens = plain(near.split())
        for start in range(max(0, hit.first - len(tokens)), hit.first + 1):
            heard = spoken[start : start + len(tokens)]
            covers = start + len(tokens) > hit.last
            if covers and heard == tokens:
                veto = Veto.NEAR_MISS
            elif covers and heard == tokens[: len(heard)] and not is_final:
                is_held = True
    if veto is None and moment.words.is_negatable and hit.first:
        veto = Veto.NEGATED if spoken[hit.first - 1] in _NEGATIONS else None
    return Hit(
        hit.moment, hit.how, hit.rule, hit.first, hit.last, hit.card, veto, is_held and not veto
    )


def _places(phrase: str, spoken: list[str]) -> list[tuple[int, int]]:
    tokens = plain(phrase.split())
    starts = range(len(spoken) - len(tokens) + 1)
    return [(i, i + len(tokens) - 1) for i in starts if spoken[i : i + len(tokens)] == tokens]


def _any_in(phrases: Sequence[str], words: Sequence[str]) -> bool:
    spoken = plain(words)
    return any(_places(phrase, spoken) for phrase in phrases)
