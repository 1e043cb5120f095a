"""The worker: one call per job, each in a process of its own.

What runs here runs in three kinds of process: the main one, the forkserver that preloads this
module, and the job processes forked from it. The main one coaches nobody: whatever only a call
needs is imported where a job begins, from what the forkserver has preloaded.
"""

import asyncio
import os
import secrets
from functools import partial
from typing import Final

from livekit.agents import JobContext, JobProcess

from coach import logs
from coach.adapters.job import parse_job
from coach.adapters.livekit.clock import CallClock
from coach.adapters.livekit.server import CoachServer, keep_nothing, require_narrow_grants
from coach.adapters.providers.profiles import open_profiles_or_exit
from coach.domain.job import Job
from coach.playbook_names import read_names
from coach.settings import read_settings_or_exit

_WORKER: Final = "coach.worker"

# No local end-of-turn model is used; its weights would cost every worker 244 MB.
os.environ.setdefault("LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE", "0")
settings: Final = read_settings_or_exit()
profiles: Final = open_profiles_or_exit(settings)  # every job process inherits what is good now


def _parse(metadata: str) -> Job:
    """Read a job's metadata; a profile that there is none of is a bad field as any other."""
    return profiles.checked(parse_job(metadata))


server: Final = CoachServer(settings, partial(read_names, settings.playbook), _parse)


def prewarm(process: JobProcess) -> None:
    """Take over the playbook and its engines, once per process.

    Raises:
        PlaybookError: it cannot be used; names file and line.
    """
    logs.install()
    from coach.prewarmed import new_worker

    process.userdata[_WORKER] = new_worker(settings)


async def entrypoint(ctx: JobContext) -> None:
    """Coach one call, from joining the room to leaving it."""
    from coach.calling import Assignment, coach

    clock, run = CallClock(), f"r-{secrets.token_hex(6)}"
    keep_nothing(ctx)
    require_narrow_grants(ctx.token_claims())
    job = parse_job(ctx.job.metadata)
    ctx.log_context_fields = {"call_id": job.call_id, "run": run}
    profile = await asyncio.to_thread(profiles.of, job.providers)
    reason = await coach(ctx, ctx.proc.userdata[_WORKER], Assignment(job, run, profile, clock))
    ctx.shutdown(reason)


server.setup_fnc = prewarm
server.rtc_session(
    entrypoint, agent_name=settings.agent_name, on_request=server.admission.on_request
)
