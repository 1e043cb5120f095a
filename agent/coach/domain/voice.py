"""Who speaks when, from voice activity; from the words' times where there is none."""

from collections import deque
from dataclasses import dataclass

from coach.domain.playbook import Speaker

_BREATH_MS = 3_000
"""A pause shorter than this does not give up the floor."""
_BACK_CHANNEL_MS = 1_200
""""Right", "mm-hm": speech of another side this short does not take the floor."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Somebody's uninterrupted speech."""

    speaker: Speaker
    start_ms: int
    end_ms: int


class Voices:
    """Speech now and in the last `window_ms`."""

    def __init__(self, window_ms: int) -> None:
        self._window_ms = window_ms
        self._active: dict[str, tuple[Speaker, int]] = {}
        self._metered: set[str] = set()  # identities whose voice activity the server reports
        self._past: deque[Stretch] = deque(maxlen=2_000)
        self._floor: dict[Speaker, Stretch] = {}  # since when, and until when, a side has had it
        self.began_ms: int | None = None
        self.last_voice_ms: int | None = None
        """When somebody was last heard; now, while somebody speaks."""

    def activity(self, identity: str, speaker: Speaker, *, is_active: bool, at_ms: int) -> None:
        """The server says that somebody began or ceased to speak."""
        self._metered.add(identity)
        self._change(identity, speaker, is_active, at_ms)

    def words(self, identity: str, speaker: Speaker, start_ms: int, at_ms: int) -> None:
        """Words were heard; they count as voice until their final where no activity is reported."""
        if identity in self._metered:
            self.last_voice_ms = max(at_ms, self.last_voice_ms or 0)
        else:
            self._change(identity, speaker, True, start_ms)

    def words_ended(self, identity: str, end_ms: int) -> None:
        """A final closed somebody's words."""
        if identity not in self._metered:
            self.left(identity, end_ms)

    def left(self, identity: str, at_ms: int) -> None:
        """Somebody is gone and cannot be speaking."""
        if identity in self._active:
            self._change(identity, self._active[identity][0], False, at_ms)

    def pause(self, at_ms: int) -> None:
        """Nobody listens from now on: neither speech nor silence goes on until a new voice."""
        for identity in list(self._active):
            self.left(identity, at_ms)
        self._metered.clear()
        self._floor.clear()
        self.last_voice_ms = None

    def is_speaking(self, speaker: Speaker) -> bool:
        """Whether anybody of that side speaks now."""
        return any(side is speaker for side, _ in self._active.values())

    @property
    def is_quiet(self) -> bool:
        """Whether nobody speaks now."""
        return not self._active

    def floor_since(self, speaker: Speaker, at_ms: int) -> int | None:
        """Return since when a side that speaks now has held the floor."""
        floor = self._floor.get(speaker)
        if floor is None or not self.is_speaking(speaker):
            return None
        rivals = [start for side, start in self._active.values() if side is not speaker]
        is_contested = any(at_ms - start > _BACK_CHANNEL_MS for start in rivals)
        return None if is_contested else floor.start_ms

    def talk_ms(self, speaker: Speaker, since_ms: int, at_ms: int) -> int:
        """Return how long that side spoke between two times."""
        now = [Stretch(side, start, at_ms) for side, start in self._active.values()]
        return sum(
            max(0, min(stretch.end_ms, at_ms) - max(stretch.start_ms, since_ms))
            for stretch in [*self._past, *now]
            if stretch.speaker is speaker
        )

    def _change(self, identity: str, speaker: Speaker, is_active: bool, at_ms: int) -> None:
        self.began_ms = at_ms if self.began_ms is None else self.began_ms
        self.last_voice_ms = max(at_ms, self.last_voice_ms or 0)
        if is_active and identity not in self._active:
            if not self.is_speaking(speaker):
                self._take_floor(speaker, at_ms)
            self._active[identity] = (speaker, at_ms)
        elif not is_active and identity in self._active:
            side, start_ms = self._active.pop(identity)
            self._end(Stretch(side, start_ms, max(start_ms, at_ms)))

    def _take_floor(self, speaker: Speaker, at_ms: int) -> None:
        floor = self._floor.get(speaker)
        if floor is None or at_ms - floor.end_ms > _BREATH_MS:
            self._floor[speaker] = Stretch(speaker, at_ms, at_ms)

    def _end(self, stretch: Stretch) -> None:
        self._past.append(stretch)
        while self._past[0].end_ms < stretch.end_ms - self._window_ms:
            self._past.popleft()
        floor = self._floor.get(stretch.speaker)
        if floor is not None:
            self._floor[stretch.speaker] = Stretch(floor.speaker, floor.start_ms, stretch.end_ms)
        if stretch.end_ms - stretch.start_ms > _BACK_CHANNEL_MS:
            self._interrupt(stretch)

    def _interrupt(self, stretch: Stretch) -> None:
        """A side said more than a back-channel: the others' floor is gone, or begins anew."""
        for side in [side for side in self._floor if side is not stretch.speaker]:
            del self._floor[side]
            if self.is_speaking(side):
                self._floor[side] = Stretch(side, stretch.end_ms, stretch.end_ms)
