"""Turns a CRM's answer into what is known of an account, as the operator's mapping says."""

from collections.abc import Iterator
from typing import Any

from coach.adapters.crm.paths import fill_text, find, find_date, find_text
from coach.adapters.crm.port import NONSENSE, AccountFacts, CrmError, Entry, folded
from coach.adapters.crm.schema import EntriesSection, FieldsSection


def find_record(answer: Any, path: str) -> list[dict[str, Any]]:
    """Return the records in an answer; none: no such account.

    Raises:
        CrmError: the answer is no object or list, or something else stands there.
    """
    if not isinstance(answer, dict | list):
        raise CrmError(NONSENSE)
    found = find(path, answer)
    if any(not isinstance(record, dict) for record in found if record is not None):
        raise CrmError(NONSENSE)
    return [record for record in found if record]


def is_about(record: dict[str, Any], path: str | None, wanted: str) -> bool:
    """Whether a record says of itself what was looked for: a search may find somebody else.

    Raises:
        CrmError: it should say so, and does not.
    """
    if path is None:
        return True
    own = find_text(path, record)
    if not own:
        raise CrmError(NONSENSE)
    return folded(own) == folded(wanted)


def facts_of(record: dict[str, Any], fields: FieldsSection) -> AccountFacts:
    """Return what a record tells.

    Raises:
        CrmError: nothing that is mapped stands in it.
    """
    facts = AccountFacts(
        about=find_text(fields.about, record),
        deals=tuple(_entries(record, fields.deals)),
        notes=tuple(_entries(record, fields.notes)),
        renewal=find_text(fields.renewal, record),
        last_call=find_text(fields.last_call, record),
        id=find_text(fields.id, record) or None,
    )
    if facts == AccountFacts() and not find_text(fields.name, record):
        raise CrmError(NONSENSE)
    return facts


def _entries(record: dict[str, Any], section: EntriesSection | None) -> Iterator[Entry]:
    if section is None:
        return
    for value in find(section.each, record):
        if text := fill_text(section.text, value):
            yield Entry(text, find_date(section.date, value))
