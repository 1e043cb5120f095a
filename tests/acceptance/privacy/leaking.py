"""A short call with the leaky worker, watched by the same observer."""

from acceptance.privacy.call import REP_HZ, VOICES_HZ, Seen, Stage, person
from acceptance.privacy.canaries import canary
from acceptance.privacy.prospect import REP, hostile_prospect
from acceptance.privacy.tones import stream_hearing
from integration.servers import agents_in, close_room, dispatch, eventually, scripted_recogniser

DOORS = ("methods", "session_requests", "simulator")


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
        await eventually(lambda: not agents_in(rep.room), "the simulator's leave ends the job")
        seen.has_ended = True
        await close_room(stage.livekit, name)
    seen.records.append(prospect.records)
    seen.outcomes.update(prospect.outcomes)
    return seen
