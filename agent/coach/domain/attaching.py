"""Which frame of the share goes to the advisor with a turn. English by the form of the words."""

import re

CAP = 40
"""Most pictures that a call sends."""
PAUSE_MS = 30_000
"""From a picture to the next that no words ask for; a deck may be leafed through, or built up."""
AGAIN_MS = 60_000
""""As you can see" sends a slide that was sent already after this time; a question at once."""
CHANGED_AGAIN_MS = 20_000
"""The same, when the slide's picture has changed since."""

_SHOWN = (
    "slide|screen|chart|graph|diagram|dashboard|screenshot|table|column|row|picture|image|figure"
    "|legend|axis|tab|button|menu|page"
)
_DETAIL = rf"({_SHOWN}|number|percentage|line|bar|box|arrow|field|cell|colour|color)s?"
_REFERS = re.compile(
    rf"\b(this|that|these|those|next|last|previous|my|your) ({_SHOWN})s?\b"
    r"|\b(on|in) (the|my|your|our) (slide|screen|chart|graph|diagram|dashboard|screenshot)s?\b"
    r"|\b(as|what|which|where) (you|we|i) (can |could |will )?(also )?see\b"
    r"|\byou (can |could |should |will |now )+see (here|this|that|it|my|the|on)\b"
    r"|\blook(ing)? at (this|that|these|those|the (slide|screen|chart|graph|numbers?))\b"
    r"|\b(shown|listed|written|right|over|up|down) here\b"
    r"|\b(top|bottom|left|right) (corner|half|side|column|row) (of|here)\b"
    r"|\b(can|do) you see (my|the|this)\b"
)
_ASKS = re.compile(
    rf"\bwhat(?:'s| is| are| does| do|'re) (this|that|the|those|these) (\w+ )?{_DETAIL}\b"
    r"|\bwhat (does|do) (this|that|it|the \w+) (say|show)\b"
    r"|\bwhat(?:'s| is) (that |this )?on (the|your|this|that) (slide|screen|chart|page)\b"
    rf"|\b(explain|read|repeat) (this|that|the|these|those) (\w+ )?{_DETAIL}\b"
    r"|\bwhat am i (looking at|seeing)\b|\bgo back (to|one|a)\b"
)
_FINE_PRINT = re.compile(
    r"\b(fine|small|tiny) (print|text|letters|type)\b|\bfoot ?notes?\b|\basterisk\b"
    r"|\btoo small\b|\b(can't|cannot|can not|couldn't|hard to|unable to) (quite |really )?read\b"
    r"|\bzoom(ed)? in\b|\bmake (it|that|this) (bigger|larger)\b|\benlarge\b"
)


def wants_fine_print(text: str) -> bool:
    """Return whether words ask about what only a high resolution shows."""
    return _FINE_PRINT.search(text.casefold()) is not None


def asks_about_screen(text: str) -> bool:
    """Return whether words ask about what is on the screen."""
    return wants_fine_print(text) or _ASKS.search(text.casefold()) is not None


def refers_to_screen(text: str) -> bool:
    """Return whether words point at the screen, asking or not."""
    return asks_about_screen(text) or _REFERS.search(text.casefold()) is not None


class Attaching:
    """Decides for each turn, and counts what was sent.

    A slide is sent once by itself, with a turn after it came up. From then on words must ask.
    """

    def __init__(self, cap: int = CAP) -> None:
        self._cap = cap
        self._image: str | None = None
        self._slide = 0
        self._sent: dict[int, tuple[int, str]] = {}  # slide → when and as which image it was sent
        self._sent_ms: int | None = None
        self._before: tuple[int, tuple[int, str] | None, int | None] = (0, None, None)
        self.sent_count = 0

    def shows(self, image: str, slide: int) -> None:
        """A frame was kept; it is the newest of that slide."""
        self._image, self._slide = image, slide

    def stopped(self) -> None:
        """Nothing is shared any more."""
        self._image = None

    def frame_for(self, text: str, at_ms: int) -> str | None:
        """Return the frame that the turn with these words needs, and count it as sent."""
        image = self._image
        if image is None or self.sent_count >= self._cap or not self._matters(image, text, at_ms):
            return None
        self.sent_count += 1
        self._before = (self._slide, self._sent.get(self._slide), self._sent_ms)
        self._sent_ms = at_ms
        self._sent[self._slide] = (at_ms, image)
        return image

    def give_back(self) -> None:
        """The question with the frame given last was called back: the next one may need it."""
        slide, sent, self._sent_ms = self._before
        if sent is None:
            self._sent.pop(slide, None)
        else:
            self._sent[slide] = sent

    def _matters(self, image: str, text: str, at_ms: int) -> bool:
        if asks_about_screen(text):
            return True
        sent = self._sent.get(self._slide)
        if sent is None:
            is_early = self._sent_ms is not None and at_ms - self._sent_ms < PAUSE_MS
            return not is_early or refers_to_screen(text)
        sent_ms, sent_image = sent
        pause_ms = AGAIN_MS if image == sent_image else CHANGED_AGAIN_MS
        return at_ms - sent_ms >= pause_ms and refers_to_screen(text)
