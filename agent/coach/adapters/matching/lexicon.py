"""What English words weigh when two word sequences are compared. Data, and how to look it up."""

from functools import lru_cache
from pathlib import Path

NEGATIONS = frozenset({"not", "no", "never", "without", "nothing", "neither", "nor", "nobody"})

DROPPABLE = frozenset(
    {"a", "an", "the", "this", "that", "these", "those", "some", "any", "it", "there", "here"}
    | {"of", "to", "for", "at", "in", "on", "and", "so", "then"}
    | {"is", "are", "am", "be", "been", "do", "does", "have", "has", "will", "would", "can"}
    | {"could", "just", "really", "very", "like", "well", "kind", "sort", "quite", "actually"}
    | {"basically", "honestly", "literally", "simply", "maybe", "perhaps", "please", "still"}
    | {"even", "right", "okay", "yeah", "oh"}
)
"""Words whose loss or gain within a phrase changes little."""

# Words that mean the same here, then words that sound the same ("no" and "know" excepted).
_ALIKE = """
we i; our my; us me; they he she; was were; ours mine; might may
a an the this that these those some any it; is are am be; have has; can could; in on at
to for two too; their his her there; will would wood; do does dos due
root route; by buy bye; whole hole; sail sale; cell sell; new knew; right write
weak week; board bored; steel steal; meet meat; site sight cite
principal principle; hear here; prize price; cent sent scent; wait weight; fair fare
plain plane; piece peace; one won; made maid; mail male; role roll; scene seen
where wear ware; which witch; break brake; allowed aloud; counsel council; patients patience
cash cache; past passed; guest guessed
"""
COMMON = frozenset(Path(__file__).with_name("common_words.txt").read_text(encoding="utf-8").split())
"""Words that a recogniser writes because they were said: never a misspelling of another."""

_ENDINGS = ("ing", "ies", "ied", "es", "ed", "ly", "s", "e", "y")
_SHORTEST_STEM = 4
_DENIALS = ("un", "in", "im", "dis", "non", "ir")


def stem(token: str) -> str:
    """Return a word without its ending: "prices", "priced" and "price" are one."""
    for ending in _ENDINGS:
        if token.endswith(ending) and len(token) - len(ending) >= _SHORTEST_STEM:
            bare = token.removesuffix(ending)
            return bare[:-1] if bare[-1] == bare[-2] else bare
    return token


_SAME_STEMS = {
    stem(word): stem(words.split()[0])
    for words in _ALIKE.strip().replace("\n", ";").split(";")
    for word in words.split()
}


@lru_cache(maxsize=16_384)
def same_word(token: str) -> str:
    """Return one spelling for all words that count as the same: forms, sounds, "we" and "I"."""
    bare = stem(token)
    return _SAME_STEMS.get(bare, bare)


def denies(one: str, other: str) -> bool:
    """Return whether one word is the other's opposite by prefix: "secure", "insecure"."""
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return any(longer == prefix + shorter for prefix in _DENIALS)
