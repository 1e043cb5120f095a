"""What has to be on this machine: libraries, the playbook, the profiles of providers."""

import asyncio
import importlib

from coach.adapters.playbook.files import load_playbook
from coach.adapters.providers.profiles import Profiles
from coach.cli.demo.processes import CHECKOUT
from coach.cli.doctor.finding import Code, Finding
from coach.errors import CoachError, ConfigError
from coach.settings import Settings

NATIVE_MODULES = (
    "livekit.rtc",
    "livekit.local_inference",  # the voice detector; the worker's import of the framework loads it
    "ahocorasick",
    "re2",
    "rapidfuzz",
    "pydantic_core",
)
RECOGNISER_MODULES = ("pocketsphinx", "livekit.plugins.silero")
REP_CLIENT = CHECKOUT / "rep_client"
BUILT = "dist/coach-panel.js"


async def check_libraries(settings: Settings) -> Finding:
    """Import the native libraries."""
    wanted = NATIVE_MODULES + (RECOGNISER_MODULES if settings.stt_url is None else ())
    missing = [name for name in wanted if not _imports(name)]
    if missing:
        remedy = "make setup; the wheels are for Python 3.11 and 3.13"
        return Finding("native libraries", ", ".join(missing), remedy, Code.LIBRARIES)
    return Finding("native libraries", "all load")


async def check_playbook(settings: Settings) -> Finding:
    """Load the playbook."""
    try:
        playbook = await asyncio.to_thread(load_playbook, settings.playbook)
    except CoachError as error:
        remedy = f"coach playbook check {settings.playbook}"
        return Finding("playbook", str(error), remedy, Code.PLAYBOOK)
    moments, cards = len(playbook.moments), len(playbook.battlecards)
    return Finding("playbook", f"{playbook.name}: {moments} moments, {cards} battlecards")


async def check_providers(settings: Settings) -> Finding:
    """Read the provider profiles, and see that the keys they name are set."""
    try:
        profiles = await asyncio.to_thread(Profiles, settings)
    except ConfigError as error:
        remedy = "correct the file, or set the variable that it names"
        return Finding("providers", str(error), remedy, Code.SETTINGS)
    models = [f"{p.name}: {len(p.llm) or 'no'} model(s)" for p in profiles.all()]
    return Finding("providers", "; ".join(models))


async def check_rep_client(settings: Settings) -> Finding:
    """Look for the built panel, which `coach panel` and pages that embed it need."""
    if not REP_CLIENT.is_dir():
        return Finding("rep client", "no checkout here: it comes with the page that embeds it")
    if not (REP_CLIENT / BUILT).is_file():
        seen = f"the browser's panel is not built: {REP_CLIENT / BUILT} is missing"
        return Finding("rep client", seen, "make client", Code.REP_CLIENT, is_blocking=False)
    return Finding("rep client", "the browser's panel is built")


def _imports(name: str) -> bool:
    try:
        importlib.import_module(name)
    except (ImportError, OSError):
        return False
    return True
