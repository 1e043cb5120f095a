"""A room that remembers whose microphones it was told to hear."""


class RecordingRoom:
    """Implements `Room`."""

    def __init__(self) -> None:
        self.heard: list[frozenset[str]] = []

    def listen(self, identities: frozenset[str]) -> None:
        self.heard.append(identities)

    @property
    def listening(self) -> frozenset[str]:
        """Who is heard now."""
        return self.heard[-1] if self.heard else frozenset()
