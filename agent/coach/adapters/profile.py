"""What one call's outside services are, by value: made by `providers`, read by those who use them.

Keys are held by value and never shown; where they come from is `providers`' business.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

DEFAULT = "default"
"""The profile of a job that names none."""


class Structured(StrEnum):
    """How an endpoint is told the form of the answer, besides in the prompt."""

    JSON_SCHEMA = "json_schema"
    JSON_OBJECT = "json_object"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SpeechEndpoint:
    """Where speech becomes words: anything that speaks Deepgram's listen protocol."""

    base_url: str
    model: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ModelEndpoint:
    """One model behind an OpenAI-compatible chat endpoint."""

    base_url: str
    model: str
    key: str = field(repr=False)
    structured: Structured = Structured.JSON_OBJECT
    has_tools: bool = True
    """Whether the endpoint is offered the tools; some refuse every request that has any."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The services of one call. It keeps them, whatever the file says later."""

    name: str
    stt: tuple[SpeechEndpoint, ...] = ()
    """First choice first; empty: the embedded recogniser."""
    llm: tuple[ModelEndpoint, ...] = ()
    """First choice first; empty: no advisor."""
    summary: ModelEndpoint | None = None
    crm: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """The CRM's section as it was written; empty: the embedded one."""
