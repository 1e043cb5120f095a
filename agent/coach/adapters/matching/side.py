"""The rules for the words of one side of the call, and which of their matches count."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz

from coach.adapters.matching.fuzzy import FuzzyIndex
from coach.adapters.matching.guards import NearMisses, is_negated
from coach.adapters.matching.lexicon import same_word
from coach.adapters.matching.meaning import Meaning, MeaningClassifier
from coach.adapters.matching.patterns import PatternIndex
from coach.adapters.matching.phrases import PhraseIndex
from coach.adapters.matching.rules import Match, Rule, moments_of, phrase_rules
from coach.adapters.matching.windows import Scan
from coach.domain.matching import Hit, How, Veto
from coach.domain.playbook import Moment, Playbook, Speaker
from coach.domain.words import Normalised, normalise_text

_Span = tuple[int, int]
_TAIL = 12  # words at the end of a partial in which errors are forgiven


@dataclass(frozen=True, slots=True)
class _Guarded:
    """What decides whether a moment's matches count."""

    is_negatable: bool
    near_misses: NearMisses


@dataclass(frozen=True, slots=True)
class _Judged:
    match: Match
    veto: Veto | None = None
    is_held: bool = False

    @property
    def rank(self) -> tuple[int, int, int]:
        """Smaller is better: what counts, then what came first, then what is longest."""
        doubt = 2 if self.veto else int(self.is_held)
        return doubt, self.match.first, -self.match.last


@dataclass(frozen=True, slots=True)
class _NearMiss:
    moment: str


@dataclass(frozen=True, slots=True)
class _Heard:
    """What is judged, and what was found out about it on the way."""

    spoken: Normalised
    is_final: bool
    scan: Scan | None
    """What the classifier makes of it, if there is one."""
    not_meant: dict[int, frozenset[str]] = field(default_factory=dict)
    """By a phrase's last token: the moments that are surely not meant there."""


