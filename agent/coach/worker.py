"""The worker: wires settings, playbook, room, ears and panel into one call per job.

The only place where everything meets. What runs here runs in three kinds of process: the main
one, the forkserver that preloads this module, and the job processes forked from it.
"""

import logging
import multiprocessing
import os
import secrets
import sys
from dataclasses import dataclass
from typing import Final

import aiohttp
from livekit import rtc
from livekit.agents import AutoSubscribe, JobContext, JobProcess

from coach import logs
from coach.adapters.livekit.clock import CallClock
from coach.adapters.livekit.audio import open_voice_detector
from coach.adapters.livekit.ear import Ear, OpenDetector, Surroundings
from coach.adapters.livekit.guard import Guard
from coach.adapters.livekit.job import parse_job
from coach.adapters.livekit.methods import Methods
from coach.adapters.livekit.panel import RpcPanel
from coach.adapters.livekit.room import RoomAdapter
from coach.adapters.livekit.server import (
    CoachServer,
    disarm_simulator,
    keep_nothing,
    require_narrow_grants,
)
from coach.adapters.matching import CardIndex, PhraseMatcher
from coach.adapters.playbook.files import load_playbook
from coach.adapters.speech.deepgram import Endpoint, open_recogniser
from coach.adapters.speech.vocabulary import word_list
from coach.adapters.trace.file import TraceFile
from coach.application.call import CallSession
from coach.application.ports import Trace
from coach.domain.call import Call
from coach.domain.job import Job
from coach.domain.matching import CardSearch, Matcher
from coach.domain.playbook import Playbook, Speaker
from coach.errors import ConfigError
from coach.settings import Settings

BAD_CONFIGURATION: Final = 2
_LOADED: Final = "coach.loaded"
_log = logging.getLogger(__name__)


def _read_settings() -> Settings:
    """Read the environment, or say in one line what is wrong with it and stop the worker."""
    try:
        return Settings.from_env()
    except ConfigError as error:
        if multiprocessing.parent_process() is not None:
            raise
        sys.stderr.write(f"{error}\n")
        raise SystemExit(BAD_CONFIGURATION) from None


# No local end-of-turn model is used; its weights would cost every worker 244 MB.
os.environ.setdefault("LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE", "0")
settings: Final = _read_settings()


def _playbook_names() -> list[str]:
    """Read the playbook once in the main process, so that a bad one stops the worker at once."""
    return word_list(load_playbook(settings.playbook))


server: Final = CoachServer(settings, _playbook_names)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What all calls of a process share. Nothing of it ever changes."""

    playbook: Playbook
    matcher: Matcher
    cards: CardSearch
    open_detector: OpenDetector | None
    """Hears silence, where sending it costs money."""


def prewarm(process: JobProcess) -> None:
    """Load the playbook and build its engines, once per process.

    Raises:
        PlaybookError: it cannot be used; names file and line.
    """
    logs.install()
    playbook = load_playbook(settings.playbook)
    matcher, cards = PhraseMatcher.build(playbook), CardIndex.build(playbook)
    detector = open_voice_detector() if settings.is_stt_paid else None
    process.userdata[_LOADED] = Loaded(playbook, matcher, cards, detector)


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
    panel = RpcPanel(
        guard,
        run=run,
        call_id=job.call_id,
        policy=job.consent.policy,
        disclosure=loaded.playbook.disclosure,
    )
    room = RoomAdapter(ctx.room, job)
    session = CallSession(
        call=Call(
            job=job,
            playbook=loaded.playbook,
            matcher=loaded.matcher,
            cards=loaded.cards,
            run=run,
            turns_given=True,
        ),
        room=room,
        panel=panel,
        trace=_open_trace(job, run),
        clock=clock,
    )
    endpoint = _endpoint(job)
    around = Surroundings(
        open_recogniser=lambda: open_recogniser(endpoint, http),
        clock=clock,
        post=session.post,
        open_detector=loaded.open_detector,
    )

    def open_ear(identity: str, speaker: Speaker, track: rtc.Track) -> Ear:
        return Ear(identity=identity, speaker=speaker, track=track, around=around)

    methods = Methods(guard, panel, clock=clock, post=session.post, ask=session.ask)
    async with room.running(session.post, open_ear):
        await ctx.connect(auto_subscribe=AutoSubscribe.SUBSCRIBE_NONE)
        disarm_simulator(ctx)
        methods.register(ctx.room.local_participant)
        room.report_present()
        reason = await session.run()
        _log.info("call over", extra={"reason": reason})
        return reason


def _endpoint(job: Job) -> Endpoint:
    url = settings.stt_url
    if url is None:
        raise ConfigError("COACH_STT_BASE_URL", "is set by the worker's main process for its jobs")
    return Endpoint(url, settings.stt_key, settings.stt_model, job.language or settings.language)


def _open_trace(job: Job, run: str) -> Trace | None:
    if settings.trace_dir is None:
        return None
    return TraceFile.open(settings.trace_dir, job.call_id, run, job)


server.setup_fnc = prewarm
server.rtc_session(
    entrypoint, agent_name=settings.agent_name, on_request=server.admission.on_request
)
