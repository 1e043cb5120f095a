"""The `screen` lines of a recorded call: what they leave out is taken from the picture itself.

A live trace's lines say how each frame differed and what was read from it; a line written by
hand only names a picture.
"""

from collections.abc import Callable
from pathlib import Path

from coach.adapters.screen.glances import Glance, Luma
from coach.adapters.screen.pictures import BadPicture, RecordedPicture
from coach.domain.screen import ScreenLine, ScreenSampled
from coach.errors import ReplayError

ReadText = Callable[[Luma], str | None]
"""Reads the words of a picture; may block."""


class RecordedScreen:
    """Makes events of one file's lines, in their order."""

    def __init__(self, recording: Path, read_text: ReadText | None = None) -> None:
        """Begin a file.

        Args:
            recording: the recorded call's file.
            read_text: reads pictures whose lines have neither fingerprint nor text.
        """
        self._recording, self._read_text = recording, read_text
        self._before: Glance | None = None

    def event(self, line: ScreenLine, number: int) -> ScreenSampled:
        """Return the event of a line.

        Raises:
            ReplayError: its picture is needed and cannot be used; names file and line.
        """
        if line.image is None:
            self._before = None
            return ScreenSampled(None)
        if line.fingerprint is not None and line.change is not None:
            return ScreenSampled(line.image, line.fingerprint, line.change, line.text)
        luma = self._picture(line.image, number).luma
        glance = Glance.at(luma)
        change = 1.0 if self._before is None else glance.difference(self._before)
        self._before = glance
        text = line.text
        if text is None and self._read_text is not None:
            text = self._read_text(luma)
        return ScreenSampled(
            line.image,
            glance.fingerprint if line.fingerprint is None else line.fingerprint,
            change if line.change is None else line.change,
            text,
        )

    def jpeg(self, image: str, number: int) -> bytes:
        """Return a picture as it is sent to a model.

        Raises:
            ReplayError: the picture cannot be used.
        """
        return self._picture(image, number).jpeg()

    def _picture(self, image: str, number: int) -> RecordedPicture:
        folder = self._recording.parent.resolve()
        try:
            path = (folder / image).resolve()
            if not path.is_relative_to(folder):
                raise BadPicture("lies outside the recorded call's folder")
            return RecordedPicture.open(path)
        except (BadPicture, ValueError, OSError, RuntimeError) as error:
            why = str(error) if isinstance(error, BadPicture) else "is no path"
            raise ReplayError(str(self._recording), number, f"image: {image!r} {why}") from None
