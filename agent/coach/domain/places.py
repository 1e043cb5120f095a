"""Places in an advice that are filled in when its moment happens, such as `{topic}`."""

Fill = tuple[tuple[str, str], ...]
"""By name: (`topic`, "timeline") fills `{topic}`."""


def filled(text: str, values: Fill) -> str:
    """Return a text with its places filled in."""
    for name, value in values:
        text = text.replace("{" + name + "}", value)
    return text
