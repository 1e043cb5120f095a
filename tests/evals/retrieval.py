"""How well the search finds what answers a question, and how often it answers what was none.

    python tests/evals/retrieval.py

Prints, for several thresholds of coverage: the share of questions whose best three hold a right
answer; the share of ordinary utterances for which anything is found, which costs the advisor's
prompt some room and nothing else; and what the rep would see, the battlecards that questions
bring up by themselves: right ones, wrong ones, and cards for ordinary questions.
"""

import sys
from pathlib import Path

from coach.adapters.playbook.files import load_playbook
from coach.adapters.search import index
from coach.domain.playbook import Playbook, Speaker
from coach.domain.questions import is_question
from coach.domain.retrieval import Found, Query
from coach.domain.suggesting import card_candidate
from coach.domain.turns import Turn

ROOT = Path(__file__).parents[2]
QUESTIONS = Path(__file__).parent / "retrieval" / "questions.txt"
TALK = ROOT / "agent" / "coach" / "adapters" / "matching"
THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)


def questions() -> list[tuple[frozenset[str], str]]:
    """Return each question with the ids that answer it."""
    lines = QUESTIONS.read_text("utf-8").splitlines()
    pairs = [line.split("|", 1) for line in lines if line.strip() and not line.startswith("#")]
    return [(frozenset(i.strip() for i in ids.split(",")), text.strip()) for ids, text in pairs]


def ordinary() -> list[str]:
    """Return what prospects say when nothing is asked of the playbook."""
    paths = sorted((TALK / "ordinary_talk").glob("*.txt"))
    lines = [line for path in paths for line in path.read_text("utf-8").splitlines()]
    return [line.partition(": ")[2] for line in lines if line.startswith("prospect: ")]


def card(text: str, found: list[Found], playbook: Playbook) -> str | None:
    """Return the card that the rep would be shown."""
    turn = Turn("buyer", Speaker.PROSPECT, text, 0, 0)
    candidate = card_candidate(turn, found, playbook)
    return candidate.card if candidate else None


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def main() -> None:
    """Print the table."""
    playbook = load_playbook(ROOT / "playbook")
    search = index.PassageIndex.build(playbook)
    asked, talk = questions(), ordinary()
    count = sum(map(is_question, talk))
    _say(f"{len(asked)} questions; {len(talk)} ordinary utterances, {count} of them questions")
    _say("coverage  right in three  found in talk  cards: right  wrong  for ordinary questions")
    for threshold in THRESHOLDS:
        index.LEAST_COVERAGE = threshold
        found = [list(search.search(Query((text,)))) for _, text in asked]
        three = sum(
            any(f.id in right for f in fs) for (right, _), fs in zip(asked, found, strict=True)
        )
        cards = [card(text, fs, playbook) for (_, text), fs in zip(asked, found, strict=True)]
        right = sum(shown in ids for shown, (ids, _) in zip(cards, asked, strict=True))
        noise = [list(search.search(Query((text,)))) for text in talk]
        false = sum(
            card(text, fs, playbook) is not None for text, fs in zip(talk, noise, strict=True)
        )
        _say(
            f"{threshold:8.2f} {three / len(asked):14.0%} {sum(map(bool, noise)) / len(talk):14.1%}"
            f" {right:12} {sum(map(bool, cards)) - right:7} {false:14}"
        )


if __name__ == "__main__":
    main()
