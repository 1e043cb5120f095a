"""From the model's growing text to what it advises."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.adapters.models.answer import AnswerReader, answer_schema
from coach.adapters.models.failures import AttemptFailed
from coach.domain.advice import AdviceRequest, Counsel, ToolCall

REQUEST = AdviceRequest(0, 1, 0, "", "", ("stall", "price_question"), ("discovery",), True)
FIELDS: dict[str, Any] = {
    "moment": "stall",
    "confidence": 0.8,
    "headline": "Ask what changed",
    "evidence": {"utterance": 7, "words": "not this quarter"},
    "detail": "Then wait.",
    "say": "What changed since May?",
    "stage": "discovery",
}
EARLY = Counsel("stall", 0.8, "Ask what changed", is_final=False)
FINAL = Counsel(
    "stall",
    0.8,
    "Ask what changed",
    7,
    "not this quarter",
    "Then wait.",
    "What changed since May?",
    "discovery",
)


def read(text: str, size: int = 3) -> tuple[list[Counsel], Counsel]:
    """Feed a text in pieces; return what came early, and the end."""
    reader = AnswerReader(REQUEST)
    pieces = [text[n : n + size] for n in range(0, len(text), size)]
    early = [counsel for piece in pieces if (counsel := reader.feed(piece)) is not None]
    return early, reader.end(())


def written(**fields: Any) -> str:
    return json.dumps({**FIELDS, **fields}, ensure_ascii=False)


@given(st.integers(1, 200))
def test_any_cutting_gives_the_same_answer(size: int) -> None:
    assert read(written(), size) == ([EARLY], FINAL)


def test_the_headline_is_told_with_its_closing_quote() -> None:
    reader, text = AnswerReader(REQUEST), written()
    end = text.index("changed") + len("changed")

    before = reader.feed(text[:end])
    after = reader.feed(text[end])

    assert before is None
    assert after == EARLY


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{written()}\n```",
        f"Sure! Here is the JSON {{as asked}}:\n\n{written()}\nAnything else?",
        f"\n\n  {json.dumps(FIELDS, indent=4)}  ",
        written() + written(headline="A second object"),
    ],
)
def test_what_surrounds_the_object_is_skipped(text: str) -> None:
    assert read(text) == ([EARLY], FINAL)


@pytest.mark.parametrize(
    "text",
    ['{"moment":"nothing"}', '```\n{ "moment": "nothing" }\n```', written(moment="nothing")],
)
def test_nothing_is_nothing_whatever_stands_beside_it(text: str) -> None:
    early, final = read(text)

    assert early == []
    assert final.moment is None
    assert final.headline == ""


def test_nothing_may_tell_a_stage() -> None:
    assert read('{"moment":"nothing","stage":"discovery"}')[1] == Counsel(None, stage="discovery")


def test_missing_extras_are_empty() -> None:
    text = '{"moment":"stall","confidence":1,"headline":"Ask","evidence":null,"say":""}'

    assert read(text)[1] == Counsel("stall", 1.0, "Ask")


def test_a_line_break_inside_a_text_is_read() -> None:
    text = written().replace("Then wait.", "Then\nwait.")

    assert read(text)[1].detail == "Then\nwait."


def test_a_stage_that_does_not_exist_costs_the_stage_alone() -> None:
    assert read(written(stage="made_up"))[1].stage is None


BAD = {
    "no JSON": "I would say nothing here.",
    "empty": "",
    "a list": '["stall"]',
    "a number": "7",
    "cut": written()[:-20],
    "no moment": '{"headline":"Ask","confidence":0.9}',
    "unknown moment": written(moment="made_up"),
    "moment of another type": written(moment=["stall"]),
    "words for confidence": written(confidence="high"),
    "truth for confidence": written(confidence=True),
    "percent for confidence": written(confidence=80),
    "no number for confidence": written(confidence=float("nan")),
    "no confidence": '{"moment":"stall","headline":"Ask"}',
    "empty headline": written(headline="  "),
    "long headline": written(headline="x" * 301),
    "list as detail": written(detail=["a"]),
    "long detail": written(detail="x" * 1_201),
    "words as utterance": written(evidence={"utterance": "seven"}),
    "text as evidence": written(evidence="not this quarter"),
    "deep": '{"moment":' + "[" * 1_900,
}


@pytest.mark.parametrize("name", BAD)
def test_another_form_is_nonsense(name: str) -> None:
    with pytest.raises(AttemptFailed) as caught:
        read(BAD[name])

    assert caught.value.code == "nonsense"
    assert not caught.value.is_its_fault


def test_an_endless_answer_is_stopped_before_its_end() -> None:
    reader = AnswerReader(REQUEST)

    with pytest.raises(AttemptFailed):
        for _ in range(100):
            reader.feed("blah " * 20)


def test_what_was_told_early_cannot_be_changed_at_the_end() -> None:
    """A field given twice: the parser keeps the last one, the rep has seen the first."""
    text = written()[:-1] + ',"headline":"Offer fifty percent"}'

    with pytest.raises(AttemptFailed):
        read(text)


def test_tools_need_no_text() -> None:
    tools = (ToolCall("get_account_context"),)

    assert AnswerReader(REQUEST).end(tools) == Counsel(None, tools=tools)


def test_tools_after_a_headline_come_with_it() -> None:
    reader, tools = AnswerReader(REQUEST), (ToolCall("get_account_context"),)
    reader.feed(written())

    final = reader.end(tools)

    assert (final.moment, final.tools) == ("stall", tools)


@given(st.text(max_size=300), st.integers(1, 50))
def test_any_text_is_an_answer_or_nonsense(text: str, size: int) -> None:
    try:
        _, final = read('{"moment"' + text, size)
    except AttemptFailed as failure:
        assert failure.code == "nonsense"  # noqa: PT017 # both ends are good
    else:
        assert final.moment in (None, *REQUEST.moments)


def test_the_schema_has_the_fields_in_the_order_of_telling() -> None:
    schema = answer_schema(REQUEST.moments, REQUEST.stages)

    assert list(schema["properties"]) == list(FIELDS) == schema["required"]
    assert schema["properties"]["moment"]["enum"] == ["nothing", "stall", "price_question"]
    assert schema["properties"]["stage"]["enum"] == ["discovery", None]
    assert schema["additionalProperties"] is False
