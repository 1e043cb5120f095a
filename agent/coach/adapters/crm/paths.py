"""JSON paths (RFC 9535), and texts that hold some, as operators write them.

`..` is not accepted: searching a whole answer can take longer than a call can wait.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from jsonpath import JSONPath, JSONPathEnvironment, JSONPathError

from coach.domain.texts import sendable

MOST_FOUND = 200
_MOST_CHARACTERS = 2_000
_PLACE = re.compile(r"\{([^{}]*)\}")
_DATE = re.compile(r"\d{4}-\d\d(-\d\d)?([T ].*)?", re.DOTALL)
_MILLISECONDS_FROM = 1e11
_ENVIRONMENT = JSONPathEnvironment(strict=True)


@lru_cache(maxsize=256)
def _compiled(path: str) -> JSONPath:
    compiled = _ENVIRONMENT.compile(path)
    assert isinstance(compiled, JSONPath), "strict paths have no unions"
    return compiled


def check_path(path: str) -> str:
    """Return a path that can be used.

    Raises:
        ValueError: it cannot.
    """
    if ".." in path:
        raise ValueError("must write its way out: `..` takes too long")
    try:
        _compiled(path)
    except JSONPathError:
        raise ValueError("must be a JSON path, such as `$.contract.renewal_date`") from None
    return path


def check_text(text: str) -> str:
    """Return a text that holds at least one path in braces, such as `{$.name}, {$.stage}`.

    Raises:
        ValueError: it does not.
    """
    found = _PLACE.findall(text)
    if not found or set(_PLACE.sub("", text)) & set("{}"):
        raise ValueError("must hold JSON paths in braces, such as `{$.name}, stage {$.stage}`")
    for path in found:
        check_path(path)
    return text


def find(path: str, value: Any) -> list[Any]:
    """Return what stands at a path, bounded."""
    if not isinstance(value, dict | list):
        return []
    return [match.obj for match in islice(_compiled(path).finditer(value), MOST_FOUND)]


def find_text(path: str | None, value: Any) -> str:
    """Return the first text or number that stands at a path; empty: none."""
    return next(_texts(path, value), "") if path else ""


def fill_text(text: str, value: Any) -> str:
    """Return a text with its paths filled; empty when nothing stands at any of them."""
    found = {path: find_text(path, value) for path in _PLACE.findall(text)}
    if not any(found.values()):
        return ""
    return _PLACE.sub(lambda place: found[place[1]], text)


def find_date(path: str | None, value: Any) -> str:
    """Return the first point in time at a path in ISO 8601, so that texts sort; empty: none."""
    for found in find(path, value) if path else ():
        if isinstance(found, str) and _DATE.fullmatch(found):
            return sendable(found[:40])
        if isinstance(found, int | float) and not isinstance(found, bool):
            return _from_number(found)
    return ""


def _texts(path: str, value: Any) -> Iterator[str]:
    for found in find(path, value):
        match found:
            case bool() | None:
                continue
            case float() if found.is_integer():
                yield str(int(found))
            case int() | float():
                yield str(found)
            case str() if found.strip():
                yield sendable(found.strip()[:_MOST_CHARACTERS])


def _from_number(number: float) -> str:
    try:  # JSON's whole numbers have no bound: dividing one may overflow, too
        seconds = number / 1000 if number > _MILLISECONDS_FROM else number
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return ""
