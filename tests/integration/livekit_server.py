"""A real LiveKit server for tests, on free loopback ports."""

import contextlib
import datetime
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from livekit import api

from coach.cli.ports import free_port
from integration.processes import is_listening, stop, wait_until

REPOSITORY = Path(__file__).resolve().parents[2]
SERVER_BINARY = REPOSITORY / ".cache" / "livekit-server"
SERVER_CONFIG = REPOSITORY / "livekit.yaml"
STOP_SECONDS = 2.0  # it waits for whoever is left in a room; a test that is over does not


@dataclass(frozen=True, slots=True)
class LiveKit:
    """A running server, and the key pair that it accepts."""

    url: str
    key: str
    secret: str
    log: Path

    def token(
        self,
        identity: str,
        room: str,
        *,
        kind: api.AccessToken.ParticipantKind = "standard",
        name: str = "",
        **grants: Any,
    ) -> str:
        """Sign a token; by default the widest that an ordinary host gives."""
        return (
            api.AccessToken(self.key, self.secret)
            .with_identity(identity)
            .with_name(name)
            .with_kind(kind)
            .with_ttl(datetime.timedelta(minutes=10))
            .with_grants(api.VideoGrants(room_join=True, room=room, **grants))
            .to_jwt()
        )

    def api(self) -> api.LiveKitAPI:
        """Return a client of the server's own API; close it with `async with`."""
        return api.LiveKitAPI(self.url, self.key, self.secret)


@contextlib.contextmanager
def running_livekit(folder: Path) -> Iterator[LiveKit]:
    """Run a LiveKit server with the repository's settings on free ports.

    One that ran with the same folder before comes back on the same ports.
    """
    config, log = folder / "livekit.yaml", folder / "livekit.log"
    if not config.exists():
        config.write_text(yaml.safe_dump(_settings()))
    settings = yaml.safe_load(config.read_text())
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(SERVER_BINARY), "--config", str(config)], stdout=output, stderr=output
        )
        try:
            wait_until(lambda: is_listening(settings["port"]), process, "LiveKit listens", log)
            key, secret = next(iter(settings["keys"].items()))
            yield LiveKit(f"ws://127.0.0.1:{settings['port']}", key, secret, log)
        finally:
            stop(process, STOP_SECONDS)


def _settings() -> dict[str, Any]:
    settings: dict[str, Any] = yaml.safe_load(SERVER_CONFIG.read_text())
    settings["port"], settings["rtc"]["tcp_port"] = free_port(), free_port()
    settings["rtc"]["udp_port"] = free_port(socket.SOCK_DGRAM)
    return settings
