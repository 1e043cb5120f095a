"""A room of a call: who of those that a nudge needs is there, and what their tokens allow.

The server tells what it reads in each token; nobody in the room learns that somebody looked.
Whether the rep's client shows what it gets is not asked: it answers to agents only, and one that
joins for that would be seen by the prospect.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from livekit import api
from livekit.protocol.models import ParticipantInfo

from coach.cli.doctor.finding import ANSWER_SECONDS, Check, Code, Finding
from coach.domain.job import AGENT_IDENTITY_PREFIX
from coach.settings import Settings

Kind = ParticipantInfo.Kind
People = Sequence[ParticipantInfo]


def room_checks(room: str, rep: str) -> tuple[Check, ...]:
    """Return what to look at in a room, whose rep has this identity."""
    return (
        Check("rep in the room", Code.REP_CLIENT, partial(check_rep, room=room, rep=rep)),
        Check("coach in the room", Code.RIGHTS, partial(check_coach, room=room)),
        Check("others in the room", Code.RIGHTS, partial(check_others, room=room, rep=rep)),
    )


async def check_rep(settings: Settings, *, room: str, rep: str) -> Finding:
    """See that the rep is there and can answer: a reply to a nudge is data."""
    here = [p for p in await _people(settings, room) if p.identity == rep]
    if not here or here[0].kind != Kind.STANDARD:
        remedy = "let the rep's client join, or correct --room and --rep"
        return Finding("rep in the room", "not there", remedy, Code.REP_CLIENT)
    if not here[0].permission.can_publish_data:
        remedy = "sign the rep's token with canPublishData"
        seen = "there, but its token does not allow data: it can answer no nudge"
        return Finding("rep in the room", seen, remedy, Code.REP_CLIENT)
    return Finding("rep in the room", "there; its token lets it answer to nudges")


async def check_coach(settings: Settings, *, room: str) -> Finding:
    """See that the coach may listen and call the rep, and no more."""
    here = [p for p in await _people(settings, room) if _is_coach(p)]
    if not here:
        remedy = "bring it: coach dispatch ROOM --rep IDENTITY"
        seen = "not there"
        return Finding("coach in the room", seen, remedy, Code.RIGHTS, is_blocking=False)
    if not all(_is_narrow(p) for p in here):
        remedy = "let the LiveKit server sign it, and nobody else; the worker asks for no more"
        seen = "its token is not a coach's, which may listen and call the rep, and no more"
        return Finding("coach in the room", seen, remedy, Code.RIGHTS)
    return Finding(
        "coach in the room", "there; its token lets it listen and call the rep, and no more"
    )


async def check_others(settings: Settings, *, room: str, rep: str) -> Finding:
    """Count the tokens that allow what a prospect does not need; a colleague's may."""
    people = await _people(settings, room)
    others = [p for p in people if p.identity != rep and p.kind != Kind.AGENT]
    wide = sum(_is_wide(p) for p in others)
    if wide:
        remedy = "sign prospects' tokens without data and without their own metadata (README)"
        seen = f"{wide} of {len(others)} tokens allow data, own metadata or what agents may"
        return Finding("others in the room", seen, remedy, Code.RIGHTS, is_blocking=False)
    return Finding(
        "others in the room", f"none of {len(others)} tokens allows more than a prospect needs"
    )


async def _people(settings: Settings, room: str) -> People:
    key, secret = settings.livekit_pair
    try:
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            api.LiveKitAPI(settings.livekit_url, key, secret) as server,
        ):
            found = await server.room.list_participants(api.ListParticipantsRequest(room=room))
    except api.TwirpError as error:
        if error.code == api.TwirpErrorCode.NOT_FOUND:
            return ()
        raise
    return found.participants


def _is_coach(person: ParticipantInfo) -> bool:
    return person.kind == Kind.AGENT and person.identity.startswith(AGENT_IDENTITY_PREFIX)


def _is_narrow(coach: ParticipantInfo) -> bool:
    may = coach.permission
    needed = may.can_subscribe and may.can_publish_data
    return needed and not (may.can_publish or may.can_update_metadata or may.hidden)


def _is_wide(person: ParticipantInfo) -> bool:
    may = person.permission
    return may.can_publish_data or may.can_update_metadata or may.agent
