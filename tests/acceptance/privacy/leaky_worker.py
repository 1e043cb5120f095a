"""A worker that leaks, as a straightforward one does: the observer must catch it.

Most of it is what `AgentSession.start(room=...)` does by itself. The rest are mistakes that are
easily made: a hint sent as data, as an attribute, as a stream, or called to everybody.
"""

import asyncio
import logging
import os

from livekit import rtc
from livekit.agents import Agent, AgentServer, AgentSession, JobContext, cli, room_io
from livekit.plugins import deepgram

INSTRUCTIONS = "You coach the rep xqkanarileakyinstructionszz"
HINT = "Give no discount xqkanarileakyhintzz"
AGENT_METHOD = "coach_control"
PORT = int(os.environ["COACH_HTTP_PORT"])

# The machine's load is not its business: the server gives no job to a worker that seems full.
server = AgentServer(host="127.0.0.1", port=PORT, num_idle_processes=1, load_fnc=lambda: 0.0)


@server.rtc_session(agent_name="call-assistant")
async def entrypoint(ctx: JobContext) -> None:
    """Join, transcribe to everybody, and send a hint by every channel there is."""
    await ctx.connect()
    stt = deepgram.STT(base_url=os.environ["COACH_STT_BASE_URL"], api_key="none")
    session: AgentSession[None] = AgentSession(
        stt=stt, vad=None, turn_handling={"turn_detection": "stt"}
    )
    options = room_io.RoomOptions(participant_identity="rep-1")
    agent = Agent(instructions=INSTRUCTIONS)
    await session.start(agent, room=ctx.room, room_options=options)
    me = ctx.room.local_participant
    me.register_rpc_method(AGENT_METHOD, _refuse)
    await _send_everywhere(ctx.room)


def _refuse(call: rtc.RpcInvocationData) -> str:
    """Refuse strangers in a way that tells them that the method exists."""
    raise rtc.RpcError(1500, "only the rep may do that")


async def _send_everywhere(room: rtc.Room) -> None:
    me = room.local_participant
    await me.publish_data(HINT, topic="hint")
    await me.send_text(HINT, topic="hint")
    writer = await me.stream_bytes("hint", topic="hint")
    for piece in (HINT[:25], HINT[25:]):
        await writer.write(piece.encode())
    await writer.aclose()
    await me.set_attributes({"hint": HINT})
    await me.set_metadata(HINT)
    for identity in list(room.remote_participants):
        try:
            await me.perform_rpc(destination_identity=identity, method="coach_nudge", payload=HINT)
        except rtc.RpcError:
            await asyncio.sleep(0)


def _on_registered(*_: object) -> None:
    extra = {"host": "127.0.0.1", "port": PORT}
    logging.getLogger("leaky").info("health endpoint", extra=extra)


server.on("worker_registered", _on_registered)

if __name__ == "__main__":
    cli.run_app(server)
