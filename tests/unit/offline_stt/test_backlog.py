"""The queue before a decoder."""

import numpy as np

from offline_stt.backlog import Backlog
from offline_stt.gate import Audio, Begin, End
from offline_stt.units import SLICE_SAMPLES

HALF = SLICE_SAMPLES // 2


def audio(sample: int, count: int = HALF) -> Audio:
    return Audio(sample, np.full(count, sample % 1000, dtype=np.int16))


async def test_events_leave_in_order_and_audio_that_adjoins_is_joined() -> None:
    backlog = Backlog()
    for event in (Begin(0), audio(0), audio(HALF), audio(2 * HALF), End(3 * HALF)):
        backlog.put(event)

    taken = [await backlog.get() for _ in range(4)]

    assert [type(event) for event in taken] == [Begin, Audio, Audio, End]
    joined = taken[1]
    assert isinstance(joined, Audio)
    np.testing.assert_array_equal(
        joined.samples, np.concatenate((audio(0).samples, audio(HALF).samples))
    )


async def test_beyond_its_limit_the_oldest_audio_is_dropped_and_counted() -> None:
    backlog = Backlog(limit_samples=2 * HALF)
    for event in (Begin(0), audio(0), audio(HALF), audio(2 * HALF), End(3 * HALF)):
        backlog.put(event)

    taken = [await backlog.get() for _ in range(3)]

    assert backlog.dropped_samples == HALF
    assert taken[0] == Begin(0)
    assert isinstance(taken[1], Audio) and taken[1].sample == HALF
    assert taken[2] == End(3 * HALF)


async def test_audio_around_a_gap_is_not_joined() -> None:
    backlog = Backlog()
    for event in (audio(0, 100), audio(900, 100)):
        backlog.put(event)

    first, second = await backlog.get(), await backlog.get()

    assert isinstance(first, Audio) and isinstance(second, Audio)
    assert (first.sample, second.sample) == (0, 900)
