"""What each speaker has said: open segments, closed utterances, and where words stand in time."""

from collections import deque
from dataclasses import dataclass, field

from coach.domain.events import Transcript
from coach.domain.matching import SegmentMatcher
from coach.domain.nudge import Evidence
from coach.domain.playbook import Speaker

MAX_SEGMENT_WORDS = 200
"""Only the newest words of a segment that never closes are looked at; all of one that does."""
_LEFT_OUT_WORDS = 40
"""More are left out so many at a time: what follows the words finds them where they were."""

BEFORE_WORDS = 24
"""What somebody answers: the newest words of the other side."""
ANSWER_MS = 15_000
"""Words that come later than this answer nothing."""

_CONTEXT_WORDS = 5
"""Words before a match that a quote keeps, so that it reads as speech."""
_QUOTE_CHARACTERS = 140


@dataclass(frozen=True, slots=True)
class Utterance:
    """One final recognition result."""

    identity: str
    speaker: Speaker
    text: str
    start_ms: int
    end_ms: int


@dataclass(slots=True)
class Segment:
    """The words of one speaker since that speaker's last final."""

    speaker: Speaker
    before: str
    """What the other side had just said when it began, as far as it was heard then. It stays:
    what partials meant, their final must mean as well."""
    matcher: SegmentMatcher | None = None
    """What has followed its words; None before any were matched."""
    text: str = ""
    heard_ms: int = 0
    """When words came last."""
    decided: set[str] = field(default_factory=set)
    """Moments about which this segment has had its say."""
    offered: set[str] = field(default_factory=set)
    """Moments that asked to interrupt on words of this segment."""


class Transcripts:
    """The open segment of each speaker, and the closed utterances of the last minutes."""

    def __init__(self, window_ms: int = 90_000, max_utterances: int = 200) -> None:
        self._window_ms = window_ms
        self._segments: dict[str, Segment] = {}
        self.utterances: deque[Utterance] = deque(maxlen=max_utterances)

    def segment(self, event: Transcript, at_ms: int) -> Segment:
        """Return the open segment of a speaker, after new words of it."""
        segment = self._segments.get(event.identity)
        if segment is None:
            segment = Segment(event.speaker, self._before(event))
            self._segments[event.identity] = segment
        segment.text, segment.heard_ms = event.text, at_ms
        return segment

    def close(self, event: Transcript, at_ms: int) -> Utterance:
        """Close the speaker's segment with its final and remember the utterance."""
        self._segments.pop(event.identity, None)
        end_ms = at_ms if event.end_ms is None else event.end_ms
        utterance = Utterance(event.identity, event.speaker, event.text, event.start_ms, end_ms)
        self.utterances.append(utterance)
        while self.utterances[0].end_ms < at_ms - self._window_ms and len(self.utterances) > 1:
            self.utterances.popleft()
        return utterance

    def _before(self, event: Transcript) -> str:
        """Return the newest words of the other side, if it was the last one to speak."""
        said = [(each.heard_ms, each.speaker, each.text) for each in self._segments.values()]
        if self.utterances:
            last = self.utterances[-1]
            said.append((last.end_ms, last.speaker, last.text))
        end_ms, speaker, text = max(said, default=(0, event.speaker, ""))
        is_other = (speaker is Speaker.PROSPECT) is not (event.speaker is Speaker.PROSPECT)
        if not is_other or end_ms < event.start_ms - ANSWER_MS:
            return ""
        return " ".join(text.split()[-BEFORE_WORDS:])

    def drop(self, identity: str) -> None:
        """A speaker's open segment gets no final."""
        self._segments.pop(identity, None)

    def pause(self) -> None:
        """Nobody listens from now on: what is open gets no final."""
        self._segments.clear()


def spoken_words(event: Transcript) -> list[str]:
    """Return the words of a segment that count, as the recogniser wrote them."""
    words = event.text.split()
    if event.is_final:
        return words
    too_many = max(0, len(words) - MAX_SEGMENT_WORDS + _LEFT_OUT_WORDS - 1)
    return words[too_many // _LEFT_OUT_WORDS * _LEFT_OUT_WORDS :]


def evidence(event: Transcript, words: list[str], first: int, last: int, at_ms: int) -> Evidence:
    """Return where in the call the words `first`..`last` (inclusive) stand, with a quote.

    Without word times the place is estimated from the words' share of the segment.
    """
    first = max(0, first - _CONTEXT_WORDS)
    quote = shortened(" ".join(words[first : last + 1]))
    start_ms, end_ms = _span(event, len(words), first, last, at_ms)
    return Evidence(event.speaker, event.identity, start_ms, end_ms, quote)


def shortened(quote: str) -> str:
    """Return the newest words of a quote that is too long to be read at a glance."""
    if len(quote) <= _QUOTE_CHARACTERS:
        return quote
    newest = quote[-_QUOTE_CHARACTERS:]
    return "… " + (newest.partition(" ")[2] or newest)


def _span(event: Transcript, count: int, first: int, last: int, at_ms: int) -> tuple[int, int]:
    timed = event.words[-count:]
    if len(timed) == count and len(event.words) == len(event.text.split()):
        return timed[first].start_ms, timed[last].end_ms
    end_ms = at_ms if event.end_ms is None else event.end_ms
    length_ms = max(0, end_ms - event.start_ms)
    return (
        event.start_ms + length_ms * first // count,
        event.start_ms + length_ms * (last + 1) // count,
    )
