"""The model's answer: its form, and its text to a `Counsel`, early and at the end.

The text is parsed as it grows, so that the headline can be told as soon as its closing quote has
come. What surrounds the object (a code fence, chatter) is skipped. Nothing is repaired: an answer
that was cut off is no answer.
"""

import json
import re
from collections.abc import Sequence
from typing import Annotated, Any

import jiter
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coach.adapters.models.failures import nonsense
from coach.domain.advice import AdviceRequest, Counsel, ToolCall

NOTHING = "nothing"
LONGEST_ANSWER_CHARACTERS = 2_500
"""Some three times what 150 tokens hold: whoever writes more ignores the limit."""
_OBJECT = re.compile(r'\{\s*"moment"')

_Headline = Annotated[str, Field(max_length=300)]
_Sentence = Annotated[str, Field(max_length=600)]
_Passage = Annotated[str, Field(max_length=1_200)]


class _Fields(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Evidence(_Fields):
    utterance: int | None = None
    words: _Sentence | None = None


class _Answer(_Fields):
    moment: str
    confidence: Annotated[float, Field(ge=0, le=1)]
    headline: _Headline
    evidence: _Evidence | None = None
    detail: _Passage | None = None
    say: _Sentence | None = None
    stage: str | None = None


class _Nothing(_Fields):
    moment: str
    evidence: _Evidence | None = None
    stage: str | None = None


def answer_schema(moments: Sequence[str], stages: Sequence[str]) -> dict[str, Any]:
    """Return the answer's JSON schema, in the strict form: all fields, in the order of telling."""
    text, optional_text = {"type": "string"}, {"type": ["string", "null"]}
    evidence = _object({"utterance": {"type": ["integer", "null"]}, "words": text})
    return _object(
        {
            "moment": {"type": "string", "enum": [NOTHING, *moments]},
            "confidence": {"type": "number"},
            "headline": text,
            "evidence": evidence,
            "detail": text,
            "say": optional_text,
            "stage": {"type": ["string", "null"], "enum": [*stages, None]},
        }
    )


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


class AnswerReader:
    """Reads one answer to one request."""

    def __init__(self, request: AdviceRequest) -> None:
        self._moments = frozenset(request.moments)
        self._stages = frozenset(request.stages)
        self._text = ""
        self._early: Counsel | None = None

    def feed(self, text: str) -> Counsel | None:
        """Take more text. Return the answer's beginning, once, when its headline is complete.

        Raises:
            AttemptFailed: this will be no answer.
        """
        self._text += text
        if len(self._text) > LONGEST_ANSWER_CHARACTERS:
            raise nonsense()
        if self._early is not None or '"headline"' not in self._text:
            return None
        fields = _begun(self._object_text())
        names = ("moment", "confidence", "headline")
        if any(name not in fields for name in names) or fields["moment"] == NOTHING:
            return None
        self._early = self._counsel({name: fields[name] for name in names}, is_final=False)
        return self._early

    def end(self, tools: tuple[ToolCall, ...]) -> Counsel:
        """Return the whole answer.

        Args:
            tools: what the model wants to have looked up; it may do without a text then.

        Raises:
            AttemptFailed: it has not the agreed form.
        """
        if tools and self._early is None:
            return Counsel(None, tools=tools)
        counsel = self._counsel(_ended(self._object_text()), is_final=True, tools=tools)
        early = self._early
        if early is not None and (early.moment, early.headline) != (
            counsel.moment,
            counsel.headline,
        ):
            raise nonsense()  # a field given twice: what was told is not what was meant
        return counsel

    def _object_text(self) -> str:
        found = _OBJECT.search(self._text)
        start = found.start() if found else self._text.find("{")
        return self._text[start:] if start >= 0 else ""

    def _counsel(
        self, fields: dict[str, Any], *, is_final: bool, tools: tuple[ToolCall, ...] = ()
    ) -> Counsel:
        try:
            if fields.get("moment") == NOTHING:
                nothing = _Nothing.model_validate(fields)
                said = nothing.evidence or _Evidence()
                return Counsel(
                    None,
                    utterance=said.utterance,
                    words=said.words or "",
                    stage=self._stage(nothing.stage),
                    tools=tools,
                )
            answer = _Answer.model_validate(fields)
        except ValidationError:
            raise nonsense() from None
        if answer.moment not in self._moments or not answer.headline.strip():
            raise nonsense()
        evidence = answer.evidence or _Evidence()
        return Counsel(
            moment=answer.moment,
            confidence=answer.confidence,
            headline=answer.headline.strip(),
            utterance=evidence.utterance,
            words=evidence.words or "",
            detail=answer.detail or "",
            say=answer.say or None,
            stage=self._stage(answer.stage),
            tools=tools,
            is_final=is_final,
        )

    def _stage(self, name: str | None) -> str | None:
        """A stage that the playbook does not have costs the stage, not the hint."""
        return name if name in self._stages else None


def _begun(text: str) -> dict[str, Any]:
    """Return the fields of an object that are complete so far."""
    try:
        fields = jiter.from_json(text.encode("utf-8", "replace"), partial_mode="on")
    except ValueError:  # at its end it may be readable: with a fence behind it, say
        return {}
    return fields if isinstance(fields, dict) else {}


def _ended(text: str) -> dict[str, Any]:
    """Return the fields of the object that a text begins with, whatever follows it."""
    try:
        fields, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        raise nonsense() from None
    if not isinstance(fields, dict):
        raise nonsense()
    return fields