class Side:
    """The rules for the words of one side of the call."""

    def __init__(
        self, playbook: Playbook, speaker: Speaker, classifier: MeaningClassifier | None
    ) -> None:
        self.classifier = classifier
        moments = moments_of(playbook, speaker)
        rules = {moment.id: [*phrase_rules(playbook, moment)] for moment in moments}
        self._guards = {
            moment.id: _Guarded(
                moment.words.is_negatable, NearMisses(spell(moment.words.near_misses))
            )
            for moment in moments
        }
        phrases: list[tuple[tuple[str, ...], Rule | _NearMiss]] = [
            (rule.tokens, rule) for found in rules.values() for rule in found
        ]
        for moment_id, guarded in self._guards.items():
            phrases.extend((near, _NearMiss(moment_id)) for near in guarded.near_misses.phrases)
        self._phrases = PhraseIndex(phrases)
        self._patterns = PatternIndex(
            (text, Rule(moment.id, text)) for moment in moments for text in moment.words.patterns
        )
        self._fuzzy = FuzzyIndex(
            _fuzzy_rules(moments, rules), {token for tokens, _ in phrases for token in tokens}
        )

    def begin(self, before: Normalised) -> Scan | None:
        """Return what follows one segment for the classifier, if there is one.

        Args:
            before: what the other side had just said.
        """
        return None if self.classifier is None else self.classifier.begin(before)

    def find(
        self, spoken: Normalised, scan: Scan | None, skip: Set[str], *, is_final: bool
    ) -> list[Hit]:
        """Return at most one hit per moment, in the order in which they were said.

        Args:
            spoken: the words of a segment so far.
            scan: what has followed this segment.
            skip: moments that are not looked for.
            is_final: whether it is closed.
        """
        if not spoken.tokens:
            return []
        if scan is not None:
            scan.follow(spoken)
        heard = _Heard(spoken, is_final, scan)
        met, near_misses = self._exact(spoken, skip)
        best = {
            moment: self._best(heard, matches, near_misses.get(moment, ()))
            for moment, matches in met.items()
        }
        settled = {moment for moment, judged in best.items() if judged.rank[0] == 0} | skip
        found = self._inexact(spoken, settled, met, is_final)
        for match in self._meant(heard):
            if match.rule.moment not in settled:
                found.setdefault(match.rule.moment, []).append(match)
        for moment, matches in found.items():
            matches = [*met.get(moment, ()), *matches]
            best[moment] = self._best(heard, matches, near_misses.get(moment, ()))
        ordered = sorted(best.items(), key=lambda item: (item[1].match.first, item[0]))
        return [_hit(spoken, judged) for _, judged in ordered]

    def _exact(
        self, spoken: Normalised, skip: Set[str]
    ) -> tuple[dict[str, list[Match]], dict[str, list[_Span]]]:
        """Return matches and near misses by moment."""
        met: dict[str, list[Match]] = {}
        near_misses: dict[str, list[_Span]] = {}
        for first, last, value in self._phrases.find(spoken.tokens):
            if isinstance(value, _NearMiss):
                near_misses.setdefault(value.moment, []).append((first, last))
            elif value.moment not in skip:
                match = Match(value, How.PHRASE, first, last)
                met.setdefault(value.moment, []).append(match)
        for first, last, rule in self._patterns.find(spoken.text):
            if rule.moment not in skip:
                met.setdefault(rule.moment, []).append(Match(rule, How.PATTERN, first, last))
        return met, near_misses

    def _inexact(
        self,
        spoken: Normalised,
        settled: Set[str],
        met: Mapping[str, list[Match]],
        is_final: bool,
    ) -> dict[str, list[Match]]:
        """Return matches with errors by moment, where the same words were not met exactly."""
        skipped = 0 if is_final else max(0, len(spoken.tokens) - _TAIL)
        found: dict[str, list[Match]] = {}
        for match in self._fuzzy.find(spoken.tokens[skipped:], settled):
            match = replace(match, first=match.first + skipped, last=match.last + skipped)
            exact = met.get(match.rule.moment, ())
            if not any(match.overlaps(other.first, other.last) for other in exact):
                found.setdefault(match.rule.moment, []).append(match)
        return found

    def _is_ordinary(self, heard: _Heard, match: Match) -> bool:
        """Return whether examples have taught that these words are a near miss."""
        if self.classifier is None or heard.scan is None or match.rule.card is not None:
            return False
        if match.last not in heard.not_meant:
            heard.not_meant[match.last] = self.classifier.not_meant(heard.scan, match.last)
        return match.rule.moment in heard.not_meant[match.last]

    def _meant(self, heard: _Heard) -> Iterator[Match]:
        """Yield stretches that mean a moment. Here another score, of an encoder, would join."""
        if self.classifier is not None and heard.scan is not None:
            for meaning in self.classifier.find(heard.scan, is_final=heard.is_final):
                rule = Rule(meaning.moment, _rarity(meaning))
                yield Match(rule, How.MEANING, meaning.first, meaning.last)

    def _best(
        self, heard: _Heard, matches: Iterable[Match], near_misses: Iterable[_Span]
    ) -> _Judged:
        judged = [self._judge(heard, match, near_misses) for match in matches]
        negated = [found.match for found in judged if found.veto is Veto.NEGATED]
        if negated:  # "not over budget": a negation of the longer match holds for those within
            judged = [
                replace(found, veto=found.veto or Veto.NEGATED)
                if any(found.match.overlaps(other.first, other.last) for other in negated)
                else found
                for found in judged
            ]
        return min(judged, key=lambda found: found.rank)

    def _judge(self, heard: _Heard, match: Match, near_misses: Iterable[_Span]) -> _Judged:
        spoken = heard.spoken
        guards = self._guards[match.rule.moment]
        if any(match.overlaps(first, last) for first, last in near_misses):
            return _Judged(match, Veto.NEAR_MISS)
        if match.how is How.FUZZY and _is_nearer(spoken, match, guards.near_misses):
            return _Judged(match, Veto.NEAR_MISS)
        if match.how is How.MEANING:  # it has learned what "not" does
            return _Judged(match)
        if guards.is_negatable and is_negated(spoken, match.first):
            return _Judged(match, Veto.NEGATED)
        if self._is_ordinary(heard, match):
            return _Judged(match, Veto.NEAR_MISS)
        is_held = not heard.is_final and guards.near_misses.may_follow(spoken.tokens, match.last)
        return _Judged(match, None, is_held)


def spell(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the tokens of authored texts."""
    return [normalise_text(text).tokens for text in texts]


def _rarity(meaning: Meaning) -> str:
    minutes = 10 / max(meaning.false_alarms, 1e-3)
    return f"like its examples; ordinary talk is once in {minutes:.0f} minutes"


def _fuzzy_rules(moments: Iterable[Moment], rules: Mapping[str, list[Rule]]) -> Iterator[Rule]:
    for moment in moments:
        if moment.words.is_fuzzy:
            yield from rules[moment.id]


def _is_nearer(spoken: Normalised, match: Match, near_misses: NearMisses) -> bool:
    """Return whether the words are at least as much like a near miss as like the phrase.

    What a near miss has more than the phrase must really have been said.
    """
    phrase = set(map(same_word, match.rule.tokens))
    said = " ".join(spoken.tokens[match.first : match.last + 1])
    likeness = fuzz.ratio(" ".join(match.rule.tokens), said)
    for near_miss in near_misses.phrases:
        margin = len(near_miss)
        around = spoken.tokens[max(0, match.first - margin) : match.last + 1 + margin]
        more = set(map(same_word, near_miss)) - phrase
        if more.issubset(map(same_word, around)) and (
            fuzz.partial_ratio(" ".join(near_miss), " ".join(around)) >= likeness
        ):
            return True
    return False


def _hit(spoken: Normalised, judged: _Judged) -> Hit:
    match = judged.match
    return Hit(
        moment=match.rule.moment,
        how=match.how,
        rule=match.rule.text,
        first=spoken.origins[match.first],
        last=spoken.origins[match.last],
        card=match.rule.card,
        veto=judged.veto,
        is_held=judged.is_held,
    )
