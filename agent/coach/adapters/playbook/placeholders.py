"""Places in an advice that are filled in when its moment happens, such as `{topic}`."""

import re
from collections.abc import Iterator, Mapping

from coach.adapters.playbook.fields import (
    DETAIL_CHARACTERS,
    HEADLINE_CHARACTERS,
    HEADLINE_WORDS,
    SAY_CHARACTERS,
)
from coach.domain.playbook import Advice, ApprovalStep, Moment, Playbook, When

Values = Mapping[str, str]

_PLACE = re.compile(r"\{(\w+)\}")
_LONGEST_PERCENT = "37.5"
_NO_STEP = ApprovalStep(100, "your manager", "Ask before you promise it.")


def fills(moment: Moment, playbook: Playbook) -> list[Values]:
    """Return every set of values that a moment's places may be filled with; at least one."""
    match moment.when:
        case When.OVER_AUTHORITY:
            percents = {"percent": _LONGEST_PERCENT, "limit": _LONGEST_PERCENT}
            steps = [*playbook.discounts.approvals, _NO_STEP]
            return [percents | {"approver": step.approver, "how": step.how} for step in steps]
        case When.MISSED_TOPIC:
            topics = [topic for stage in playbook.stages for topic in stage.topics]
            return [{"topic": each.name, "ask": each.ask} for each in topics] or [
                {"topic": "", "ask": ""}
            ]
    return [{}]


def placeholder_flaws(advice: Advice, possible: list[Values]) -> Iterator[tuple[str, str]]:
    """Yield the field and what is wrong: a place that nothing fills, or a text that gets too long.

    Args:
        advice: what the rep is shown.
        possible: sets of values, as `fills` returns them.
    """
    known = list(possible[0])
    for field, text, limit in (
        ("headline", advice.headline, HEADLINE_CHARACTERS),
        ("detail", advice.detail, DETAIL_CHARACTERS),
        ("say", advice.say or "", SAY_CHARACTERS),
    ):
        for name in _PLACE.findall(text):
            if name not in known:
                may = f"may hold {_places(known)}" if known else "has no places to fill in"
                yield field, f"{{{name}}} is filled in by nothing: it {may}"
        longest = max((_filled(text, values) for values in possible), key=len)
        if len(longest) > limit:
            yield field, f"becomes {len(longest)} characters once filled in: at most {limit}"
    count = max(len(_filled(advice.headline, values).split()) for values in possible)
    if count > HEADLINE_WORDS:
        yield "headline", f"becomes {count} words once filled in: at most {HEADLINE_WORDS}"


def _places(names: list[str]) -> str:
    return " ".join(f"{{{name}}}" for name in names)


def _filled(text: str, values: Values) -> str:
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), text)
