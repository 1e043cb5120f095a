"""Job metadata (contracts 2): JSON text to a `Job`, or an error that names the field.

An error never holds a value: metadata holds names of people and customers, and errors are logged.
"""

import secrets
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from coach.domain.job import AccountRef, Consent, ConsentPolicy, ConsentState, Job, Rep
from coach.errors import MetadataError

MAX_METADATA_BYTES = 16_384

_Identity = Annotated[str, StringConstraints(min_length=1, max_length=256)]
_Name = Annotated[str, StringConstraints(max_length=256)]
_Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
_CallId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]


class _Fields(BaseModel):
    """Strict about what is known, silent about what is not."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _RepFields(_Fields):
    identity: _Identity
    name: _Name | None = None


class _AccountFields(_Fields):
    id: _Name | None = None
    name: _Name | None = None
    domain: _Name | None = None


class _ConsentFields(_Fields):
    state: Literal["pending", "granted", "denied", "revoked"] = "pending"
    policy: Literal["call", "everyone"] = "call"


class _JobFields(_Fields):
    v: Literal[1] = 1
    call_id: _CallId | None = None
    rep: _RepFields
    team: Annotated[list[_Identity], Field(max_length=100)] = []
    account: _AccountFields | None = None
    tenant: _Word = "default"
    playbook: Literal["default"] = "default"
    providers: _Word = "default"
    language: _Language | None = None
    consent: _ConsentFields = _ConsentFields()
    transcribe_rep: bool = True
    screenshare: bool = True


def parse_job(metadata: str) -> Job:
    """Read job metadata. A missing `call_id` is made up, so each call makes another one.

    Raises:
        MetadataError: it does not validate; names the field, never the value.
    """
    if len(metadata.encode("utf-8", "replace")) > MAX_METADATA_BYTES:
        raise MetadataError("metadata", f"must have at most {MAX_METADATA_BYTES} bytes")
    try:
        fields = _JobFields.model_validate_json(metadata)
    except ValidationError as error:
        raise _metadata_error(error.errors(include_input=False, include_url=False)[0]) from None
    if fields.rep.identity in fields.team:
        raise MetadataError("team", "must not name the rep")
    return _job(fields)


def _job(fields: _JobFields) -> Job:
    account = fields.account or _AccountFields()
    return Job(
        call_id=fields.call_id or f"c-{secrets.token_hex(6)}",
        rep=Rep(fields.rep.identity, fields.rep.name),
        team=frozenset(fields.team),
        account=AccountRef(account.id, account.name, account.domain),
        tenant=fields.tenant,
        playbook=fields.playbook,
        providers=fields.providers,
        language=fields.language,
        consent=Consent(ConsentState(fields.consent.state), ConsentPolicy(fields.consent.policy)),
        transcribe_rep=fields.transcribe_rep,
        screenshare=fields.screenshare,
    )


_PROBLEMS = {
    "missing": "is required",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "too_long": "has too many items",
    "model_type": "must be an object",
    "json_invalid": "must be JSON",
    "json_type": "must be JSON",
}


def _metadata_error(first: ErrorDetails) -> MetadataError:
    field = ".".join(str(part) for part in first["loc"]) or "metadata"
    context = first.get("ctx", {})
    if first["type"] == "literal_error":
        return MetadataError(field, f"must be {context['expected']}")
    if first["type"] == "string_pattern_mismatch":
        return MetadataError(field, f"must match {context['pattern']}")
    return MetadataError(field, _PROBLEMS.get(first["type"], "has a value of the wrong form"))
