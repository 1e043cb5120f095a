"""Lets a playbook learn from another one's sentences: putting things off is no trade's own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from coach.domain.playbook import Moment, Playbook

Lent = Mapping[str, Mapping[str, Sequence[str]]]
"""By moment: `examples` and `counterexamples`."""


def borrow(playbook: Playbook, lent: Lent) -> Playbook:
    """Return a playbook whose moments learn from lent sentences as well.

    What the playbook says itself about a sentence counts, wherever it says it.
    """
    own = {_key(text) for moment in playbook.moments.values() for text in _texts(moment)}

    def more(moment: Moment, kind: str) -> tuple[str, ...]:
        return tuple(
            text for text in lent.get(moment.id, {}).get(kind, ()) if _key(text) not in own
        )

    moments = {
        moment.id: replace(
            moment,
            bulk_examples=moment.bulk_examples + more(moment, "examples"),
            bulk_counterexamples=moment.bulk_counterexamples + more(moment, "counterexamples"),
        )
        for moment in playbook.moments.values()
    }
    return replace(playbook, moments=MappingProxyType(moments))


def _texts(moment: Moment) -> Iterator[str]:
    yield from moment.examples
    yield from moment.counterexamples
    yield from moment.bulk_examples
    yield from moment.bulk_counterexamples


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
