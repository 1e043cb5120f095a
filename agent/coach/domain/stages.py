"""Where the call stands (opening, discovery, …): from cues, refined by the advisor."""

from collections.abc import Sequence

from coach.domain.playbook import Stage, Topic


class Stages:
    """The current stage, and the topics covered so far. Cues and time move it forward only."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._stages = stages
        self._index = 0
        self._covered: set[str] = set()
        self._is_called_back = False  # the advisor went back: time alone does not undo that

    @property
    def current(self) -> Stage | None:
        """The stage the call is in; None when the playbook has none."""
        return self._stages[self._index] if self._stages else None

    def cover(self, topics: frozenset[str]) -> None:
        """Somebody spoke about these topics."""
        self._covered |= topics

    def cue(self, stages: frozenset[str]) -> tuple[Stage, ...]:
        """Cue phrases of these stages were said. Return the stages that are over by that."""
        ahead = [i for i, stage in enumerate(self._stages) if stage.id in stages]
        return self._move_to(max(ahead, default=0))

    def refine(self, stage: str) -> tuple[Stage, ...]:
        """The advisor names the stage: go there, or one step back. Return what is over."""
        index = next((i for i, each in enumerate(self._stages) if each.id == stage), self._index)
        if index >= self._index:
            return self._move_to(index)
        self._index -= 1
        self._is_called_back = True
        return ()

    def due_ms(self) -> int | None:
        """The latest time at which the next stage begins."""
        following = self._stages[self._index + 1 : self._index + 2]
        if self._is_called_back:
            return None
        return following[0].begins_after_ms if following else None

    def tick(self, at_ms: int) -> tuple[Stage, ...]:
        """Begin the next stage when its time has come. Return the stage that is over by that."""
        due_ms = self.due_ms()
        return self._move_to(self._index + 1) if due_ms is not None and due_ms <= at_ms else ()

    def missed(self, stage: Stage) -> tuple[Topic, ...]:
        """Return the topics of a stage that nobody spoke about."""
        return tuple(topic for topic in stage.topics if topic.id not in self._covered)

    def _move_to(self, index: int) -> tuple[Stage, ...]:
        """Go forward. A stage that is skipped is over, too."""
        ended = tuple(self._stages[self._index : index])
        self._is_called_back = self._is_called_back and not ended
        self._index = max(index, self._index)
        return ended
