"""What the doctor says of the people in a room, from what the server knows of their tokens."""

from livekit import api
from livekit.protocol.models import ParticipantInfo, ParticipantPermission

from coach.cli.doctor import room
from coach.cli.doctor.finding import Code, Finding
from coach.settings import Settings
from fakes.web import web_server

PEOPLE = "/twirp/livekit.RoomService/ListParticipants"
AGENT = ParticipantInfo.Kind.AGENT


def somebody(
    identity: str, kind: ParticipantInfo.Kind = ParticipantInfo.Kind.STANDARD, **rights: bool
) -> ParticipantInfo:
    permission = ParticipantPermission(can_subscribe=True)
    for right, is_given in rights.items():
        setattr(permission, right, is_given)
    return ParticipantInfo(identity=identity, kind=kind, permission=permission)


REP = somebody("rep-1", can_publish=True, can_publish_data=True)
COACH = somebody("call-assistant-AJ_1", AGENT, can_publish_data=True, agent=True)
BUYER = somebody("buyer-1", can_publish=True)


async def seen_in(*people: ParticipantInfo) -> dict[str, Finding]:
    """Make the checks of a room that these people are in; return the findings by their name."""
    answer = api.ListParticipantsResponse(participants=people).SerializeToString()
    async with web_server(404, pages={PEOPLE: (200, answer)}) as url:
        settings = Settings(LIVEKIT_URL=url, LIVEKIT_API_KEY="key", LIVEKIT_API_SECRET="s" * 40)  # type: ignore[arg-type]
        found = [await check.finding(settings) for check in room.room_checks("room", "rep-1")]
    return {finding.what.partition(" ")[0]: finding for finding in found}


async def test_a_call_in_order_is_well() -> None:
    found = await seen_in(REP, COACH, BUYER)

    assert all(finding.is_good for finding in found.values())


async def test_a_rep_that_is_not_there_is_missed() -> None:
    found = await seen_in(COACH, BUYER)

    assert found["rep"].code is Code.REP_CLIENT
    assert found["rep"].is_blocking


async def test_an_agent_under_the_reps_identity_is_not_the_rep() -> None:
    found = await seen_in(somebody("rep-1", AGENT, can_publish_data=True))

    assert found["rep"].code is Code.REP_CLIENT


async def test_a_rep_that_cannot_send_data_can_answer_no_nudge() -> None:
    found = await seen_in(somebody("rep-1", can_publish=True))

    assert found["rep"].code is Code.REP_CLIENT
    assert "canPublishData" in found["rep"].remedy


async def test_a_coach_that_is_not_there_is_no_fault() -> None:
    found = await seen_in(REP, somebody("another-agent", AGENT, can_publish=True))

    assert found["coach"].seen == "not there"
    assert not found["coach"].is_blocking


async def test_a_coach_that_may_do_more_or_less_than_its_work_is_found() -> None:
    narrow = {"can_publish_data": True}
    for rights in (
        {**narrow, "can_publish": True},
        {**narrow, "can_update_metadata": True},
        {**narrow, "hidden": True},
        {"can_publish_data": False},
    ):
        found = await seen_in(REP, somebody("call-assistant-AJ_1", AGENT, **rights))

        assert found["coach"].code is Code.RIGHTS, rights
        assert found["coach"].is_blocking


async def test_others_whose_tokens_allow_much_are_counted_and_not_named() -> None:
    """A colleague may have them, and who is one only the job knows: it stops nothing."""
    chatty = somebody("chatty", can_publish_data=True)
    renamer = somebody("renamer", can_update_metadata=True)
    false_agent = somebody("false-agent", agent=True)

    found = await seen_in(REP, COACH, BUYER, chatty, renamer, false_agent)

    assert found["others"].seen.startswith("3 of 4 tokens")
    assert found["others"].code is Code.RIGHTS
    assert not found["others"].is_blocking


async def test_a_room_that_is_not_there_has_nobody_in_it() -> None:
    missing = (404, b'{"code": "not_found"}')
    async with web_server(404, pages={PEOPLE: missing}) as url:
        settings = Settings(LIVEKIT_URL=url, LIVEKIT_API_KEY="key", LIVEKIT_API_SECRET="s" * 40)  # type: ignore[arg-type]
        finding = await room.check_rep(settings, room="room", rep="rep-1")

    assert finding.code is Code.REP_CLIENT
