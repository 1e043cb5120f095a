"""Recognises phrases through small hearing and spelling errors, and nothing else.

A recogniser's errors are mostly real words, so likeness alone would fire on ordinary talk
("sign the contract" is 93 % "sign the contact"). Every word of a phrase that carries meaning
must therefore be there: in any form ("budgets"), misspelled into something that is no word
("budgit"), or torn apart or run together ("this count"). Only what is left may differ, and the
whole must still be 82 % alike. That rule also makes the search cheap: a phrase is looked at
only when all its meaningful words were heard.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from coach.adapters.matching.lexicon import COMMON, DROPPABLE, denies, same_word
from coach.adapters.matching.rules import Match, Rule
from coach.domain.matching import How

_ALIKE_PERCENT = 82.0
_SHORT_ALIKE_PERCENT = 87.0
_WORD_ALIKE_PERCENT = 80.0
_SHORT_WORDS = 3  # phrases with fewer words, or shorter, must be more alike
_SHORT_CHARACTERS = 10
_SHORTEST_LONE_WORD = 6
_SHORTEST_WORD = 5  # of a word that may be misspelled
_AFFIX = 4  # a misspelled word still begins or ends like the right one
_MARGIN = 2  # words that may be too many or too few around a phrase's place


class FuzzyIndex:
    """The phrases that may be recognised through errors. Unchanging once built."""

    def __init__(self, rules: Iterable[Rule], vocabulary: Iterable[str]) -> None:
        """Index the rules.

        Args:
            vocabulary: all words of the playbook's phrases; none is a misspelling of another.
        """
        self._known = frozenset(map(same_word, COMMON | frozenset(vocabulary)))
        self._by_anchor: dict[str, list[_Phrase]] = defaultdict(list)
        phrases = [_Phrase(rule) for rule in rules if _is_eligible(rule)]
        counts: dict[str, int] = defaultdict(int)
        for phrase in phrases:
            for word in phrase.meaning:
                counts[word] += 1
        for phrase in phrases:
            anchor = min(phrase.meaning, key=lambda word: (counts[word], word))
            self._by_anchor[anchor].append(phrase)
        self._by_affix: dict[str, list[str]] = defaultdict(list)
        for word in sorted({word for phrase in phrases for word in phrase.spelled}):
            if len(word) >= _SHORTEST_WORD:
                self._by_affix[word[:_AFFIX] + "-"].append(word)
                self._by_affix["-" + word[-_AFFIX:]].append(word)
        self._run_together: dict[str, list[_Phrase]] = defaultdict(list)
        for phrase in phrases:
            joined = phrase.text.replace(" ", "")
            if 1 < len(phrase.rule.tokens) < _SHORT_WORDS + 1 and len(joined) > _SHORTEST_LONE_WORD:
                self._run_together[joined].append(phrase)
        self._misspelled = lru_cache(maxsize=8_192)(self._find_misspelled)

    def find(self, tokens: tuple[str, ...], skip: Set[str]) -> Iterator[Match]:
        """Yield matches in the tokens, by phrase.

        Args:
            skip: moments that need not be looked for.
        """
        for at, token in enumerate(tokens):
            if token in self._run_together:
                for phrase in self._run_together[token]:
                    if phrase.rule.moment not in skip:
                        yield Match(phrase.rule, How.FUZZY, at, at)
        heard = self._heard(tokens)
        words = frozenset(heard)
        for anchor in heard:  # in the order of the words: a replay must find the same
            for phrase in self._by_anchor.get(anchor, ()):
                if phrase.meaning <= words and phrase.rule.moment not in skip:
                    for place in heard[anchor]:
                        span = self._place(phrase, tokens, place, anchor)
                        if span is not None:
                            yield Match(phrase.rule, How.FUZZY, *span)

    def _heard(self, tokens: tuple[str, ...]) -> dict[str, list[int]]:
        """Return the words of phrases that were perhaps said, and at which tokens."""
        heard: dict[str, list[int]] = {}
        previous = ""
        for at, token in enumerate(tokens):
            heard.setdefault(same_word(token), []).append(at)
            if same_word(token) not in self._known and len(token) >= _SHORTEST_WORD:
                for word in self._misspelled(token):
                    heard.setdefault(word, []).append(at)
            if previous and self._may_be_torn(joined := previous + token):
                for word in self._misspelled(joined):
                    heard.setdefault(word, []).append(at - 1)
            previous = token
        return heard

    def _may_be_torn(self, joined: str) -> bool:
        return f"{joined[:_AFFIX]}-" in self._by_affix or f"-{joined[-_AFFIX:]}" in self._by_affix

    def _find_misspelled(self, heard: str) -> tuple[str, ...]:
        """Return the words, in their common form, that may have been written like this."""
        candidates = (*self._by_affix.get(heard[:_AFFIX] + "-", ()),)
        candidates += (*self._by_affix.get("-" + heard[-_AFFIX:], ()),)
        return tuple({same_word(word): None for word in candidates if _is_misspelling(heard, word)})

    def _place(
        self, phrase: "_Phrase", tokens: tuple[str, ...], at: int, anchor: str
    ) -> tuple[int, int] | None:
        """Return the tokens that are the phrase around its anchor, if they are."""
        start = at - phrase.places[anchor]
        low, high = max(0, start - _MARGIN), start + len(phrase.rule.tokens) + _MARGIN
        around = tokens[low:high]
        span = _best_span(phrase, around)
        if span is None:
            return None
        window = around[span[0] : span[1] + 1]
        if not window:
            return None
        likeness = max(
            fuzz.ratio(phrase.text, " ".join(window)),
            fuzz.ratio(phrase.sound, " ".join(map(same_word, window))),
        )
        if likeness < phrase.least_percent:
            return None
        if not self._means_the_same(phrase.rule.tokens, window):
            return None
        return low + span[0], low + span[1]

    def _means_the_same(self, phrase: tuple[str, ...], window: tuple[str, ...]) -> bool:
        """Return whether the two differ only in what changes no meaning."""
        if any(phrase[at] in DROPPABLE and phrase[at] != window[at] for at in (0, -1)):
            return False  # "afford this" is no "afford that truck"
        wanted, said = list(map(same_word, phrase)), list(map(same_word, window))
        for a, b, c, d in _differences(wanted, said):
            is_inside = a > 0 and b < len(phrase)
            if self._is_harmless(phrase[a:b], window[c:d], is_inside):
                continue
            # A torn word may have lent its beginning to the word before: "a discount", "this
            # count" look like "a" = "this" and "discount" = "count".
            if c == 0 or not self._is_harmless(phrase[a:b], window[c - 1 : d], is_inside):
                return False
        return True

    def _is_harmless(self, wanted: Sequence[str], said: Sequence[str], is_inside: bool) -> bool:
        """Return whether these words of a phrase may have been heard as those.

        Args:
            is_inside: words of the phrase stand on either side. At its edges a small word
                matters: "we can not afford that" is no "we can not afford to lose".
        """
        meant = [token for token in wanted if token not in DROPPABLE]
        if not meant:
            return is_inside and all(token in DROPPABLE for token in said)
        told = [token for token in said if token not in DROPPABLE]
        return not self._is_another_word(meant, told, said) and any(
            _is_misspelling("".join(heard), "".join(words))
            for words in (meant, wanted)
            for heard in (told, said)
        )

    def _is_another_word(
        self, meant: Sequence[str], told: Sequence[str], said: Sequence[str]
    ) -> bool:
        """Return whether a word of its own was said, not a piece of a torn one."""
        if len(told) != 1 or same_word(told[0]) not in self._known:
            return False
        word = "".join(meant)
        return fuzz.ratio(told[0], word) >= fuzz.ratio("".join(said), word)


class _Phrase:
    """A rule's phrase, taken apart once."""

    __slots__ = ("least_percent", "meaning", "places", "rule", "sound", "sounds", "spelled", "text")

    def __init__(self, rule: Rule) -> None:
        tokens = rule.tokens
        self.rule = rule
        self.text = " ".join(tokens)
        self.sounds = tuple(map(same_word, tokens))
        self.sound = " ".join(self.sounds)
        self.spelled = [token for token in tokens if token not in DROPPABLE] or list(tokens)
        self.meaning = frozenset(map(same_word, self.spelled))
        self.places = {same_word(token): at for at, token in reversed([*enumerate(tokens)])}
        is_short = len(tokens) < _SHORT_WORDS or len(self.text) < _SHORT_CHARACTERS
        self.least_percent = _SHORT_ALIKE_PERCENT if is_short else _ALIKE_PERCENT


