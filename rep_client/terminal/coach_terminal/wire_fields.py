"""Reads typed fields out of one JSON message; every way to be wrong ends in InvalidMessage."""

import json
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from coach_terminal.plain_text import plain

MESSAGE_LIMIT_BYTES: Final = 2048
INTEGER_LIMIT: Final = 2**53  # what every JSON reader can hold exactly

INVALID_PAYLOAD: Final = 2400
UNKNOWN_ID: Final = 2404
TOO_LARGE: Final = 2413


class InvalidMessage(Exception):
    """A message that is refused.

    Attributes:
        code: The error code of the wire contract, 2400 or 2413.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Fields:
    """The object of a message; fields that nobody asks for are ignored."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content

    @classmethod
    def from_json(cls, payload: str) -> "Fields":
        """Parse the text of a message.

        Raises:
            InvalidMessage: It is larger than 2,048 bytes, or not a JSON object.
        """
        if len(payload.encode("utf-8", "surrogatepass")) > MESSAGE_LIMIT_BYTES:
            raise InvalidMessage(TOO_LARGE, "message larger than 2048 bytes")
        try:
            content = json.loads(payload, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise InvalidMessage(INVALID_PAYLOAD, "not a JSON message") from None
        if not isinstance(content, dict):
            raise InvalidMessage(INVALID_PAYLOAD, "not a JSON object")
        return cls(content)

    def text(self, name: str, limit_characters: int, *, keep_lines: bool = False) -> str:
        """Read an optional text as plain text; absent and null are the empty text."""
        return plain(self.raw(name, ""), limit_characters, keep_lines=keep_lines)

    def required_text(self, name: str, limit_characters: int) -> str:
        """Read a text of which something visible must remain."""
        text = self.text(name, limit_characters)
        if not text:
            raise _invalid(name, "is missing")
        return text

    def raw(self, name: str, default: str) -> str:
        """Read an optional text as it is: for comparisons only, never for the screen."""
        value = self._content.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise _invalid(name, "must be text")
        return value

    def key(self, name: str, limit_characters: int) -> str:
        """Read an opaque id, which is never shown and never cut."""
        value = self.raw(name, "")
        if not 0 < len(value) <= limit_characters:
            raise _invalid(name, f"must have 1 to {limit_characters} characters")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise _invalid(name, "is not text")  # half a character could not be sent back
        return value

    def optional_integer(self, name: str) -> int | None:
        """Read an integer that may be absent or null."""
        value = self._content.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > INTEGER_LIMIT:
            raise _invalid(name, "must be an integer")
        return value

    def integer(self, name: str, default: int | None = None, *, least: int | None = None) -> int:
        """Read an integer; without a default it must be there."""
        value = self.optional_integer(name)
        if value is None:
            value = default
        if value is None:
            raise _invalid(name, "is missing")
        if least is not None and value < least:
            raise _invalid(name, f"must be at least {least}")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """Read a truth value."""
        value = self._content.get(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise _invalid(name, "must be true or false")
        return value

    def texts(self, name: str, limit_characters: int, limit_count: int) -> tuple[str, ...]:
        """Read a list of texts as plain texts."""
        values = self._content.get(name)
        if values is None:
            return ()
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise _invalid(name, "must be a list of texts")
        return tuple(plain(value, limit_characters) for value in values[:limit_count])

    def nested(self, name: str) -> "Fields | None":
        """Read an object that may be absent or null."""
        value = self._content.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise _invalid(name, "must be an object")
        return Fields(value)


def _invalid(name: str, problem: str) -> InvalidMessage:
    return InvalidMessage(INVALID_PAYLOAD, f"{name} {problem}")


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
