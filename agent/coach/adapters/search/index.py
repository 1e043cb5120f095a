"""Passages and battlecards in an index in memory: what fits the talk, or nothing.

tantivy ranks (BM25 with stemming and stop words over title, names and body). BM25 has no
absolute scale, so whether the best is good enough is decided by coverage: the share of what was
asked for, rare words weighing more, that stands in the document.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import tantivy

from coach.domain.playbook import Battlecard, Passage, Playbook
from coach.domain.retrieval import Found, Query
from coach.domain.texts import sendable

LEAST_COVERAGE = 0.25
"""Below it nothing fits. Measured by `tests/evals/retrieval.py`, on questions that the default
playbook answers and on ordinary talk (n = 40 and 769): 85 % are answered within the best three,
and something is found for 15 % of ordinary utterances; at 0.35 it is 60 % and 6 %."""
_LEAST_KNOWN_WORDS = 2
"""A single word in common is chance."""
_MENTIONED = 0.6
"""What a word in the body counts, against one that the text is about."""
_MOST = 3
_CANDIDATES = 6
_MOST_WORDS = 40
"""The rarest words of a long monologue say what it is about; more cost time only."""
_DECAY = 0.5  # weight of a text relative to the newer one
_TITLE_WEIGHT = 2.0
_TALKED = (
    "get got go going know like just realli well yeah okay ok want need think thing make say said "
    "tell us use do does did can could will would should have has had we you i they he she it me "
    "my our your their what how when where who which why about up out one lot bit also then there "
    "here right good much mani way look see mean let take come back doe happen two more than other "
    "befor after name day week month time number each own still even ever next peopl somebodi"
)
"""Words that talk is full of and texts hold by chance; stemmed."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One document."""

    id: str
    is_card: bool
    title: str
    text: str
    topic: frozenset[str]
    """Stemmed words of title and names: what it is about."""
    words: frozenset[str]
    """Stemmed words of all of it."""


class PassageIndex:
    """A playbook's passages and cards. Unchanging once built; holds nothing of any call."""

    def __init__(self, entries: Sequence[_Entry], language: str) -> None:
        self._entries = entries
        self._analyzer = _analyzer(language)
        counts = Counter(word for entry in entries for word in entry.words)
        total = len(entries)
        self._rarity = {word: math.log(1 + total / count) for word, count in counts.items()}
        self._unknown = math.log(1 + total)
        self._index = _index(entries, language)
        self._searcher = self._index.searcher()

    @classmethod
    def build(cls, playbook: Playbook) -> Self:
        """Index a playbook's passages and battlecards."""
        analyzer = _analyzer(playbook.language)
        cards = [_card_entry(card, analyzer) for card in playbook.battlecards.values()]
        passages = [_passage_entry(each, analyzer) for each in playbook.passages.values()]
        return cls([*cards, *passages], playbook.language)

    def search(self, query: Query) -> Sequence[Found]:
        """Return at most three that fit, the best first; none when nothing fits."""
        asked = self._asked(query)
        known = [word for word in asked if word in self._rarity]
        if len(known) < _LEAST_KNOWN_WORDS:
            return ()
        candidates = (self._entries[at] for at in self._ranked(asked))
        found = [
            Found(entry.id, entry.is_card, entry.title, entry.text, score)
            for entry in candidates
            if (score := self._coverage(entry, asked)) >= LEAST_COVERAGE
        ]
        return sorted(found, key=lambda each: -each.score)[:_MOST]

    def _asked(self, query: Query) -> dict[str, float]:
        """Return the words that are asked for, each with its weight, the heaviest use counting."""
        ignored = set(_TALKED.split())
        for name in query.names:
            ignored.update(self._words(name))
        asked: dict[str, float] = {}
        weight = 1.0
        for text in query.texts:
            for word in self._words(text):
                if word not in ignored:
                    asked.setdefault(word, weight * self._rarity.get(word, self._unknown))
            weight *= _DECAY
        heaviest = sorted(asked, key=lambda word: (-asked[word], word))[:_MOST_WORDS]
        return {word: asked[word] for word in heaviest}

    def _words(self, text: str) -> list[str]:
        return self._analyzer.analyze(sendable(text))  # half a character is no word

    def _ranked(self, asked: dict[str, float]) -> list[int]:
        clauses = [
            (tantivy.Occur.Should, _term(self._index.schema, field, word, weight * boost))
            for word, weight in asked.items()
            for field, boost in (("title", _TITLE_WEIGHT), ("body", 1.0))
        ]
        query = tantivy.Query.boolean_query(clauses)
        hits = self._searcher.search(query, _CANDIDATES).hits
        return [int(self._searcher.doc(address)["at"][0]) for _, address in hits]

    def _coverage(self, entry: _Entry, asked: dict[str, float]) -> float:
        """Return how much of what was asked for stands in a document."""
        total = sum(asked.values())
        about = sum(weight for word, weight in asked.items() if word in entry.topic)
        mentioned = sum(weight for word, weight in asked.items() if word in entry.words)
        covered = about + _MENTIONED * (mentioned - about)
        return covered / total if total else 0.0


def _term(schema: tantivy.Schema, field: str, word: str, weight: float) -> tantivy.Query:
    query = tantivy.Query.term_query(schema, field, word)
    return tantivy.Query.boost_query(query, weight)


def _analyzer(language: str) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    builder = builder.filter(tantivy.Filter.lowercase()).filter(tantivy.Filter.ascii_fold())
    name = _STEMMED.get(language.partition("-")[0])
    if name is not None:
        builder = builder.filter(tantivy.Filter.stopword(name))
        builder = builder.filter(tantivy.Filter.stemmer(name))
    return builder.build()


_STEMMED = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "sv": "swedish",
}
"""Languages with a stemmer and a list of stop words; others are compared word by word."""


def _index(entries: Iterable[_Entry], language: str) -> Any:
    builder = tantivy.SchemaBuilder()
    for field in ("title", "body"):
        builder.add_text_field(field, stored=False, tokenizer_name="talk")
    builder.add_unsigned_field("at", stored=True)
    index = tantivy.Index(builder.build())
    index.register_tokenizer("talk", _analyzer(language))
    writer = index.writer(15_000_000, 1)
    for at, entry in enumerate(entries):
        writer.add_document(tantivy.Document(title=entry.title, body=entry.text, at=at))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index


def _card_entry(card: Battlecard, analyzer: tantivy.TextAnalyzer) -> _Entry:
    text = f"{card.advice.detail} {card.body}".strip()
    names = " ".join(card.names)
    about = f"{card.title} {names}"  # a headline says what to do, in words of any topic
    topic = frozenset(analyzer.analyze(about))
    return _Entry(card.id, True, about, text, topic, topic | set(analyzer.analyze(text)))


def _passage_entry(passage: Passage, analyzer: tantivy.TextAnalyzer) -> _Entry:
    topic = frozenset(analyzer.analyze(passage.title))
    words = topic | set(analyzer.analyze(passage.body))
    return _Entry(passage.id, False, passage.title, passage.body, topic, words)
