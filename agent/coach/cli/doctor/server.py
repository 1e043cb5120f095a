"""The LiveKit server, and what it lets our key pair do."""

import aiohttp
from livekit import api

from coach.cli.doctor.finding import ANSWER_SECONDS, Code, Finding
from coach.settings import Settings


async def check_server(settings: Settings) -> Finding:
    """Ask the LiveKit server for its rooms, which needs a valid pair."""
    key, secret = settings.livekit_pair
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    try:
        async with api.LiveKitAPI(settings.livekit_url, key, secret, timeout=timeout) as server:
            await server.room.list_rooms(api.ListRoomsRequest())
    except api.TwirpError as error:
        remedy = "set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to a pair of that server"
        return Finding("LiveKit key", f"refused ({error.code})", remedy, Code.KEY)
    except (aiohttp.ClientError, TimeoutError):
        remedy = "start it, or set LIVEKIT_URL; locally: livekit-server --config livekit.yaml"
        seen = f"no answer at {settings.livekit_url}"
        return Finding("LiveKit server", seen, remedy, Code.SERVER)
    return Finding("LiveKit server", f"{settings.livekit_url} answers, the key pair is valid")
