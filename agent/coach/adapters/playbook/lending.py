"""Lets a playbook learn from another one's sentences: putting things off is no trade's own."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from coach.domain.playbook import Moment, Playbook, Sentences


def borrow(playbook: Playbook, lent: Mapping[str, Sentences]) -> Playbook:
    """Return a playbook whose moments learn from lent sentences, by moment, as well.

    What the playbook says itself about a sentence counts, wherever it says it.
    """
    own = {_key(text) for moment in playbook.moments.values() for text in _texts(moment)}

    def more(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text for text in texts if _key(text) not in own)

    def taught(moment: Moment) -> Moment:
        bulk, other = moment.bulk, lent[moment.id]
        both = Sentences(
            bulk.examples + more(other.examples),
            bulk.counterexamples + more(other.counterexamples),
            bulk.answers + other.answers,
            bulk.counteranswers + other.counteranswers,
        )
        return replace(moment, bulk=both)

    moments = {moment.id: taught(moment) for moment in playbook.moments.values()}
    return replace(playbook, moments=MappingProxyType(moments))


def _texts(moment: Moment) -> Iterator[str]:
    yield from moment.examples
    yield from moment.counterexamples
    yield from moment.bulk.examples
    yield from moment.bulk.counterexamples


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
