"""The worker: wires settings, playbook, room, ears and panel into one call per job.

The only place where everything meets. What runs here runs in three kinds of process: the main
one, the forkserver that preloads this module, and the job processes forked from it.
"""

import logging
import os
import secrets
from dataclasses import dataclass
from functools import partial
from typing import Final

import aiohttp
from livekit.agents import AutoSubscribe, JobContext, JobProcess

from coach import logs
from coach.adapters.job import parse_job
from coach.adapters.livekit.audio import open_voice_detector
from coach.adapters.livekit.clock import CallClock
from coach.adapters.livekit.ear import Ear, OpenDetector, Surroundings
from coach.adapters.livekit.guard import Guard
from coach.adapters.livekit.methods import Methods
from coach.adapters.livekit.panel import RpcPanel
from coach.adapters.livekit.room import RoomAdapter
from coach.adapters.livekit.server import (
    CoachServer,
    disarm_simulator,
    keep_nothing,
    require_narrow_grants,
)
from coach.adapters.playbook.files import load_playbook
from coach.adapters.speech.deepgram import endpoint_of, open_recogniser
from coach.adapters.speech.vocabulary import word_list
from coach.adapters.trace.file import TraceFile
from coach.application.call import CallSession
from coach.application.ports import Trace
from coach.domain.call import Call
from coach.domain.job import Job
from coach.domain.knowledge import Abilities, Knowledge
from coach.settings import read_settings_or_exit

_LOADED: Final = "coach.loaded"
_log = logging.getLogger(__name__)


# No local end-of-turn model is used; its weights would cost every worker 244 MB.
os.environ.setdefault("LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE", "0")
settings: Final = read_settings_or_exit()


def _playbook_names() -> list[str]:
    """Read the playbook once in the main process, so that a bad one stops the worker at once."""
    return word_list(load_playbook(settings.playbook))


server: Final = CoachServer(settings, _playbook_names)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What all calls of a process share. Nothing of it ever changes."""

    knowledge: Knowledge
    open_detector: OpenDetector | None
    """Hears silence, where sending it costs money."""


def prewarm(process: JobProcess) -> None:
    """Take over the playbook and its engines, once per process.

    Raises:
        PlaybookError: it cannot be used; names file and line.
    """
    logs.install()
    from coach.prewarmed import knowledge  # builds on import: not wanted in the main process

    detector = open_voice_detector() if settings.is_stt_paid else None
    process.userdata[_LOADED] = Loaded(knowledge(), detector)


async def entrypoint(ctx: JobContext) -> None:
    """Coach one call, from joining the room to leaving it."""
    clock, run = CallClock(), f"r-{secrets.token_hex(6)}"
    keep_nothing(ctx)
    require_narrow_grants(ctx.token_claims())
    job = parse_job(ctx.job.metadata)
    ctx.log_context_fields = {"call_id": job.call_id, "run": run}
    async with aiohttp.ClientSession() as http:
        reason = await _coach(ctx, job, run, clock, http)
    ctx.shutdown(reason)


async def _coach(
    ctx: JobContext, job: Job, run: str, clock: CallClock, http: aiohttp.ClientSession
) -> str:
    loaded: Loaded = ctx.proc.userdata[_LOADED]
    guard = Guard(ctx.room, job.rep.identity)
    panel = RpcPanel(guard, job=job, run=run, disclosure=loaded.knowledge.playbook.disclosure)
    room = RoomAdapter(ctx.room, job)
    session = CallSession(
        call=Call(job=job, knowledge=loaded.knowledge, abilities=Abilities(), run=run),
        room=room,
        panel=panel,
        trace=_open_trace(job, run),
        clock=clock,
    )
    endpoint = endpoint_of(settings, job.language)
    around = Surroundings(
        open_recogniser=lambda: open_recogniser(endpoint, http),
        clock=clock,
        post=session.post,
        open_detector=loaded.open_detector,
    )
    methods = Methods(guard, panel, clock=clock, post=session.post, ask=session.ask)
    async with room.running(session.post, partial(Ear, around)):
        await ctx.connect(auto_subscribe=AutoSubscribe.SUBSCRIBE_NONE)
        disarm_simulator(ctx)
        methods.register(ctx.room.local_participant)
        room.report_present()
        reason = await session.run()
        _log.info("call over", extra={"reason": reason})
        return reason


def _open_trace(job: Job, run: str) -> Trace | None:
    if settings.trace_dir is None:
        return None
    return TraceFile.open(settings.trace_dir, job.call_id, run, job)


server.setup_fnc = prewarm
server.rtc_session(
    entrypoint, agent_name=settings.agent_name, on_request=server.admission.on_request
)
