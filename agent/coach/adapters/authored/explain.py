"""Says what is wrong with a file's fields, and what would be right, to a person.

Never repeats what the author wrote, only names of fields: the text may end in a log.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_TEXTS = {
    "missing": "is missing",
    "string_type": "must be text; put it in quotes",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list: one entry a line, each after `- `",
    "dict_type": "must be fields, written as `name: value`",
    "model_type": "must be fields, written as `name: value`",
    "model_attributes_type": "must be fields, written as `name: value`",
    "string_too_short": "is empty",
    "string_too_long": "is too long: at most {max_length} characters",
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "finite_number": "must be a number",
    "value_error": "{error}",
}
_ID_TEXT = "must be a name of letters, digits, `_` and `-`, at most 64 of them"


def explain(
    error: ValidationError, model: type[BaseModel]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield for each error where it stands and what to say about it."""
    for detail in error.errors(include_url=False, include_input=False):
        yield _place(detail["loc"]), _text(detail, model)


def _place(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    return loc[:-1] if loc and loc[-1] == "[key]" else loc


def _text(detail: ErrorDetails, model: type[BaseModel]) -> str:
    if detail["type"] == "extra_forbidden":
        near = get_close_matches(str(detail["loc"][-1])[:100], _field_names(model), n=1)
        return "is not a known field" + (f"; did you mean `{near[0]}`?" if near else "")
    if detail["type"] == "string_pattern_mismatch":
        return _ID_TEXT
    template = _TEXTS.get(detail["type"])
    if template is None:
        return detail["msg"].lower()
    return template.format_map(detail.get("ctx", {}))


@lru_cache
def _field_names(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(sorted(set(_properties(model.model_json_schema()))))


def _properties(schema: dict[str, Any]) -> Iterator[str]:
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part.get("properties", {})
