"""Texts from outside, as they may be handed on."""


def sendable(text: str) -> str:
    """Return a text that UTF-8 can carry: half a character becomes a question mark.

    A broken recogniser sends such, and JSON may escape one.
    """
    return text.encode("utf-8", "replace").decode()
