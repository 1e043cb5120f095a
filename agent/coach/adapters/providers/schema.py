"""What may stand in the file of provider profiles.

Keys are named, never written: a file of settings is copied, mailed and committed.
"""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from coach.adapters.crm.schema import CrmSection
from coach.adapters.profile import Structured

MOST_PROFILES = 100
MOST_ENDPOINTS = 5
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_SCHEMES = ("http", "https")


def _name(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise ValueError("must be a name of letters, digits, `_`, `.` and `-`, at most 64 of them")
    return text


def _variable(text: str) -> str:
    if not _VARIABLE.fullmatch(text):
        raise ValueError("must be the name of an environment variable, such as OPENAI_API_KEY")
    return text


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_good = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        raise ValueError("must be http://host[:port]/path or https://host[:port]/path")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must hold no key, query or fragment: name the key by `key_env`")
    return text.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]
Variable = Annotated[str, AfterValidator(_variable)]
Model = Annotated[str, Field(min_length=1, max_length=100)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SpeechSection(_Section):
    """One recogniser."""

    type: Literal["deepgram"] = "deepgram"
    base_url: Address
    model: Model
    key_env: Variable | None = None


class ModelSection(_Section):
    """One model."""

    base_url: Address
    model: Model
    key_env: Variable | None = None
    structured: Structured = Structured.JSON_OBJECT
    tools: bool = True


class ProfileSection(_Section):
    """One profile."""

    stt: Annotated[list[SpeechSection], Field(max_length=MOST_ENDPOINTS)] = []
    llm: Annotated[list[ModelSection], Field(max_length=MOST_ENDPOINTS)] = []
    summary: ModelSection | None = None
    crm: CrmSection | None = None


class ProvidersFile(_Section):
    """The whole file."""

    profiles: Annotated[
        dict[Annotated[str, AfterValidator(_name)], ProfileSection],
        Field(min_length=1, max_length=MOST_PROFILES),
    ]
