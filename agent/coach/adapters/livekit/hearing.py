"""From a recogniser's events to what the call hears of one speaker. No I/O, no tasks.

Deepgram sends interim results until one says `is_final`; the plugin makes that one a final
whether or not the speaker has paused (`speech_final`), and interims after it hold only newer
words. So each event is "all words since the last final" as it stands, and a final closes the
segment. A segment whose words the recogniser takes back entirely ends without any event: the
end of speech closes it with an empty final.
"""

from collections.abc import Sequence

from livekit.agents import stt
from livekit.agents.types import TimedString

from coach.adapters.livekit.timeline import Timeline
from coach.application.ports import Clock, EventSink
from coach.domain.events import Transcript, TurnCompleted, Word
from coach.domain.playbook import Speaker

BEHIND_MS = 5_000
"""A recogniser whose newest words are older than this is behind: it is better begun anew."""


class Hearing:
    """One speaker's words, on the call's clock."""

    def __init__(
        self, *, identity: str, speaker: Speaker, timeline: Timeline, clock: Clock, post: EventSink
    ) -> None:
        self._identity, self._speaker = identity, speaker
        self._timeline, self._clock, self._post = timeline, clock, post
        self._open_since_ms: int | None = None  # start of the segment that has no final yet
        self._is_deaf = False
        self.is_behind = False

    @property
    def is_open(self) -> bool:
        """Whether words wait for their final."""
        return self._open_since_ms is not None

    def stop(self) -> None:
        """Post nothing any more, whatever still comes."""
        self._is_deaf = True

    def take(self, event: stt.SpeechEvent) -> bool:
        """Post what an event says. Return whether it held words."""
        if event.type is stt.SpeechEventType.END_OF_SPEECH:
            self.close()
            return False
        is_final = event.type is stt.SpeechEventType.FINAL_TRANSCRIPT
        if not (is_final or event.type is stt.SpeechEventType.INTERIM_TRANSCRIPT):
            return False
        if not event.alternatives or not event.alternatives[0].text:
            return False
        self._heard(event.alternatives[0], is_final=is_final)
        return True

    def turn(self) -> None:
        """Post the end of a turn."""
        if not self._is_deaf:
            self._post(TurnCompleted(self._identity, self._speaker))

    def _heard(self, data: stt.SpeechData, *, is_final: bool) -> None:
        words = self._words(data.words or ())
        now_ms = self._clock.now_ms()
        if words and now_ms - words[-1].end_ms > BEHIND_MS:
            self.is_behind = True
            return
        start_ms = words[0].start_ms if words else self._open_since_ms or now_ms
        self._open_since_ms = None if is_final else start_ms
        self._emit(data.text, start_ms, words, is_final=is_final)

    def close(self) -> None:
        """End an open segment: its recogniser has taken its words back, or is gone."""
        start_ms, self._open_since_ms = self._open_since_ms, None
        if start_ms is not None:
            self._emit("", start_ms, (), is_final=True)

    def _emit(self, text: str, start_ms: int, words: tuple[Word, ...], *, is_final: bool) -> None:
        if self._is_deaf:
            return
        self._post(
            Transcript(
                identity=self._identity,
                speaker=self._speaker,
                text=text,
                is_final=is_final,
                start_ms=start_ms,
                end_ms=words[-1].end_ms if words else None,
                words=words,
            )
        )

    def _words(self, spoken: Sequence[TimedString]) -> tuple[Word, ...]:
        return tuple(
            Word(
                text=str(word),
                start_ms=self._at(word, word.start_time),
                end_ms=self._at(word, word.end_time),
                confidence=word.confidence if isinstance(word.confidence, float) else 1.0,
            )
            for word in spoken
        )

    def _at(self, word: TimedString, seconds: object) -> int:
        """Return the call's clock for a time that the plugin has moved by its own offset."""
        if not isinstance(seconds, int | float):
            return self._clock.now_ms()
        offset = word.start_time_offset
        own_offset = offset if isinstance(offset, int | float) else 0.0
        return self._timeline.call_ms((seconds - own_offset) * 1_000)
