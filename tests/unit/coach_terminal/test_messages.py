"""Messages of the coach are read strictly where it matters and tolerantly where it does not."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach_terminal.messages import (
    CoachState,
    Consent,
    NudgeKind,
    parse_answer,
    parse_hello,
    parse_nudge,
    parse_status,
)
from coach_terminal.wire_fields import InvalidMessage
from unit.coach_terminal.samples import hello, nudge, nudge_content, status, status_content

PARSERS: list[Callable[[str], object]] = [parse_nudge, parse_answer, parse_hello, parse_status]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=60),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


def test_nudge_of_the_contract_is_read_completely() -> None:
    read = nudge()

    assert (read.kind, read.priority, read.relevant_ms) == (NudgeKind.OBJECTION, 70, 20_000)
    assert read.evidence is not None
    assert read.evidence.quote == "that is way over our budget"
    assert read.source is not None
    assert read.source.id == "roi-calculator"


def test_unknown_fields_paths_and_kinds_are_accepted() -> None:
    read = nudge(kind="horoscope", path="telepathy", mood={"deeply": ["nested"]})

    assert read.kind is NudgeKind.NEUTRAL
    assert read.path == "telepathy"


@pytest.mark.parametrize("name", ["say", "source", "evidence", "detail", "moment", "proposal"])
def test_optional_fields_may_be_absent_or_null(name: str) -> None:
    without = nudge_content()
    without.pop(name, None)

    assert parse_nudge(json.dumps(without)) == nudge(**{name: None})


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": ""},
        {"id": "x" * 41},
        {"id": "\ud800"},
        {"headline": None},
        {"headline": "\x1b[2J"},
        {"headline": 7},
        {"created_ms": "soon"},
        {"created_ms": 1.5},
        {"created_ms": True},
        {"created_ms": 10**30},
        {"expires_in_ms": -1},
        {"expires_in_ms": None},
        {"evidence": "quote"},
        {"call_id": None},
        {"run": None},
        {"rev": -1},
    ],
)
def test_nudge_with_a_wrong_field_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidMessage) as refused:
        nudge(**wrong)

    assert refused.value.code == 2400


@pytest.mark.parametrize(
    "payload", ["", "nope", "[]", "3", "null", '"x"', "[" * 1500, '{"id":NaN}']
)
def test_what_is_not_an_object_is_refused(payload: str) -> None:
    with pytest.raises(InvalidMessage) as refused:
        parse_nudge(payload)

    assert refused.value.code == 2400


def test_size_is_counted_in_bytes_not_characters() -> None:
    longest = json.dumps(nudge_content(detail=""), ensure_ascii=False)
    room_for = (2048 - len(longest.encode())) // 2
    fits = json.dumps(nudge_content(detail="é" * room_for), ensure_ascii=False)
    too_large = json.dumps(nudge_content(detail="é" * (room_for + 1)), ensure_ascii=False)

    assert parse_nudge(fits).detail.startswith("é")
    with pytest.raises(InvalidMessage) as refused:
        parse_nudge(too_large)
    assert refused.value.code == 2413


def test_overlong_headline_is_cut_rather_than_lost() -> None:
    assert len(nudge(headline="word " * 60).headline) <= 120


def test_answer_to_a_question_may_be_nothing() -> None:
    assert parse_answer("null") is None
    assert parse_answer(json.dumps(nudge_content())) == nudge()


def test_hello_carries_the_disclosure_with_its_lines() -> None:
    read = hello()

    assert read.disclosure == "I have an assistant on this call.\nIs that all right?"
    assert (read.consent, read.policy) == (Consent.PENDING, "everyone")


def test_status_with_unknown_words_is_still_a_status() -> None:
    read = status(state="dreaming", consent="maybe", reasons=["stt_down", "\x1b[31mx"])

    assert (read.state, read.consent) == (CoachState.UNKNOWN, Consent.UNKNOWN)
    assert read.reasons == ("stt_down", "x")


@given(st.text(max_size=200) | json_values.map(json.dumps))
def test_anything_is_either_read_or_refused(payload: str) -> None:
    for parse in PARSERS:
        _read_or_refused(parse, payload)


@given(st.sampled_from(sorted(nudge_content())), json_values)
def test_nudge_with_anything_in_one_field_is_either_read_or_refused(name: str, value: Any) -> None:
    _read_or_refused(parse_nudge, json.dumps(nudge_content(**{name: value})))


@given(st.sampled_from([*status_content(), "reasons", "lag_ms", "muted_until_ms"]), json_values)
def test_status_with_anything_in_one_field_is_either_read_or_refused(name: str, value: Any) -> None:
    _read_or_refused(parse_status, json.dumps(status_content(**{name: value})))


def _read_or_refused(parse: Callable[[str], object], payload: str) -> None:
    try:
        parse(payload)
    except InvalidMessage as refused:
        assert refused.code in {2400, 2413}
        assert "\x1b" not in str(refused)
