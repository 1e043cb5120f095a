"""Messages to the rep's client keep their limits, whatever is in them."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.adapters.wire import (
    MAX_HEADLINE_CHARACTERS,
    MAX_HEADLINE_WORDS,
    MAX_MESSAGE_BYTES,
    MAX_SAY_CHARACTERS,
    cut,
    encode,
    nudge_fields,
)
from coach.domain.nudge import Evidence, Nudge, Path, Source
from coach.domain.playbook import Kind, Speaker

NUDGE = Nudge(
    id="n-0123456789abcdef",
    moment="price",
    kind=Kind.OBJECTION,
    path=Path.TRIGGER,
    headline="Anchor on payback",
    detail="Show the slide.",
    say="Shall we look at yours?",
    source=Source("battlecard", "roi"),
    evidence=Evidence(Speaker.PROSPECT, "buyer-1", 61_200, 63_050, "over our budget"),
    priority=70,
    created_ms=63_110,
    expires_in_ms=6_000,
    relevant_ms=20_000,
)
anything = st.text(st.characters(), max_size=900)
long_words = st.lists(st.text(st.characters(categories=["L", "N", "S", "C"]), max_size=40)).map(
    " ".join
)


def fields(**changes: Any) -> dict[str, Any]:
    return nudge_fields(replace(NUDGE, **changes), "r-1", "c-1")


def size(message: dict[str, Any]) -> int:
    return len(encode(message).encode())


def test_a_nudge_has_the_fields_of_the_contract() -> None:
    assert fields() == {
        "v": 1,
        "run": "r-1",
        "call_id": "c-1",
        "id": "n-0123456789abcdef",
        "rev": 0,
        "final": True,
        "moment": "price",
        "kind": "objection",
        "path": "trigger",
        "headline": "Anchor on payback",
        "detail": "Show the slide.",
        "say": "Shall we look at yours?",
        "source": {"type": "battlecard", "id": "roi"},
        "evidence": {
            "speaker": "prospect",
            "identity": "buyer-1",
            "quote": "over our budget",
            "start_ms": 61_200,
            "end_ms": 63_050,
        },
        "priority": 70,
        "created_ms": 63_110,
        "expires_in_ms": 6_000,
        "relevant_ms": 20_000,
    }


@settings(max_examples=80, deadline=None)
@given(
    headline=anything, detail=anything | long_words, say=anything, quote=anything, identity=anything
)
def test_a_nudge_fits_whatever_its_texts(
    headline: str, detail: str, say: str, quote: str, identity: str
) -> None:
    evidence = Evidence(Speaker.PROSPECT, identity[:256], 1, 2, quote)

    message = fields(headline=headline, detail=detail * 3, say=say, evidence=evidence)

    assert size(message) <= MAX_MESSAGE_BYTES
    assert json.loads(encode(message))["id"] == NUDGE.id
    assert len(message["headline"].split()) <= MAX_HEADLINE_WORDS
    assert len(message["headline"]) <= MAX_HEADLINE_CHARACTERS
    assert message["say"] is None or len(message["say"]) <= MAX_SAY_CHARACTERS


def test_the_detail_is_cut_at_a_word_and_the_rest_is_whole() -> None:
    message = fields(detail="word " * 600)

    assert size(message) <= MAX_MESSAGE_BYTES
    assert size(message) > MAX_MESSAGE_BYTES - 64
    assert message["detail"].endswith("word…")
    assert message["evidence"]["quote"] == "over our budget"


def test_the_quote_is_cut_after_the_detail_is_gone() -> None:
    evidence = Evidence(Speaker.PROSPECT, "buyer-1", 1, 2, "word " * 600)

    message = fields(detail="word " * 600, evidence=evidence)

    assert message["detail"] == ""
    assert message["evidence"]["quote"].endswith("word…")
    assert message["say"] == NUDGE.say


def test_what_may_be_absent_goes_when_cutting_texts_is_not_enough() -> None:
    """Identities of 256 characters, each of six bytes as JSON writes them."""
    evidence = Evidence(Speaker.PROSPECT, "\x01" * 256, 1, 2, "quote")

    message = fields(headline="\x01" * 120, evidence=evidence)

    assert size(message) <= MAX_MESSAGE_BYTES
    assert message["evidence"] is None


def test_a_headline_has_twelve_words_at_most() -> None:
    message = fields(headline=" ".join(str(number) for number in range(20)))

    assert message["headline"] == "0 1 2 3 4 5 6 7 8 9 10 11"


@pytest.mark.parametrize(
    ("text", "characters", "expected"),
    [
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("one two three", 5, "one…"),
        ("価格の話が出ました", 5, "価格の話…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ],
)
def test_a_text_is_cut_at_a_word_or_hard_where_there_is_none(
    text: str, characters: int, expected: str
) -> None:
    assert cut(text, characters) == expected


def test_text_is_not_escaped_to_ascii_and_lone_surrogates_are_replaced() -> None:
    assert encode({"text": "größer \ud800"}) == '{"text":"größer ?"}'
