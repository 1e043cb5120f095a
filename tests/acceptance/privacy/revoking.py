"""A prospect who leaves at the very moment at which the rep revokes."""

from acceptance.privacy.call import REP_HZ, REVOKED_SECONDS, Seen, Stage, comes_true, person
from acceptance.privacy.prospect import PROSPECT, REP
from acceptance.privacy.tones import stream_hearing
from coach_terminal.client import RepClient
from integration.people import joined
from integration.recogniser import ScriptedRecogniser, scripted_recogniser
from integration.rooms import close_room, dispatch, metadata
from integration.waiting import eventually

PROSPECT_HZ = 700.0
TIMES = 6


async def leaves_recogniser_open(stage: Stage, name: str) -> bool:
    """Let somebody leave while consent is revoked, some times, until a connection stays open."""
    seen, left_open = Seen(), False
    async with (
        scripted_recogniser(stage.recogniser_port) as recogniser,
        person(stage.livekit, REP, name, REP_HZ) as rep,
        RepClient(rep.room, on_event=seen.events.append) as panel,
    ):
        await dispatch(stage.livekit, name, metadata(consent={"state": "pending"}))
        await eventually(seen.hellos, "the coach says hello")
        for _ in range(TIMES):
            await panel.consent_granted()
            await _come_speak_and_leave(stage, name, recogniser)
            await panel.consent_revoked()
            left_open = not await comes_true(lambda: not recogniser.open_streams, REVOKED_SECONDS)
            if left_open:
                break
        await close_room(stage.livekit, name)
    return left_open


async def _come_speak_and_leave(stage: Stage, name: str, recogniser: ScriptedRecogniser) -> None:
    async with joined(stage.livekit, PROSPECT, name) as prospect:
        await prospect.publish_microphone(PROSPECT_HZ)
        voice = await stream_hearing(recogniser, PROSPECT_HZ, (REP_HZ, PROSPECT_HZ))
        await voice.say("an unfinished sentence")
