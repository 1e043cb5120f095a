"""Draws what waits for the rep's yes: exactly what will be written, and nothing else's words."""

from typing import Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from coach_terminal.paging import MUST_READ

MARGIN: Final = "│ "
LABEL: Final = "WILL BE WRITTEN, WORD FOR WORD"
_STYLE: Final = "bright_yellow"


class ExactText:
    """Text with its own line breaks: its lines begin with a bar, those of the terminal do not."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(1, options.max_width - len(MARGIN))
        for line in self._text.split("\n"):
            margin = MARGIN
            for row in Text(line, _STYLE).wrap(console, width, overflow="fold"):
                yield Text.assemble((margin, "dim"), row, style=MUST_READ)
                margin = " " * len(MARGIN)
