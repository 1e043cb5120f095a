"""Who is in the call, and for how long."""

from coach.domain.playbook import Speaker


class Presence:
    """The participants in the room, agents left out, and the meters of their minutes."""

    def __init__(self) -> None:
        self._present: dict[str, tuple[Speaker, int]] = {}
        self._past_ms = 0

    def change(self, identity: str, speaker: Speaker, *, is_present: bool, at_ms: int) -> bool:
        """Somebody came or left. Return whether that is news."""
        if is_present == (identity in self._present):
            return False
        if is_present:
            self._present[identity] = (speaker, at_ms)
        else:
            self._past_ms += at_ms - self._present.pop(identity)[1]
        return True

    def of(self, *speakers: Speaker) -> frozenset[str]:
        """Return the identities present on these sides."""
        return frozenset(who for who, (side, _) in self._present.items() if side in speakers)

    def has(self, speaker: Speaker) -> bool:
        """Whether anybody of a side is present."""
        return any(side is speaker for side, _ in self._present.values())

    def participant_ms(self, at_ms: int) -> int:
        """Return how long participants have been present, summed over them."""
        return self._past_ms + sum(at_ms - since_ms for _, since_ms in self._present.values())
