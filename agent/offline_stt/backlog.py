"""Bounded queue between a stream's voice gate and its decoder process."""

import asyncio
from collections import deque

import numpy as np

from offline_stt.gate import Audio, GateEvent
from offline_stt.units import SAMPLE_RATE_HZ, SLICE_SAMPLES

BACKLOG_LIMIT_SAMPLES = 5 * SAMPLE_RATE_HZ


class Backlog:
    """Holds at most 5 s of audio; beyond that the oldest audio is dropped and counted.

    Begin and End are never dropped: they cost nothing and keep the decoder in step.
    """

    def __init__(self, limit_samples: int = BACKLOG_LIMIT_SAMPLES) -> None:
        self._limit_samples = limit_samples
        self._events: deque[GateEvent] = deque()
        self._waiting_samples = 0
        self._filled = asyncio.Event()
        self.dropped_samples = 0

    def put(self, event: GateEvent) -> None:
        """Append an event; never blocks."""
        self._events.append(event)
        if isinstance(event, Audio):
            self._waiting_samples += len(event.samples)
            while self._waiting_samples > self._limit_samples:
                self._drop_oldest_audio()
        self._filled.set()

    async def get(self) -> GateEvent:
        """Wait for the next event; audio that adjoins is joined, up to one slice."""
        while not self._events:
            self._filled.clear()
            await self._filled.wait()
        event = self._events.popleft()
        if not isinstance(event, Audio):
            return event
        self._waiting_samples -= len(event.samples)
        return self._join_following(event)

    def _join_following(self, first: Audio) -> Audio:
        pieces, length = [first.samples], len(first.samples)
        while self._events:
            following = self._events[0]
            if (
                not isinstance(following, Audio)
                or following.sample != first.sample + length
                or length + len(following.samples) > SLICE_SAMPLES
            ):
                break
            self._events.popleft()
            self._waiting_samples -= len(following.samples)
            pieces.append(following.samples)
            length += len(following.samples)
        return first if len(pieces) == 1 else Audio(first.sample, np.concatenate(pieces))

    def _drop_oldest_audio(self) -> None:
        for index, event in enumerate(self._events):
            if isinstance(event, Audio):
                del self._events[index]
                self._waiting_samples -= len(event.samples)
                self.dropped_samples += len(event.samples)
                return
