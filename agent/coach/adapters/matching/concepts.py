"""What a word is about: its stem, and the general ideas it stands for. Data, and look-up."""

from functools import lru_cache
from pathlib import Path

from coach.adapters.matching.lexicon import stem

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


@lru_cache(maxsize=16_384)
def lemma(token: str) -> str:
    """Return one spelling for the forms of a word."""
    return stem(_SAME.get(token, token))


def _read(text: str) -> tuple[tuple[str, ...], dict[str, tuple[int, ...]]]:
    names: list[str] = []
    found: dict[str, list[int]] = {}
    for line in text.splitlines():
        name, colon, words = line.partition(":")
        if not colon or line.startswith("#"):
            continue
        for word in dict.fromkeys(map(lemma, words.split())):
            found.setdefault(word, []).append(len(names))
        names.append(name)
    return tuple(names), {word: tuple(of) for word, of in found.items()}


NAMES, _CONCEPTS = _read(Path(__file__).with_name("concepts.txt").read_text(encoding="utf-8"))
"""The names of the ideas, by number."""


def concepts(word: str) -> tuple[int, ...]:
    """Return the numbers of the ideas that a lemma stands for."""
    return _CONCEPTS.get(word, ())
