"""Texts with places for an account's values: addresses, and what is written.

A place is `{account.id}`. In an address a value is percent-encoded whole, so that it can never
become another path, host or parameter.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from coach.adapters.crm.port import NO_ACCOUNT, CrmError
from coach.setting_types import is_loopback

ACCOUNT_ID = "account.id"
ACCOUNT_DOMAIN = "account.domain"
ACCOUNT_NAME = "account.name"
TENANT = "tenant"
WRITTEN = frozenset(
    {ACCOUNT_ID, ACCOUNT_DOMAIN, ACCOUNT_NAME, TENANT}
    | {"call.id", "rep.identity", "outcome", "next_step"}
)
"""What may stand in the body of an outcome."""
_PLACE = re.compile(r"\{([^{}]*)\}")
_PLAIN = re.compile(r"[!-\[\]-~]+")  # ASCII without blanks and backslashes
_ADDRESS = "must be https://host/path, or http:// of this machine"
_DEEPEST = 6

Values = Mapping[str, str | None]
"""By place; None or missing: not known."""


def places(text: str) -> frozenset[str]:
    """Return the places of a text."""
    return frozenset(_PLACE.findall(text))


def check_places(text: str, allowed: Iterable[str]) -> str:
    """Return a text all of whose braces are places that are allowed here.

    Raises:
        ValueError: they are not.
    """
    names = sorted(allowed)
    if not places(text) <= set(names) or set(_PLACE.sub("", text)) & set("{}"):
        raise ValueError(f"may hold in braces only {', '.join(names)}")
    return text


def check_address(text: str, allowed: Iterable[str]) -> str:
    """Return an address that sends keys and names nowhere but to its host, encrypted.

    Raises:
        ValueError: it does not.
    """
    check_places(text, allowed)
    try:
        parts = urlsplit(text)
        is_good = bool(parts.hostname) and parts.port != 0 and "{" not in parts.netloc
    except ValueError:
        raise ValueError(_ADDRESS) from None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(text))
    if not (is_good and is_safe) or not _PLAIN.fullmatch(text):
        raise ValueError(_ADDRESS)
    if parts.username or parts.password or parts.fragment:
        raise ValueError("must hold no key or fragment: name the key in `headers`")
    return text


def fill_address(text: str, values: Values) -> str:
    """Return an address with its places filled.

    Raises:
        CrmError: a value is not known, or would change the path.
    """
    return _PLACE.sub(lambda place: _encoded(values.get(place[1])), text)


def fill_body(body: Any, values: Values) -> Any:
    """Return a JSON value with the places of its strings filled; unknown values are empty."""
    if isinstance(body, str):
        return _PLACE.sub(lambda place: values.get(place[1]) or "", body)
    if isinstance(body, Mapping):
        return {key: fill_body(value, values) for key, value in body.items()}
    return [fill_body(value, values) for value in body] if isinstance(body, list) else body


def check_body(body: Any, depth: int = 0) -> Any:
    """Return a JSON value whose strings hold only places that are allowed.

    Raises:
        ValueError: they do not, or it is nested too deeply.
    """
    if depth > _DEEPEST:
        raise ValueError("is nested too deeply")
    if isinstance(body, str):
        return check_places(body, WRITTEN)
    if isinstance(body, Mapping | list):
        for value in body.values() if isinstance(body, Mapping) else body:
            check_body(value, depth + 1)
    return body


def _encoded(value: str | None) -> str:
    if not value or value.strip() in ("", ".", ".."):
        raise CrmError(NO_ACCOUNT)
    return quote(value, safe="", errors="replace")
