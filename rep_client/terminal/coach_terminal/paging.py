"""Shows a drawing that is higher than the terminal page by page, and knows what was seen."""

import math
from collections.abc import Hashable
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.segment import Segment, SegmentLines
from rich.style import Style
from rich.text import Text

MUST_READ: Final = Style(meta={"must_read": True})  # invisible: marks what is read before a yes


class Pages:
    """The pages of whatever is on the screen at the moment."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._subject: Hashable = None
        self._page = 0
        self._seen: set[int] = set()
        self._count = 1
        self._is_read = False

    def has_shown(self, subject: Hashable) -> bool:
        """Tell whether all that must be read of `subject` was on the screen."""
        return self._is_read and self._subject == subject

    def turn(self) -> None:
        """Go to the next page; after the last comes the first."""
        self._page = (self._page + 1) % self._count

    def cut(self, drawing: RenderableType, subject: Hashable) -> RenderableType:
        """Cut out the present page; another subject begins on its first."""
        if subject != self._subject:
            self._subject, self._page, self._seen, self._is_read = subject, 0, set(), False
        lines = self._console.render_lines(drawing, pad=False)
        is_high = len(lines) > self._console.height
        rows = max(1, self._console.height - 1) if is_high else len(lines)
        self._count = math.ceil(len(lines) / rows) if is_high else 1
        self._page = min(self._page, self._count - 1)
        self._seen.add(self._page)
        needed = {number // rows for number, line in enumerate(lines) if _must_be_read(line)}
        self._is_read = self._is_read or (bool(needed) and self._seen >= needed)
        if not is_high:
            return drawing
        page = lines[self._page * rows : (self._page + 1) * rows]
        return Group(SegmentLines(page, new_lines=True), self._where(bool(needed)))

    def _where(self, is_about_more: bool) -> Text:
        where = f" page {self._page + 1} of {self._count}, space: next"
        before_yes = ", + works once all of it was shown" if is_about_more else ""
        return Text(where + ("" if self._is_read else before_yes), "bold reverse", no_wrap=True)


def _must_be_read(line: list[Segment]) -> bool:
    return any(segment.style is not None and segment.style.meta for segment in line)
