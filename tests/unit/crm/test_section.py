"""The `crm:` section of a provider profile: what is accepted, and what an answer becomes."""

import copy
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from coach.adapters.authored.explain import explain
from coach.adapters.crm import open_crm
from coach.adapters.crm.http_json import HttpCrm
from coach.adapters.crm.mapping import facts_of, find_record
from coach.adapters.crm.paths import MOST_FOUND, fill_text, find_date, find_text
from coach.adapters.crm.port import CrmError, Entry
from coach.adapters.crm.schema import CrmSection, FieldsSection
from coach.adapters.crm.templates import fill_address
from coach.errors import ConfigError
from integration.crm_server import ACME, outcome_section, section

URL = "https://crm.example/v1"


def whole() -> dict[str, Any]:
    headers = {"Authorization": {"key_env": "CRM_TOKEN", "prefix": "Bearer "}}
    return copy.deepcopy(section(URL, headers=headers, outcome=outcome_section(URL)))


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the section with one field replaced; None takes it away."""
    fields = whole()
    *way, last = path.split(".")
    part = fields
    for name in way:
        part = part[name]
    part[last] = value
    if value is None:
        del part[last]
    return fields


def test_a_whole_section_is_accepted_and_can_be_written_down_again() -> None:
    checked = CrmSection.model_validate(whole())

    assert CrmSection.model_validate(checked.as_written()) == checked
    assert checked.variables() == [(("headers", "Authorization", "key_env"), "CRM_TOKEN")]
    assert len(checked.addresses()) == 4


@pytest.mark.parametrize(
    ("path", "value", "place", "text"),
    [
        ("type", "hubspot", "type", "must be one of"),
        ("account.by_id.url", "http://crm.example/{account.id}", "url", "https://host/path"),
        ("account.by_id.url", "https://{account.id}.example/", "url", "https://host/path"),
        ("account.by_id.url", "https://key@crm.example/{account.id}", "url", "must hold no key"),
        ("account.by_id.url", "https://crm.example/{account.id}#x", "url", "must hold no key"),
        ("account.by_id.url", "https://crm.example/a b/{account.id}", "url", "https://host"),
        ("account.by_id.url", "https://crm.example/{account.name}", "url", "only account.id"),
        ("account.by_id.url", "https://crm.example/{account.id", "url", "only account.id"),
        ("account.by_id.url", "https://crm.example/accounts", "url", "must hold {account.id}"),
        ("account.by_id.url", "https://[/{account.id}", "url", "https://host/path"),
        ("account", {}, "account", "must have by_id"),
        ("fields.renewal", "contract.renews", "renewal", "must be a JSON path"),
        ("fields.renewal", "$..renews", "renewal", "takes too long"),
        ("fields.renewal", "$.a | $.b", "renewal", "must be a JSON path"),
        ("fields.deals.text", "a deal", "text", "JSON paths in braces"),
        ("fields.deals.text", "{$.name", "text", "JSON paths in braces"),
        ("fields.deals.text", "{name[}", "text", "must be a JSON path"),
        ("fields", {"name": "$.name"}, "fields", "must have about"),
        ("fields.name", None, "", "must map `fields.name`, or have no `account.by_name`"),
        ("fields.domain", None, "", "must map `fields.domain`, or have no `account.by_domain`"),
        ("headers", {"Authorization": "Bearer s3cret"}, "Authorization", "must be fields"),
        ("headers", {"Host": {"key_env": "X"}}, "headers", "name of a header"),
        ("headers.Authorization.key_env", "s3cret-token", "key_env", "environment variable"),
        ("headers.Authorization.key_env", "COACH_TOKEN", "key_env", "environment variable"),
        ("headers.Authorization.prefix", "Bearer\r\nX: ", "prefix", "plain text"),
        ("outcome.method", "DELETE", "method", "must be one of"),
        ("outcome.body", {"text": "{transcript}"}, "body", "may hold in braces only"),
        ("outcome.body", {"text": "done"}, "outcome", "must hold {outcome}"),
        ("outcome.url", "https://crm.example/{outcome}", "url", "may hold in braces only"),
        ("timeout", 5, "timeout", "is not a known field"),
    ],
)
def test_what_cannot_work_or_is_not_safe_is_refused_and_named(
    path: str, value: Any, place: str, text: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        CrmSection.model_validate(changed(path, value))

    told = [
        (".".join(map(str, loc)), problem) for loc, problem in explain(refused.value, CrmSection)
    ]
    assert any(place in loc.split(".") and text in problem for loc, problem in told), told
    assert "s3cret" not in str(told)


@pytest.mark.parametrize("value", ["", "line\nbreak", "schlüssel"])
def test_a_secret_that_is_missing_or_no_plain_line_is_named_not_shown(
    tmp_path: Path, value: str
) -> None:
    with pytest.raises(ConfigError, match="CRM_TOKEN") as refused:
        open_crm(whole(), {}, tmp_path, {"CRM_TOKEN": value})

    assert not value or value not in str(refused.value)


def test_two_mappings_are_two_sources(tmp_path: Path) -> None:
    sections = (whole(), changed("fields.about", None))
    sources = {open_crm(each, {}, tmp_path, {"CRM_TOKEN": "x"}).source for each in sections}

    assert len(sources) == 2
    assert isinstance(open_crm(whole(), {}, tmp_path, {"CRM_TOKEN": "x"}), HttpCrm)


def test_two_keys_are_two_sources_and_neither_shows(tmp_path: Path) -> None:
    keys = ("canary-one", "canary-two", "canary-one")
    sources = [open_crm(whole(), {}, tmp_path, {"CRM_TOKEN": key}).source for key in keys]

    assert sources[0] == sources[2] != sources[1]
    assert "canary" not in str(sources)


@pytest.mark.parametrize("value", [None, "", "  ", ".", ".."])
def test_a_value_that_is_missing_or_would_change_the_path_makes_no_address(
    value: str | None,
) -> None:
    with pytest.raises(CrmError, match="no_account"):
        fill_address("https://crm.example/{account.id}/notes", {"account.id": value})


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ("May", "May"),
        (12, "12"),
        (12.0, "12"),
        (12.5, "12.5"),
        (True, ""),
        (None, ""),
        ({"a": 1}, ""),
        ([], ""),
        ("  ", ""),
    ],
)
def test_texts_and_numbers_are_texts_and_nothing_else_is(found: Any, text: str) -> None:
    assert find_text("$.x", {"x": found}) == text


def test_half_a_character_becomes_a_question_mark() -> None:
    record = json.loads(r'{"x": "Likes \ud83d short calls \ud83d\ude00", "at": "2026-11 \udc00"}')

    assert find_text("$.x", record) == "Likes ? short calls 😀"
    assert fill_text("a {$.x}", {"x": "\udfff"}) == "a ?"
    assert find_date("$.at", record) == "2026-11 ?"


@pytest.mark.parametrize(
    ("found", "date"),
    [
        ("2026-11-21", "2026-11-21"),
        ("2026-11-21T10:00:00.000+0000", "2026-11-21T10:00:00.000+0000"),
        (1_790_000_000, "2026-09-21T14:13:20+00:00"),
        (1_790_000_000_000, "2026-09-21T14:13:20+00:00"),
        ("next week", ""),
        (1e300, ""),
        pytest.param(10**400, "", id="a whole number beyond any float"),
        pytest.param(-(10**400), "", id="the same below zero"),
        (float("nan"), ""),
        (None, ""),
    ],
)
def test_dates_are_brought_into_one_order(found: Any, date: str) -> None:
    assert find_date("$.x", {"x": found}) == date


def test_a_text_without_any_of_its_values_is_empty() -> None:
    assert fill_text("{$.name}, stage {$.stage}", {"other": 1}) == ""
    assert fill_text("{$.name}, stage {$.stage}", {"name": "Anvils"}) == "Anvils, stage "


def test_an_answer_of_another_shape_is_nonsense_and_an_empty_one_nobody() -> None:
    fields = FieldsSection.model_validate(whole()["fields"])

    for answer, path in (("text", "$"), (7, "$"), (["x"], "$[0]"), ({"results": "x"}, "$.results")):
        with pytest.raises(CrmError, match="nonsense"):
            find_record(answer, path)
    assert find_record({"results": []}, "$.results[0]") == []
    assert find_record({"results": [None, {}]}, "$.results[*]") == []
    with pytest.raises(CrmError, match="nonsense"):
        facts_of({"other": 1}, fields)


def test_the_largest_answer_costs_little_time() -> None:
    fields = FieldsSection.model_validate(whole()["fields"])
    notes = [{"text": f"Note {n}.", "at": "2026-01-01"} for n in range(5_500)]
    body = json.dumps(ACME | {"notes": notes})
    started = time.thread_time()

    facts = facts_of(find_record(json.loads(body), "$")[0], fields)

    assert time.thread_time() - started < 0.1
    assert len(facts.notes) == MOST_FOUND
    assert facts.notes[0] == Entry("Note 0.", "2026-01-01")


def test_the_example_for_operators_is_accepted() -> None:
    from coach.adapters.authored.documents import read_document

    text = Path(open_crm.__code__.co_filename).with_name("README.md").read_text("utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    document = read_document(example)

    assert document.flaws == []
    profiles: Any = document.value
    CrmSection.model_validate(profiles["profiles"]["default"]["crm"])
