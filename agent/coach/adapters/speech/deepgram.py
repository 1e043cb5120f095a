"""The recogniser's client: the Deepgram plugin, unmodified, pointed at any compatible endpoint."""

from dataclasses import dataclass

import aiohttp
from livekit.plugins import deepgram

ENDPOINTING_MS = 300
"""Silence after which Deepgram calls a speaker's words final."""
SAMPLE_RATE_HZ = 16_000


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where speech becomes words."""

    url: str
    key: str
    model: str
    language: str


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
        http_session=http,
    )
