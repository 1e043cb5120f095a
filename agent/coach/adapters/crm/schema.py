"""What may stand in a provider profile's `crm:` section. Nothing: the embedded CRM.

Keys are named, never written. Addresses and JSON paths are checked here, before any call.
"""

import re
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, model_validator

from coach.adapters.crm.paths import check_path, check_text
from coach.adapters.crm.templates import (
    ACCOUNT_DOMAIN,
    ACCOUNT_ID,
    ACCOUNT_NAME,
    TENANT,
    WRITTEN,
    check_address,
    check_body,
    places,
)

_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")
_PREFIX = re.compile(r"[\x20-\x7e]{0,40}")
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})
_MOST_BODY = 4_000


def _variable(text: str) -> str:
    if not _VARIABLE.fullmatch(text) or text.startswith("COACH_"):
        raise ValueError("must be the name of an environment variable, such as CRM_TOKEN")
    return text


def _header(text: str) -> str:
    if not _HEADER.fullmatch(text) or text.lower() in _OURS:
        raise ValueError("must be the name of a header, such as Authorization")
    return text


def _prefix(text: str) -> str:
    if not _PREFIX.fullmatch(text):
        raise ValueError("must be plain text of at most 40 characters, such as `Bearer `")
    return text


def _url_for(place: str) -> AfterValidator:
    def check(text: str) -> str:
        check_address(text, (place, TENANT))
        if place not in places(text):
            raise ValueError(f"must hold {{{place}}}")
        return text

    return AfterValidator(check)


_OUTCOME_PLACES = WRITTEN - {"outcome", "next_step"}
Text = Annotated[str, Field(min_length=1, max_length=1_000)]
JsonPath = Annotated[Text, AfterValidator(check_path)]
TextOfPaths = Annotated[Text, AfterValidator(check_text)]
HeaderName = Annotated[str, AfterValidator(_header)]
Url = Annotated[Text, AfterValidator(partial(check_address, allowed=_OUTCOME_PLACES))]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Lookup(_Section):
    """Where an account is asked for, and where it stands in the answer."""

    record: JsonPath = "$"


class LookupById(_Lookup):
    """By the account's id."""

    url: Annotated[Text, _url_for(ACCOUNT_ID)]


class LookupByDomain(_Lookup):
    """By the account's internet domain."""

    url: Annotated[Text, _url_for(ACCOUNT_DOMAIN)]


class LookupByName(_Lookup):
    """By the account's name."""

    url: Annotated[Text, _url_for(ACCOUNT_NAME)]


class AccountSection(_Section):
    """The ways to an account, tried in this order."""

    by_id: LookupById | None = None
    by_domain: LookupByDomain | None = None
    by_name: LookupByName | None = None

    @model_validator(mode="after")
    def _has_one(self) -> "AccountSection":
        if not (self.by_id or self.by_domain or self.by_name):
            raise ValueError("must have by_id, by_domain or by_name")
        return self


class HeaderSection(_Section):
    """A header whose value is a secret."""

    key_env: Annotated[str, AfterValidator(_variable)]
    prefix: Annotated[str, AfterValidator(_prefix)] = ""


class EntriesSection(_Section):
    """Deals or notes: one text for each entry of a list."""

    each: JsonPath
    text: TextOfPaths
    date: JsonPath | None = None


class FieldsSection(_Section):
    """Where in an account's record things stand."""

    id: JsonPath | None = None
    domain: JsonPath | None = None
    name: JsonPath | None = None
    about: JsonPath | None = None
    renewal: JsonPath | None = None
    last_call: JsonPath | None = None
    deals: EntriesSection | None = None
    notes: EntriesSection | None = None

    @model_validator(mode="after")
    def _has_some(self) -> "FieldsSection":
        if not (self.about or self.renewal or self.last_call or self.deals or self.notes):
            raise ValueError("must have about, renewal, last_call, deals or notes")
        return self


class OutcomeSection(_Section):
    """How an outcome is written, once the rep has agreed."""

    method: Literal["POST", "PUT", "PATCH"] = "POST"
    url: Url
    body: Annotated[dict[str, JsonValue], AfterValidator(check_body), Field(min_length=1)]

    @model_validator(mode="after")
    def _writes_it(self) -> "OutcomeSection":
        text = str(self.body)
        if "{outcome}" not in text or len(text) > _MOST_BODY:
            raise ValueError("body must hold {outcome}, and at most 4,000 characters")
        return self


class CrmSection(_Section):
    """The `crm:` section of a provider profile."""

    type: Literal["http"]
    account: AccountSection
    fields: FieldsSection
    headers: Annotated[dict[HeaderName, HeaderSection], Field(max_length=10)] = {}
    outcome: OutcomeSection | None = None

    @model_validator(mode="after")
    def _knows_whom_it_found(self) -> "CrmSection":
        """A search may find somebody else: what it finds must say what was searched for."""
        for way, field in (("by_domain", "domain"), ("by_name", "name")):
            if getattr(self.account, way) and not getattr(self.fields, field):
                problem = f"must map `fields.{field}`, or have no `account.{way}`"
                raise ValueError(f"{problem}: what it finds is compared by that")
        return self

    def addresses(self) -> list[str]:
        """Return all addresses that requests go to."""
        ways = (self.account.by_id, self.account.by_domain, self.account.by_name, self.outcome)
        return [way.url for way in ways if way is not None]

    def variables(self) -> list[tuple[tuple[str | int, ...], str]]:
        """Return where in the section an environment variable is named, and its name."""
        return [
            (("headers", name, "key_env"), header.key_env) for name, header in self.headers.items()
        ]

    def as_written(self) -> dict[str, Any]:
        """Return the section as plain values; it holds no secret."""
        return self.model_dump(mode="json", exclude_none=True)
