"""A deck as the domain sees it: pictures without pixels, shown by a scripted rep."""

from coach.domain.matching import Matcher
from coach.domain.playbook import Moment, Speaker, When
from coach.domain.screen import ScreenMoment, ScreenSampled, read_on_screen
from coach.domain.slides import Slides
from fakes.matcher import PlainMatcher
from fakes.playbooks import moment, playbook, shape

STALE = shape("stale", When.SCREEN_STALE, speaker=Speaker.REP, after_ms=180_000)
MISMATCH = shape("mismatch", When.SCREEN_MISMATCH, speaker=Speaker.REP)
ERROR = moment(
    "error", "something went wrong", "page not found", when=When.SCREEN_ERROR, speaker=Speaker.REP
)


def fingerprint(number: int) -> int:
    """Return the fingerprint of a picture: far from that of every other number below 64."""
    return (0x9E3779B97F4A7C15 * (number + 1)) & (2**64 - 1)


def error_matcher(*moments: Moment) -> Matcher:
    """Return a matcher that finds error texts on slides."""
    return PlainMatcher(read_on_screen(playbook(*moments)))


class Show:
    """A share: slides come up, words are read and said. Collects the moments."""

    def __init__(self, *moments: Moment, cap: int = 40) -> None:
        self.slides = Slides(moments, error_matcher(*moments), cap=cap)
        self.found: list[ScreenMoment] = []
        self._frames = 0

    @property
    def told(self) -> list[str]:
        """The moments that came, in order."""
        return [found.moment.id for found in self.found]

    def slide(
        self, at_ms: int, number: int, text: str | None = None, *, change: float = 0.6
    ) -> str:
        """Let a slide come up. Return its frame's name."""
        self._frames += 1
        image = f"f-{self._frames:06d}.jpg"
        event = ScreenSampled(image, fingerprint(number), change)
        self.found += self.slides.sampled(event, at_ms)
        if text is not None:
            self.read(at_ms, image, text)
        return image

    def read(self, at_ms: int, image: str, text: str) -> None:
        """Let the words of a frame be read."""
        event = ScreenSampled(image, 0, 0.0, text)
        self.found += self.slides.sampled(event, at_ms)

    def stop(self, at_ms: int) -> None:
        """Let the share stop."""
        self.found += self.slides.sampled(ScreenSampled(None), at_ms)

    def wait(self, at_ms: int) -> None:
        """Let time pass, second by second where something is due."""
        while (due_ms := self.slides.due_ms()) is not None and due_ms <= at_ms:
            self.found += self.slides.tick(due_ms)

    def says(self, at_ms: int, text: str) -> None:
        """Let the rep's words be recognised."""
        self.found += self.slides.said(text, at_ms)
