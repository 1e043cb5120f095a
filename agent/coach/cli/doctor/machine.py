"""What has to be on this machine: libraries, the playbook, the profiles of providers."""

import asyncio
import importlib

from coach.adapters.playbook.files import load_playbook
from coach.adapters.providers.profiles import Profiles
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


def _imports(name: str) -> bool:
    try:
        importlib.import_module(name)
    except (ImportError, OSError):
        return False
    return True
