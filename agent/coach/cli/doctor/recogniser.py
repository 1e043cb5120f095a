"""The recogniser, where it is not embedded."""

import asyncio
import contextlib
from urllib.parse import urlsplit

from coach.cli.doctor.finding import ANSWER_SECONDS, Code, Finding
from coach.settings import Settings


async def check_recogniser(settings: Settings) -> Finding:
    """Open the recogniser's port; its key is not tried. The embedded one is the worker's."""
    url = settings.stt_url
    if url is None:
        return Finding("recogniser", "embedded, started by the worker; for demonstrations only")
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme in ("https", "wss") else 80)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, TimeoutError):
        remedy = "start it, or unset COACH_STT_BASE_URL to use the embedded one"
        seen = f"no answer at {parts.hostname}:{port}"
        return Finding("recogniser", seen, remedy, Code.RECOGNISER)
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    key = "; the key is not tried before a call" if settings.deepgram_api_key else ""
    return Finding("recogniser", f"{parts.hostname}:{port} answers{key}")
