"""Warns of phrases that would not do what their author meant."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from coach.adapters.matching.lessons import minutes, ordinary_talk, speaks
from coach.adapters.matching.phrases import PhraseIndex
from coach.adapters.matching.rules import moments_of
from coach.adapters.playbook.pronunciation import known_words
from coach.domain.playbook import Moment, Playbook, Speaker
from coach.domain.words import normalise_text

_NEVER_IN_TEXT = ("'", "%", "’")
_RARE_MINUTES = 300.0
"""A phrase that ordinary talk has less often is not warned of: what is meant is asked, too."""
_SIDES = (Speaker.PROSPECT, Speaker.REP)

Doubt = tuple[str, str, str]
"""File, the authored text, what to say about it."""


def phrase_doubts(playbook: Playbook) -> Iterator[Doubt]:
    """Yield what is doubtful about phrases and patterns."""
    for speaker in _SIDES:
        moments = moments_of(playbook, speaker)
        for moment in moments:
            yield from _shape_doubts(moment)
        phrases = [_Phrase.of(moment, text) for moment in moments for text in moment.words.phrases]
        phrases = [phrase for phrase in phrases if phrase.tokens]
        yield from _shared(phrases)
        yield from _overlapping(phrases)
        if speaks(playbook.language):
            yield from _ordinary(phrases, speaker)
            yield from _unheard(phrases, playbook)


@dataclass(frozen=True, slots=True)
class _Phrase:
    moment: str
    text: str
    tokens: tuple[str, ...]

    @classmethod
    def of(cls, moment: Moment, text: str) -> "_Phrase":
        return cls(moment.id, text, normalise_text(text).tokens)

    @property
    def file(self) -> str:
        return f"moments/{self.moment}.yaml"


def _shape_doubts(moment: Moment) -> Iterator[Doubt]:
    file = f"moments/{moment.id}.yaml"
    near_misses = [normalise_text(text).tokens for text in moment.words.near_misses]
    for phrase in moment.words.phrases:
        tokens = normalise_text(phrase).tokens
        if not tokens:
            yield file, phrase, f'phrase "{phrase}" holds no word, so it can never match'
        elif len(tokens) == 1:
            text = f'phrase "{phrase}" is a single word: it will fire on ordinary talk'
            yield file, phrase, text
        if any(near and _stands_in(near, tokens) for near in near_misses):
            yield file, phrase, f'phrase "{phrase}" holds a near miss, so it can never match'
    for pattern in moment.words.patterns:
        if any(sign in pattern for sign in _NEVER_IN_TEXT):
            text = (
                f"pattern {pattern} holds a sign that normalised words never have: "
                "write contractions out (`that is`, `can not`) and `percent`"
            )
            yield file, pattern, text


def _stands_in(part: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    return f" {' '.join(part)} " in f" {' '.join(whole)} "


def _shared(phrases: list[_Phrase]) -> Iterator[Doubt]:
    """Yield phrases that stand twice, in one moment or in two that hear the same side."""
    places: dict[tuple[str, ...], list[_Phrase]] = defaultdict(list)
    for phrase in phrases:
        places[phrase.tokens].append(phrase)
    for found in places.values():
        first = found[0]
        for phrase in found[1:]:
            where = "twice here" if first.moment == phrase.moment else f"in {first.file} too"
            yield phrase.file, phrase.text, f'phrase "{phrase.text}" stands {where}'


def _overlapping(phrases: list[_Phrase]) -> Iterator[Doubt]:
    """Yield phrases that hold a phrase of another moment: both would fire."""
    index = PhraseIndex((phrase.tokens, phrase) for phrase in phrases)
    for phrase in phrases:
        within = {
            other.moment: other
            for _, _, other in index.find(phrase.tokens)
            if other.moment != phrase.moment and other.tokens != phrase.tokens
        }
        for other in within.values():
            text = f'phrase "{phrase.text}" holds "{other.text}" of {other.file}: both will fire'
            yield phrase.file, phrase.text, text


def _ordinary(phrases: list[_Phrase], speaker: Speaker) -> Iterator[Doubt]:
    """Yield phrases that are said in ordinary talk, and not just once in a few hours."""
    index = PhraseIndex((phrase.tokens, phrase) for phrase in phrases if len(phrase.tokens) > 1)
    said: dict[_Phrase, list[str]] = defaultdict(list)
    for text, tokens in _ordinary_words(speaker) if phrases else ():
        for _, _, phrase in index.find(tokens):
            said[phrase].append(text)
    most = _ordinary_minutes() / _RARE_MINUTES
    for phrase, texts in said.items():
        if len(texts) > most:
            text = f'phrase "{phrase.text}" is too general: ordinary talk has it, "{texts[0]}"'
            yield phrase.file, phrase.text, text


@cache
def _ordinary_minutes() -> float:
    return minutes([said.text for said in ordinary_talk()])


@cache
def _ordinary_words(speaker: Speaker) -> list[tuple[str, tuple[str, ...]]]:
    """Return a side's ordinary talk with its words; asked for again for each playbook."""
    own = [said.text for said in ordinary_talk() if said.side is speaker]
    return [(text, normalise_text(text).tokens) for text in own]


def _unheard(phrases: list[_Phrase], playbook: Playbook) -> Iterator[Doubt]:
    """Yield words of phrases that the embedded recogniser can not hear."""
    known = known_words()
    taught = {word.lower() for card in playbook.battlecards.values() for word in card.pronounce}
    for phrase in phrases:
        for word in phrase.tokens if known else ():
            if word not in known and word not in taught and not word[0].isdigit():
                taught.add(word)  # once is enough
                text = f'phrase "{phrase.text}": "{word}" is unknown to the embedded recogniser'
                yield phrase.file, phrase.text, text
