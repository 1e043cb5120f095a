"""Finds the card about a competitor, also by a name that was misheard."""

from collections.abc import Iterator
from typing import Final

from livekit.agents.llm import function_tool
from rapidfuzz import fuzz

from coach.adapters.crm.dossier import clipped
from coach.adapters.tools.tool import Arguments, Bound, Text, Tool
from coach.domain.playbook import Battlecard, Kind, Playbook
from coach.domain.window import quoted

NONE_TEXT: Final = "There is no battlecard on this competitor."
MOST_CHARACTERS = 420
"""More of a tool's result the advisor is not told."""
LEAST_SCORE = 78.0
"""Similarity from which on a name counts as this one misheard, 0 to 100."""
_LEAST_LETTERS = 4
_LEAD = 5.0
"""A misheard name must be this much nearer to one card than to the next."""


@function_tool
async def get_battlecard(competitor: str) -> None:
    """Returns our prepared answers to one competitor.

    Use when the prospect compares us with a named competitor and the Playbook text lacks it.
    """


class _Form(Arguments):
    competitor: Text


async def _run(bound: Bound, form: _Form) -> str:
    card = find_card(bound.playbook, form.competitor)
    return card_text(card) if card else NONE_TEXT


BATTLECARD = Tool(get_battlecard, _Form, _run, seconds=0.2)


def find_card(playbook: Playbook, competitor: str) -> Battlecard | None:
    """Return the card on a competitor: by id, title or name, else by what sounds alike."""
    wanted = _spelt(competitor)
    if not wanted:
        return None
    for card in playbook.battlecards.values():
        if wanted in _names(card):
            return card
    rivals = [c for c in playbook.battlecards.values() if c.kind is Kind.COMPETITOR]
    scores = sorted(((_score(card, wanted), card.id) for card in rivals), reverse=True)
    scores = [*scores[:2], (0.0, ""), (0.0, "")]
    (best, card_id), (second, _) = scores[:2]
    if best < LEAST_SCORE or best - second < _LEAD:
        return None
    return playbook.battlecards[card_id]


def card_text(card: Battlecard) -> str:
    """Return what the advisor is told: headline and detail, and of the body what there is room."""
    advice = card.advice
    has_title = _spelt(card.title) in _spelt(advice.headline)
    parts = ("" if has_title else f"{card.title}:", f"{advice.headline}.", advice.detail)
    return clipped(quoted(" ".join((*parts, _plain(card.body)))), MOST_CHARACTERS)


def _plain(markdown: str) -> str:
    """Return headings and lists as sentences; tables, which are no sentences, not at all."""
    lines = (line.strip().replace("**", "") for line in markdown.splitlines())
    return " ".join(_sentence(line) for line in lines if line and not line.startswith("|"))


def _sentence(line: str) -> str:
    if line.startswith("#"):
        return f"{line.lstrip('# ')}:"
    text = line.removeprefix("- ")
    return text if text[-1] in ".!?:;" else f"{text}."


def _names(card: Battlecard) -> Iterator[str]:
    yield from map(_spelt, (card.id, card.title, *card.names))


def _score(card: Battlecard, wanted: str) -> float:
    """Compare without blanks: a recogniser parts words where it likes."""
    return max((_likeness(name, wanted) for name in _names(card)), default=0.0)


def _likeness(name: str, wanted: str) -> float:
    if min(len(name), len(wanted)) < _LEAST_LETTERS:
        return 0.0
    whole = fuzz.ratio(name.replace(" ", ""), wanted.replace(" ", ""))
    if len(wanted) <= len(name):
        return whole
    within = fuzz.partial_ratio(name, wanted)  # "the Route King people"
    return max(whole, within if within >= 90 else 0.0)


def _spelt(name: str) -> str:
    return " ".join("".join(c if c.isalnum() else " " for c in name.casefold()).split())
