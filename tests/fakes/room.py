"""A room that remembers what it was told to hear and see."""

from coach.domain.screen import Look


class RecordingRoom:
    """Implements `Room`."""

    def __init__(self) -> None:
        self.heard: list[frozenset[str]] = []
        self.watched: list[bool] = []
        self.looks: list[Look] = []
        self.frames: dict[str, bytes] = {}
        self.forgotten_count = 0

    def listen(self, identities: frozenset[str]) -> None:
        self.heard.append(identities)

    def watch(self, is_on: bool) -> None:
        self.watched.append(is_on)

    def look(self, look: Look) -> None:
        self.looks.append(look)

    def frame(self, name: str) -> bytes | None:
        return self.frames.get(name)

    def forget_frames(self) -> None:
        self.forgotten_count += 1
        self.frames.clear()

    def meters(self) -> dict[str, int]:
        return {"frames_seen": 0, "frames_sampled": len(self.frames)}

    @property
    def listening(self) -> frozenset[str]:
        """Who is heard now."""
        return self.heard[-1] if self.heard else frozenset()
