"""Reads the plain text beside a moment: many sentences that teach, one a line."""

BULK_KINDS = ("examples", "counterexamples")
_LONGEST_SENTENCE = 400  # characters: nobody says more in one breath


def split_bulk_name(name: str) -> str | None:
    """Return the moment that a file of sentences belongs to, or None for any other file."""
    for kind in BULK_KINDS:
        if name.endswith(f".{kind}.txt"):
            return name.removesuffix(f".{kind}.txt")
    return None


def read_bulk(text: str) -> tuple[tuple[str, ...], list[tuple[int, str]]]:
    """Return the sentences of a file, and its flaws, each with its line.

    Empty lines and lines that begin with `#` are for people.
    """
    sentences: dict[str, None] = {}
    flaws: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        sentence = " ".join(line.split())
        if not sentence or sentence.startswith("#"):
            continue
        if len(sentence) > _LONGEST_SENTENCE:
            flaws.append((number, f"is too long: at most {_LONGEST_SENTENCE} characters a line"))
        elif not any(map(str.isalnum, sentence)):
            flaws.append((number, "holds no word"))
        else:
            sentences[sentence] = None
    return tuple(sentences), flaws
