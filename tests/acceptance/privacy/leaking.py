"""A short call with the leaky worker, watched by the same observer."""

import asyncio
import time
from pathlib import Path

from acceptance.privacy.call import REP_HZ, VOICES_HZ, Seen, Stage, person
from acceptance.privacy.canaries import canary, find_canaries
from acceptance.privacy.prospect import REP, Prospect, hostile_prospect
from acceptance.privacy.recorder import Layer, read_records
from acceptance.privacy.tones import stream_hearing
from integration.recogniser import scripted_recogniser
from integration.rooms import agents_in, close_room, dispatch
from integration.waiting import POLL_SECONDS, eventually

DOORS = ("methods", "session_requests")
TOLD = frozenset({"leakyinstructions", "leakyhint", "saidbyrep"})
"""Canaries that this worker tells by data streams."""
HEAR_SECONDS = 20.0


async def hold_leaky_call(stage: Stage, name: str) -> Seen:
    """Let the rep speak into a worker that tells everybody, and the prospect ask it things."""
    seen = Seen()
    async with (
        scripted_recogniser(stage.recogniser_port) as recogniser,
        person(stage.livekit, REP, name, REP_HZ) as rep,
        hostile_prospect(stage.livekit, name, stage.folder) as prospect,
    ):
        await prospect.do("join")
        await dispatch(stage.livekit, name, "")
        await prospect.do("await_agent")
        voice = await stream_hearing(recogniser, REP_HZ, VOICES_HZ)
        await voice.say(f"between us {canary('saidbyrep')}", is_final=True)
        for door in DOORS:
            await prospect.do(door)
        await _hear_out(prospect)
        await prospect.do("simulator")
        await eventually(lambda: not agents_in(rep.room), "the simulator's leave ends the job")
        seen.has_ended = True
        await close_room(stage.livekit, name)
    seen.records.append(prospect.records)
    seen.outcomes.update(prospect.outcomes)
    return seen


async def _hear_out(prospect: Prospect) -> None:
    """Stay until the answers were read to their ends.

    A client that hangs up at once loses what has reached its native library and not yet its own
    reader: on a busy machine, one of the ways by which a leak is seen saw nothing.
    """
    deadline = time.monotonic() + HEAR_SECONDS
    while True:
        outcome = await prospect.do("stay")
        missing = TOLD - _read_from_streams(prospect.records)
        if not missing and not outcome["unread"]:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"never read from a stream: {sorted(missing)}")
        await asyncio.sleep(POLL_SECONDS)


def _read_from_streams(records: Path) -> set[str]:
    found: set[str] = set()
    for layer, data in read_records(records):
        if layer is Layer.STREAM:
            found |= find_canaries(data)
    return found
