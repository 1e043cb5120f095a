"""When to look at the shared screen, and which look is worth keeping. Pure.

A glance compares the newest frame with the glance before (`moved`) and with the frame that was
kept last (`changed`), as shares of the picture. A picture that differs is looked at again
shortly after: only when two glances agree has the scrolling, the animation or the sharpening
of a fresh video stream come to its end, and the frame is kept.
"""

from dataclasses import dataclass
from enum import StrEnum

from coach.domain.screen import Look

AGREES = 0.04
"""Two glances agree up to this share: a pointer, a clock or a face in a corner may move."""
CHANGED = 0.008
"""From this share on a picture differs from the one kept last: a line of text more is enough."""


class Keep(StrEnum):
    """What becomes of a glance."""

    NOTHING = "nothing"
    FRAME = "frame"
    FINE_PRINT = "fine_print"
    """Keep the frame in high resolution."""


@dataclass(frozen=True, slots=True)
class SamplingPace:
    """Milliseconds between glances."""

    talking_ms: int = 1_000
    quiet_ms: int = 3_000
    still_talking_ms: int = 1_500
    """With the settling time a change of a still slide is noticed within 2 s of talk."""
    still_quiet_ms: int = 6_000
    still_after_ms: int = 15_000
    """A picture that stood so long is a still slide."""
    settle_ms: int = 400
    """From a difference to the glance that must agree."""
    patience_ms: int = 15_000
    """A picture that never stands still, such as a film, is kept this often all the same."""


class Sampler:
    """One share's rhythm. Times are on the call's clock and never go back."""

    def __init__(self, at_ms: int, pace: SamplingPace | None = None) -> None:
        """Begin with a share that has just begun: it is looked at once, and again to agree."""
        self._pace = pace or SamplingPace()
        self._is_talking = False
        self._is_fine_print_wanted = False
        self._glanced_ms = at_ms
        self._changed_ms = at_ms  # when the picture last differed
        self._moving_since_ms: int | None = None
        self._due_ms = at_ms

    @property
    def due_ms(self) -> int:
        """When the next glance is due."""
        return self._due_ms

    def look(self, hint: Look, at_ms: int) -> None:
        """Change the rhythm. Who begins to talk, or asks for fine print, need not wait."""
        self._is_talking = hint.is_talking
        self._due_ms = max(at_ms, min(self._due_ms, self._glanced_ms + self._interval_ms(at_ms)))
        if hint.is_fine_print:
            self._is_fine_print_wanted = True
            self._due_ms = at_ms

    def glanced(self, at_ms: int, *, moved: float | None, changed: float | None) -> Keep:
        """Take a glance. Return whether to keep its frame.

        Args:
            at_ms: now.
            moved: difference to the glance before; None for the first of a share.
            changed: difference to the frame kept last; None when none was kept.
        """
        self._glanced_ms = at_ms
        is_steady = moved is not None and moved <= AGREES
        is_new = changed is None or changed >= CHANGED
        keep = self._judge(at_ms, is_steady=is_steady, is_new=is_new)
        if keep is Keep.FINE_PRINT:
            self._is_fine_print_wanted = False
        if is_new or not is_steady:
            self._changed_ms = at_ms
        wait_ms = self._interval_ms(at_ms) if is_steady else self._pace.settle_ms
        self._due_ms = at_ms + wait_ms
        return keep

    def _judge(self, at_ms: int, *, is_steady: bool, is_new: bool) -> Keep:
        if is_steady:
            self._moving_since_ms = None
        elif self._moving_since_ms is None:
            self._moving_since_ms = at_ms
            return Keep.NOTHING
        elif at_ms - self._moving_since_ms < self._pace.patience_ms:
            return Keep.NOTHING
        else:
            self._moving_since_ms = at_ms
        if self._is_fine_print_wanted:
            return Keep.FINE_PRINT
        return Keep.FRAME if is_new else Keep.NOTHING

    def _interval_ms(self, at_ms: int) -> int:
        pace = self._pace
        is_still = at_ms - self._changed_ms >= pace.still_after_ms
        if self._is_talking:
            return pace.still_talking_ms if is_still else pace.talking_ms
        return pace.still_quiet_ms if is_still else pace.quiet_ms
