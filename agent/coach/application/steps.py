"""What time alone brings, one due moment at a time, so that each output has its own time."""

from collections.abc import Iterator

from coach.domain.call import Call
from coach.domain.outputs import Output


def due_steps(call: Call, at_ms: int) -> Iterator[tuple[int, list[Output]]]:
    """Advance a call to a time, yielding what each due moment on the way brings."""
    while (due_ms := call.next_due_ms()) is not None and due_ms <= at_ms:
        yield due_ms, call.advance(due_ms)
    call.advance(at_ms)
