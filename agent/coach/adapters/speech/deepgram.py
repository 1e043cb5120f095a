"""The recogniser's client: the Deepgram plugin, unmodified, pointed at any compatible endpoint."""

from dataclasses import dataclass, field

import aiohttp
from livekit.plugins import deepgram

from coach.adapters.speech.liveness import attentive
from coach.errors import ConfigError
from coach.settings import Settings

ENDPOINTING_MS = 300
"""Silence after which Deepgram calls a speaker's words final."""
SAMPLE_RATE_HZ = 16_000


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where speech becomes words."""

    url: str
    key: str = field(repr=False)
    model: str
    language: str


def endpoint_of(settings: Settings, language: str | None) -> Endpoint:
    """Return the endpoint that the settings name.

    Raises:
        ConfigError: none is set: the worker's main process sets one for its jobs.
    """
    if settings.stt_url is None:
        raise ConfigError("COACH_STT_BASE_URL", "is unset, and no embedded recogniser was started")
    return Endpoint(
        settings.stt_url, settings.stt_key, settings.stt_model, language or settings.language
    )


def open_recogniser(endpoint: Endpoint, http: aiohttp.ClientSession) -> deepgram.STT:
    """Return a client; each speaker's session needs one of its own."""
    return deepgram.STT(
        model=endpoint.model,
        language=endpoint.language,
        interim_results=True,
        punctuate=True,
        smart_format=False,
        no_delay=True,
        filler_words=True,
        endpointing_ms=ENDPOINTING_MS,
        sample_rate=SAMPLE_RATE_HZ,
        mip_opt_out=True,
        api_key=endpoint.key,
        base_url=endpoint.url,
        http_session=attentive(http),
    )