def _is_eligible(rule: Rule) -> bool:
    return len(rule.tokens) > 1 or len(rule.tokens[0]) >= _SHORTEST_LONE_WORD


def _is_misspelling(heard: str, word: str) -> bool:
    return not denies(heard, word) and fuzz.ratio(heard, word) >= _WORD_ALIKE_PERCENT


def _best_span(phrase: _Phrase, around: tuple[str, ...]) -> tuple[int, int] | None:
    """Return first and last of the tokens that are most like the phrase."""
    text = phrase.text
    place = fuzz.partial_ratio_alignment(text, " ".join(around), score_cutoff=70.0)
    if place is None:
        return None
    if len(text) > len(" ".join(around)):
        return 0, len(around) - 1
    covered: list[int] = []
    begin = 0
    for at, token in enumerate(around):
        end = begin + len(token)
        if 2 * (min(end, place.dest_end) - max(begin, place.dest_start)) >= len(token):
            covered.append(at)
        begin = end + 1
    if not covered:
        return None
    # The likest stretch is as long as the phrase: words between make the right one longer.
    sounds = list(map(same_word, around))
    return (
        _nearest(sounds, phrase.sounds[0], covered[0]),
        _nearest(sounds, phrase.sounds[-1], covered[-1]),
    )


def _nearest(sounds: list[str], wanted: str, at: int) -> int:
    """Return the place of a word near a place, or the place itself."""
    places = [each for each, sound in enumerate(sounds) if sound == wanted]
    nearest = min(places, key=lambda each: abs(each - at), default=at)
    return nearest if abs(nearest - at) <= _MARGIN + 1 else at


def _differences(wanted: list[str], said: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the stretches in which two token lists differ, each as long as possible."""
    block: tuple[int, int, int, int] | None = None
    for step in Levenshtein.opcodes(wanted, said):
        a, b, c, d = step.src_start, step.src_end, step.dest_start, step.dest_end
        if step.tag == "equal":
            if block is not None:
                yield block
            block = None
        else:
            block = (block[0], b, block[2], d) if block is not None else (a, b, c, d)
    if block is not None:
        yield block
