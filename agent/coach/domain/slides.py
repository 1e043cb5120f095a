"""What the rep shows since when, and what of it is worth a word to the rep. Pure.

A slide is whatever stands on the screen: pictures that are much alike are the same slide, also
when it comes back later.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from coach.domain.attaching import CAP, Attaching, wants_fine_print
from coach.domain.events import Transcript
from coach.domain.matching import Matcher
from coach.domain.playbook import Moment, When
from coach.domain.screen import ScreenMoment, ScreenSampled
from coach.domain.slide_talk import SlideTalk

# Measured on 40 drawn slides of one template. The same slide, scaled and compressed as a video
# stream does: at most 4 bits and 0.09 of the picture. A point more: at most 18 bits and 0.057.
# Another slide: at least 12 bits and 0.062.
SAME_BITS = 5
"""Pictures whose fingerprints differ in so many bits of 64 at most are the same slide …"""
REDRAWN = 0.35
"""… unless this share of the picture differs."""
NEW_SLIDE = 0.06
"""From this share of the picture on a change brings another slide."""
FAR_BITS = 24
"""So far from how it began a slide that changed bit by bit has become another one."""
MOVED_ON = 0.015
"""From this share on the rep has done something, such as letting the next point appear."""
_MOST_SLIDES = 400
_READABLE = 8
"""So many of the newest frames may still get their words."""
_QUOTE_CHARACTERS = 140
_CONTEXT_WORDS = 3


@dataclass(slots=True)
class _Slide:
    key: int
    fingerprint: int
    text: str = ""


class Slides:
    """Watches the share, and says when what it shows calls for a hint."""

    def __init__(self, moments: Iterable[Moment], matcher: Matcher, *, cap: int = CAP) -> None:
        """Begin a call.

        Args:
            moments: the playbook's; those of the screen are picked out.
            matcher: finds error texts in a slide's words: of `read_on_screen(playbook)`.
            cap: most pictures that the call may send.
        """
        by_when: dict[When, list[Moment]] = {}
        for moment in moments:
            by_when.setdefault(moment.when, []).append(moment)
        self._stale = by_when.get(When.SCREEN_STALE, [])
        self._mismatch = by_when.get(When.SCREEN_MISMATCH, [])
        self._errors = {moment.id: moment for moment in by_when.get(When.SCREEN_ERROR, [])}
        self._matcher = matcher
        self._attaching = Attaching(cap)
        self._talk = SlideTalk()
        self._known: list[_Slide] = []
        self._shown: _Slide | None = None
        self._image: str | None = None
        self._frames: dict[str, _Slide] = {}
        self._since_ms = 0
        self._stage_since_ms = 0
        self._is_talking = False
        self._read_for: tuple[str, int] | None = None  # whose words asked for the fine print
        self._told: set[tuple[str, int]] = set()  # moment and slide
        self._seen_errors: frozenset[str] = frozenset()  # those that the newest words hold
        self.sampled_count = 0

    @property
    def text(self) -> str:
        """The words on the screen as far as they were read."""
        return self._shown.text if self._shown is not None else ""

    @property
    def image(self) -> str | None:
        """The name of the newest frame; None while nothing is shared."""
        return self._image

    @property
    def sent_count(self) -> int:
        """How many pictures were sent. Set where a call goes on after a revocation."""
        return self._attaching.sent_count

    @sent_count.setter
    def sent_count(self, count: int) -> None:
        self._attaching.sent_count = count

    def frame_for(self, text: str, at_ms: int) -> str | None:
        """Return the frame that the advisor's turn with these words needs; it counts as sent."""
        return self._attaching.frame_for(text, at_ms)

    def give_back(self) -> None:
        """The question with the frame given last was called back."""
        self._attaching.give_back()

    def sampled(self, event: ScreenSampled, at_ms: int) -> list[ScreenMoment]:
        """Take a frame, its words, or the end of the share."""
        if event.image is None:
            self._stop(at_ms)
            return []
        is_late = event.text is not None and event.change == 0.0 and event.image in self._frames
        if event.image != self._image and not is_late:
            self._show(event, event.image, at_ms)
        if event.text is None:
            return []
        return self._read(self._frames[event.image], event.text, at_ms)

    def must_be_read(self, event: Transcript) -> bool:
        """Whether somebody's words ask for the fine print: once, in however many partials."""
        segment = (event.identity, event.start_ms)
        if self._image is None or segment == self._read_for or not wants_fine_print(event.text):
            return False
        self._read_for = segment
        return True

    def said(self, text: str, at_ms: int) -> list[ScreenMoment]:
        """Take a final of the rep: it may be about another slide."""
        is_elsewhere, shown = self._talk.said(text, at_ms), self._shown
        if shown is None or not is_elsewhere:
            return []
        quote = _newest(text)
        return [
            ScreenMoment(moment, self._since_ms, at_ms, quote)
            for moment in self._mismatch
            if self._is_first(moment, shown)
        ]

    def talking(self, is_talking: bool) -> None:
        """Somebody speaks now, or nobody does."""
        self._is_talking = is_talking

    def stage_changed(self, at_ms: int) -> None:
        """The call moved on: the same slide is as good as new."""
        self._stage_since_ms = at_ms

    def pause(self) -> None:
        """Nobody listens from now on; the share is not watched either."""
        self._is_talking = False
        self._stop(0)

    def due_ms(self) -> int | None:
        """When the slide will have stood too long if nothing changes until then."""
        return min((due_ms for _, due_ms in self._pending()), default=None)

    def tick(self, at_ms: int) -> list[ScreenMoment]:
        """Return for which moments the slide has stood too long now, each once for a slide."""
        shown = self._shown
        return [
            ScreenMoment(moment, due_ms - moment.shape.after_ms, at_ms)
            for moment, due_ms in self._pending()
            if due_ms <= at_ms and shown is not None and self._is_first(moment, shown)
        ]

    def _pending(self) -> list[tuple[Moment, int]]:
        if self._shown is None or not self._is_talking:
            return []
        since_ms, key = max(self._since_ms, self._stage_since_ms), self._shown.key
        return [
            (moment, since_ms + moment.shape.after_ms)
            for moment in self._stale
            if (moment.id, key) not in self._told
        ]

    def _is_first(self, moment: Moment, slide: _Slide) -> bool:
        """Whether this slide has not been told of yet; from now on it has."""
        cause = (moment.id, slide.key)
        if cause in self._told:
            return False
        self._told.add(cause)
        return True

    def _show(self, event: ScreenSampled, image: str, at_ms: int) -> None:
        self.sampled_count += 1
        slide = self._slide_of(event)
        if slide is not self._shown:
            self._seen_errors = frozenset()
            self._talk.shows(slide.key, at_ms)
        if slide is not self._shown or event.change >= MOVED_ON:
            self._since_ms = at_ms
        self._shown, self._image = slide, image
        self._frames.pop(image, None)
        self._frames[image] = slide
        while len(self._frames) > _READABLE:
            del self._frames[next(iter(self._frames))]
        self._attaching.shows(image, slide.key)

    def _slide_of(self, event: ScreenSampled) -> _Slide:
        shown, bits = self._shown, event.fingerprint
        if shown is not None and _is_same(shown, event):
            return shown
        others = (slide for slide in self._known if slide is not shown)
        again = min(others, key=lambda slide: _distance(slide, bits), default=None)
        if again is not None and _distance(again, bits) <= SAME_BITS:
            return again
        slide = _Slide(len(self._known), bits)
        if len(self._known) < _MOST_SLIDES:
            self._known.append(slide)
        return slide

    def _read(self, slide: _Slide, text: str, at_ms: int) -> list[ScreenMoment]:
        slide.text = text
        self._talk.read(slide.key, text)
        if slide is not self._shown:
            return []  # the reader was slower than the rep's hand
        words = text.split()
        quotes: dict[str, str] = {}
        for speaker in {moment.speaker for moment in self._errors.values()}:
            for hit in self._matcher.find(text, speaker):
                if hit.veto is None and hit.moment in self._errors:
                    around = words[max(0, hit.first - _CONTEXT_WORDS) : hit.last + 1]
                    quotes[hit.moment] = _newest(" ".join(around))
        fresh = [name for name in sorted(quotes) if name not in self._seen_errors]
        self._seen_errors = frozenset(quotes)
        return [
            ScreenMoment(self._errors[name], self._since_ms, at_ms, quotes[name]) for name in fresh
        ]

    def _stop(self, at_ms: int) -> None:
        self._shown = self._image = None
        self._frames.clear()
        self._seen_errors = frozenset()
        self._talk.shows(None, at_ms)
        self._attaching.stopped()


def _is_same(shown: _Slide, event: ScreenSampled) -> bool:
    bits = _distance(shown, event.fingerprint)
    if bits <= SAME_BITS:
        return event.change < REDRAWN
    return bits < FAR_BITS and event.change < NEW_SLIDE


def _distance(slide: _Slide, fingerprint: int) -> int:
    return (slide.fingerprint ^ fingerprint).bit_count()


def _newest(words: str) -> str:
    """Return the end of a text that is too long for a quote."""
    if len(words) <= _QUOTE_CHARACTERS:
        return words
    newest = words[-_QUOTE_CHARACTERS:]
    return "… " + (newest.partition(" ")[2] or newest)
