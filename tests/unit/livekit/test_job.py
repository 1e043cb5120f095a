"""Job metadata: what is read, and that an error names the field and never the value."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.adapters.job import MAX_METADATA_BYTES, parse_job
from coach.domain.job import ConsentPolicy, ConsentState
from coach.domain.playbook import Speaker
from coach.errors import MetadataError

MINIMAL = {"rep": {"identity": "rep-1"}}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = [
    "v", "call_id", "rep", "team", "account", "tenant", "playbook", "providers", "language",
    "consent", "transcribe_rep", "screenshare",
]  # fmt: skip


def refused(**fields: Any) -> MetadataError:
    with pytest.raises(MetadataError) as error:
        parse_job(json.dumps(MINIMAL | fields))
    return error.value


def test_only_the_rep_is_required() -> None:
    job = parse_job(json.dumps(MINIMAL))

    assert job.rep.identity == "rep-1"
    assert job.consent.state is ConsentState.PENDING
    assert job.consent.policy is ConsentPolicy.CALL
    assert job.transcribe_rep and job.screenshare
    assert job.speaker("anybody") is Speaker.PROSPECT


def test_every_field_of_the_contract_is_read() -> None:
    job = parse_job(
        json.dumps(
            {
                "v": 1,
                "call_id": "c-2291",
                "rep": {"identity": "rep-1", "name": "A. Rep"},
                "team": ["rep-2", "manager-1"],
                "account": {"id": "acme", "name": "Acme Corp"},
                "tenant": "default",
                "playbook": "default",
                "providers": "default",
                "language": "en-GB",
                "consent": {"state": "granted", "policy": "everyone"},
                "transcribe_rep": False,
                "screenshare": False,
                "something_new": {"a": 1},
            }
        )
    )

    assert (job.call_id, job.language, job.account.id) == ("c-2291", "en-GB", "acme")
    assert job.team == {"rep-2", "manager-1"}
    assert job.consent.state is ConsentState.GRANTED
    assert not job.transcribe_rep
    assert job.speaker("rep-2") is Speaker.TEAM


def test_a_missing_call_id_is_made_up_anew_each_time() -> None:
    ids = {parse_job(json.dumps(MINIMAL)).call_id for _ in range(20)}

    assert len(ids) == 20


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"rep": {}}, "rep.identity"),
        ({"rep": {"identity": ""}}, "rep.identity"),
        ({"rep": "rep-1"}, "rep"),
        ({"call_id": "../x"}, "call_id"),
        ({"call_id": "x" * 65}, "call_id"),
        ({"call_id": "c-1\n"}, "call_id"),
        ({"team": "rep-2"}, "team"),
        ({"team": [1]}, "team.0"),
        ({"team": ["rep-1"]}, "team"),
        ({"playbook": "other"}, "playbook"),
        ({"language": "!"}, "language"),
        ({"consent": {"state": "perhaps"}}, "consent.state"),
        ({"consent": {"policy": None}}, "consent.policy"),
        ({"transcribe_rep": "yes"}, "transcribe_rep"),
        ({"transcribe_rep": 1}, "transcribe_rep"),
        ({"v": 2}, "v"),
    ],
)
def test_an_error_names_the_field(fields: dict[str, Any], field: str) -> None:
    assert refused(**fields).field == field


@pytest.mark.parametrize("text", ["", "null", "[]", "{", '"rep"', "{}" * 2, "\x00"])
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(MetadataError):
        parse_job(text)


def test_huge_metadata_is_refused_before_it_is_read() -> None:
    with pytest.raises(MetadataError, match=str(MAX_METADATA_BYTES)):
        parse_job(json.dumps(MINIMAL | {"note": "x" * MAX_METADATA_BYTES}))


@given(st.text())
def test_any_text_is_a_job_or_a_metadata_error(text: str) -> None:
    try:
        parse_job(text)
    except MetadataError:
        return


@given(st.dictionaries(st.sampled_from(FIELDS), json_values))
def test_any_object_is_a_job_or_an_error_that_names_a_field_of_ours(fields: dict[str, Any]) -> None:
    try:
        job = parse_job(json.dumps(fields))
    except MetadataError as error:
        assert error.field.split(".")[0] in [*FIELDS, "metadata"]
    else:
        assert job.rep.identity


@given(st.text(min_size=12))
def test_an_error_never_holds_the_value(value: str) -> None:
    error = refused(consent={"state": value})

    assert value not in str(error)
