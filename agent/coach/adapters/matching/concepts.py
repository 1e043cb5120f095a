"""What a word is about: one spelling for its forms, and the ideas it stands for. Look-up only.

The ideas stand in `thesaurus.txt` (words and terms) and `sayings.txt` (set phrases by what they
mean in talk), one a line: `name: word word two_word_term`. Nothing in them knows a playbook.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from coach.adapters.matching.lexicon import stem
from coach.domain.words import normalise_text

# One form for forms that no rule of spelling joins, and for "we" and "I".
_IRREGULAR = """
be is are am was were been; have has had; do does did done; go goes went gone; get got gotten
say said; tell told; give gave given; make made; take took taken; think thought; come came
see saw seen; know knew known; spend spent; pay paid; buy bought; sell sold; leave left
keep kept; feel felt; hear heard; meet met; run ran; break broke broken; lose lost; i we
my our; me us; mine ours; they he she; them him; their his her; can could; will would
may might; this that; these those; a an; lead led; bring brought; choose chose chosen
"""
_SAME = {
    form: forms.split()[0]
    for forms in _IRREGULAR.replace("\n", ";").split(";")
    if forms.strip()
    for form in forms.split()[1:]
}
LONGEST_TERM = 6  # words


@lru_cache(maxsize=16_384)
def lemma(token: str) -> str:
    """Return one spelling for the forms of a word."""
    return stem(_SAME.get(token, token))


def _groups() -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    for name in ("thesaurus.txt", "sayings.txt"):
        for line in Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines():
            group, colon, terms = line.partition(":")
            if colon and not line.startswith("#"):
                yield (
                    group,
                    [
                        tuple(map(lemma, normalise_text(term.replace("_", " ")).tokens))
                        for term in terms.split()
                    ],
                )


def _read() -> tuple[tuple[str, ...], dict[str, tuple[int, ...]], dict[tuple[str, ...], int]]:
    names: list[str] = []
    words: dict[str, list[int]] = {}
    terms: dict[tuple[str, ...], int] = {}
    for name, group in _groups():
        for term in dict.fromkeys(group):
            if len(term) == 1:
                words.setdefault(term[0], []).append(len(names))
            elif 1 < len(term) <= LONGEST_TERM:
                terms.setdefault(term, len(names))
        names.append(name)
    return tuple(names), {word: tuple(of) for word, of in words.items()}, terms


NAMES, _WORDS, _TERMS = _read()
"""The names of the ideas, by number."""


def _lengths() -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for words in _TERMS:
        found.setdefault(words[-1], set()).add(len(words))
    return {word: tuple(sorted(lengths)) for word, lengths in found.items()}


_LENGTHS = _lengths()


def term_lengths(word: str) -> tuple[int, ...]:
    """Return how many words the terms have that end with a lemma."""
    return _LENGTHS.get(word, ())


def concepts(word: str) -> tuple[int, ...]:
    """Return the numbers of the ideas that a lemma stands for."""
    return _WORDS.get(word, ())


def term(words: tuple[str, ...]) -> int | None:
    """Return the number of the idea that several lemmas stand for together."""
    return _TERMS.get(words)
