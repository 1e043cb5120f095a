"""Whether the places in an advice are such as are filled in, and what it becomes with them."""

import re
from collections.abc import Iterator

from coach.adapters.playbook.fields import (
    DETAIL_CHARACTERS,
    HEADLINE_CHARACTERS,
    HEADLINE_WORDS,
    SAY_CHARACTERS,
)
from coach.domain.coaching import topic_fill
from coach.domain.discounts import NO_STEP, offer_fill
from coach.domain.places import Fill, filled
from coach.domain.playbook import Advice, Moment, Playbook, Topic, When

_PLACE = re.compile(r"\{(\w+)\}")
_LONGEST_PERCENT = 37.5
_NO_TOPIC = Topic("", "", "")


def fills(moment: Moment, playbook: Playbook) -> list[Fill]:
    """Return everything that a moment's places may be filled with; at least one."""
    match moment.when:
        case When.OVER_AUTHORITY:
            steps = [*playbook.discounts.approvals, NO_STEP]
            return [offer_fill(_LONGEST_PERCENT, _LONGEST_PERCENT, step) for step in steps]
        case When.MISSED_TOPIC:
            topics = [topic for stage in playbook.stages for topic in stage.topics]
            return [topic_fill(topic) for topic in topics or [_NO_TOPIC]]
    return [()]


def placeholder_flaws(advice: Advice, possible: list[Fill]) -> Iterator[tuple[str, str]]:
    """Yield the field and what is wrong: a place that nothing fills, or a text that gets too long.

    Args:
        advice: what the rep is shown.
        possible: what fills it, as `fills` returns it.
    """
    known = [name for name, _ in possible[0]]
    for field, text, limit in (
        ("headline", advice.headline, HEADLINE_CHARACTERS),
        ("detail", advice.detail, DETAIL_CHARACTERS),
        ("say", advice.say or "", SAY_CHARACTERS),
    ):
        for name in _PLACE.findall(text):
            if name not in known:
                may = f"may hold {_places(known)}" if known else "has no places to fill in"
                yield field, f"{{{name}}} is filled in by nothing: it {may}"
        longest = max((filled(text, values) for values in possible), key=len)
        if len(longest) > limit:
            yield field, f"becomes {len(longest)} characters once filled in: at most {limit}"
    count = max(len(filled(advice.headline, values).split()) for values in possible)
    if count > HEADLINE_WORDS:
        yield "headline", f"becomes {count} words once filled in: at most {HEADLINE_WORDS}"


def _places(names: list[str]) -> str:
    return " ".join(f"{{{name}}}" for name in names)
