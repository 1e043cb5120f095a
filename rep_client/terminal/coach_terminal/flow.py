"""Lays short pieces side by side, and breaks lines only between pieces."""

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text


class Flow:
    """Pieces with a separator between those that share a line."""

    def __init__(self, pieces: list[Text], separator: Text) -> None:
        self._pieces = pieces
        self._separator = separator

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = Text()
        for piece in self._pieces:
            needed = line.cell_len + self._separator.cell_len + piece.cell_len
            if line and needed > options.max_width:
                yield line
                line = Text()
            if line:
                line.append_text(self._separator)
            line.append_text(piece)
        yield line
