"""The names of a playbook, as a word list for the embedded recogniser."""

import re
from collections.abc import Iterator

from coach.domain.playbook import Playbook

_NAME = re.compile(r"[a-z]+(?:['-][a-z]+)*")


def word_list(playbook: Playbook) -> list[str]:
    """Return one entry a line: `word: PHONES` where the playbook says how, else the name.

    What is no name in Latin letters is left out: the recogniser's dictionary is English.
    """
    spoken = {
        word.casefold(): phones
        for card in playbook.battlecards.values()
        for word, phones in card.pronounce.items()
    }
    entries = [f"{word}: {phones}" for word, phones in spoken.items() if _NAME.fullmatch(word)]
    return sorted({*entries, *(name for name in _names(playbook) if name not in spoken)})


def _names(playbook: Playbook) -> Iterator[str]:
    texts = [
        *(name for card in playbook.battlecards.values() for name in card.names),
        *(account.name for account in playbook.accounts.values()),
        *(name for account in playbook.accounts.values() for name in account.names),
    ]
    for text in texts:
        words = text.casefold().split()
        if words and all(_NAME.fullmatch(word) for word in words):
            yield " ".join(words)
