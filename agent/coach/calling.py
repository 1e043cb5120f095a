"""Puts one call together with everything that it reaches, and takes it apart again.

The worker says which job; this module opens room, ears, eye, panel, model, tools and trace for
it, lets the call run, and closes what it opened, in the reverse order.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import aiohttp
from livekit.agents import AutoSubscribe, JobContext

from coach.adapters.livekit.clock import CallClock
from coach.adapters.livekit.ear import Ear, OpenDetector, Surroundings
from coach.adapters.livekit.eye import Eye, Sight
from coach.adapters.livekit.guard import Guard
from coach.adapters.livekit.methods import Methods
from coach.adapters.livekit.panel import RpcPanel
from coach.adapters.livekit.room import RoomAdapter
from coach.adapters.livekit.server import disarm_simulator
from coach.adapters.livekit.session import CONNECT_SECONDS
from coach.adapters.livekit.succession import Succession
from coach.adapters.profile import Profile
from coach.adapters.screen.files import FrameFiles
from coach.adapters.screen.text import TextReader
from coach.adapters.speech.chain import RecogniserChain, endpoints_of
from coach.adapters.speech.deepgram import open_recogniser
from coach.adapters.tools import open_tools
from coach.adapters.trace.file import TraceFile
from coach.application.call import CallSession, Outside
from coach.application.ports import Advisor, EventSink, ToolBox, Trace
from coach.domain.call import Call
from coach.domain.events import Event, ServiceChanged
from coach.domain.job import Job
from coach.domain.knowledge import Abilities, Knowledge
from coach.setting_types import is_loopback
from coach.settings import Settings

SWITCH_SECONDS = 1.5
"""A recogniser that has a stand-in may take this long to answer: a switch costs 2 s at most."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Worker:
    """What all calls of a process share. Nothing of it ever changes."""

    settings: Settings
    knowledge: Knowledge
    open_detector: OpenDetector
    """Hears silence, where sending it costs money."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One job: who is who, by which services, since when."""

    job: Job
    run: str
    """New for each job."""
    profile: Profile
    clock: CallClock


class _Post:
    """Hands events to a session that is made after those who report to it."""

    def __init__(self) -> None:
        self.to: EventSink = lambda event: None

    def __call__(self, event: Event) -> None:
        self.to(event)


async def coach(ctx: JobContext, worker: Worker, given: Assignment) -> str:
    """Coach one call until it is over. Return why it ended."""
    guard = Guard(ctx.room, given.job.rep.identity)
    disclosure = worker.knowledge.playbook.disclosure
    panel = RpcPanel(guard, job=given.job, run=given.run, disclosure=disclosure)
    room, post = RoomAdapter(ctx.room, given.job), _Post()
    succession = Succession(ctx.room, given.job.rep.identity, ctx.job.dispatch_id, post)
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        advisor = await stack.enter_async_context(_advisor(worker, given, post))
        files = await stack.enter_async_context(_frame_files(worker, given))
        tools = await stack.enter_async_context(_tools(worker, given)) if advisor else None
        outside = Outside(room, panel, _trace(worker, given), advisor, tools)
        session = CallSession(_call(worker, given, outside), outside, given.clock)
        post.to = session.post
        methods = Methods(guard, panel, clock=given.clock, post=session.post, ask=session.ask)
        eye = Eye(Sight(given.clock, session.post, files, TextReader.find()))
        ears = partial(Ear, _surroundings(worker, given, http, session.post))
        await stack.enter_async_context(room.running(session.post, ears, eye))
        settings = worker.settings
        server = (settings.livekit_url, *settings.livekit_pair)
        await stack.enter_async_context(succession.watching(*server))
        await ctx.connect(auto_subscribe=AutoSubscribe.SUBSCRIBE_NONE)
        disarm_simulator(ctx)
        methods.register(ctx.room.local_participant)
        room.report_present()
        succession.look()
        reason = await session.run()
        _log.info("call over", extra={"reason": reason})
        return reason


def _call(worker: Worker, given: Assignment, outside: Outside) -> Call:
    abilities = Abilities(
        has_advisor=outside.advisor is not None, has_tools=outside.tools is not None, has_eye=True
    )
    return Call(job=given.job, knowledge=worker.knowledge, abilities=abilities, run=given.run)


def _surroundings(
    worker: Worker, given: Assignment, http: aiohttp.ClientSession, post: EventSink
) -> Surroundings:
    endpoints = endpoints_of(given.profile, worker.settings, given.job.language)
    first = f"{given.profile.name}/{endpoints[0].model}"

    def switched(served_by: str) -> None:
        post(ServiceChanged("stt_first_choice", is_up=served_by == first, served_by=served_by))

    recognisers = RecogniserChain(
        endpoints, lambda endpoint: open_recogniser(endpoint, http), switched, given.profile.name
    )
    is_paid = any(not is_loopback(endpoint.url) for endpoint in endpoints)
    return Surroundings(
        open_recogniser=recognisers,
        clock=given.clock,
        post=post,
        open_detector=worker.open_detector if is_paid else None,
        connect_seconds=CONNECT_SECONDS if len(endpoints) == 1 else SWITCH_SECONDS,
    )


@asynccontextmanager
async def _advisor(
    worker: Worker, given: Assignment, post: EventSink
) -> AsyncIterator[Advisor | None]:
    if not given.profile.llm:
        yield None
        return
    # Importing what talks to a model takes 20 MB: where no profile has one it never is.
    from coach.adapters.models.advisor import open_advisor

    first = given.profile.llm[0].model

    def notice(served_by: str, is_up: bool) -> None:
        is_first = served_by.partition("/")[2] == first
        post(ServiceChanged("llm", is_up, served_by=served_by))
        post(ServiceChanged("llm_first_choice", is_first or not is_up, served_by=served_by))

    advisor = open_advisor(given.profile, data=worker.settings.data, notice=notice)
    try:
        yield advisor
    finally:
        if advisor is not None:
            await advisor.aclose()


@asynccontextmanager
async def _frame_files(worker: Worker, given: Assignment) -> AsyncIterator[FrameFiles | None]:
    if worker.settings.trace_dir is None:
        yield None
        return
    files = FrameFiles.beside(worker.settings.trace_dir, given.job.call_id, given.run)
    try:
        yield files
    finally:
        await files.aclose()


def _trace(worker: Worker, given: Assignment) -> Trace | None:
    if worker.settings.trace_dir is None:
        return None
    return TraceFile.open(worker.settings.trace_dir, given.job.call_id, given.run, given.job)


@asynccontextmanager
async def _tools(worker: Worker, given: Assignment) -> AsyncIterator[ToolBox]:
    """Open the tools, and fetch the dossier before the room is joined; late ones come later."""
    playbook, data = worker.knowledge.playbook, worker.settings.data
    tools = open_tools(given.job, playbook, given.profile.crm, data)
    try:
        await tools.prefetch()
        yield tools
    finally:
        await tools.aclose()
