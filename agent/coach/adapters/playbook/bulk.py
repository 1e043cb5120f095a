"""Reads the plain text beside a moment: many sentences that teach, one a line."""

from collections.abc import Iterator
from dataclasses import dataclass

from coach.domain.playbook import Answer

Flaws = list[tuple[int, str]]
"""What is wrong with a file, each with its line."""

_KINDS = ("examples", "counterexamples", "answers", "counteranswers")
_BEFORE = ">"
_LONGEST_SENTENCE = 400  # characters: nobody says more in one breath


def split_bulk_name(name: str) -> str | None:
    """Return the moment that a file of sentences belongs to, or None for any other file."""
    for kind in _KINDS:
        if name.endswith(f".{kind}.txt"):
            return name.removesuffix(f".{kind}.txt")
    return None


def read_bulk(text: str) -> tuple[tuple[str, ...], Flaws]:
    """Return the sentences of a file, and its flaws.

    Empty lines and lines that begin with `#` are for people.
    """
    sentences: dict[str, None] = {}
    flaws: Flaws = []
    for line in _lines(text):
        if flaw := _flaw(line.sentence):
            flaws.append((line.number, flaw))
        else:
            sentences[line.sentence] = None
    return tuple(sentences), flaws


def read_answers(text: str) -> tuple[tuple[Answer, ...], Flaws]:
    """Return the answers of a file, and its flaws.

    A line that begins with `>` is what the other side has just said; the answers to it follow.
    """
    answers: dict[Answer, None] = {}
    flaws: Flaws = []
    after = ""
    for line in _lines(text):
        sentence = line.sentence.removeprefix(_BEFORE).strip()
        if flaw := _flaw(sentence):
            flaws.append((line.number, flaw))
        elif line.sentence.startswith(_BEFORE):
            after = sentence
        elif after:
            answers[Answer(after, sentence)] = None
        else:
            flaws.append((line.number, f"is an answer to nothing: begin with a line `{_BEFORE} …`"))
    return tuple(answers), flaws


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    sentence: str


def _lines(text: str) -> Iterator[_Line]:
    for number, line in enumerate(text.splitlines(), start=1):
        sentence = " ".join(line.split())
        if sentence and not sentence.startswith("#"):
            yield _Line(number, sentence)


def _flaw(sentence: str) -> str | None:
    if len(sentence) > _LONGEST_SENTENCE:
        return f"is too long: at most {_LONGEST_SENTENCE} characters a line"
    return None if any(map(str.isalnum, sentence)) else "holds no word"
