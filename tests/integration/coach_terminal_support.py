"""A real LiveKit server on free loopback ports, and a scripted coach that joins its rooms."""

import contextlib
import datetime
import json
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from livekit import api, rtc

from coach.cli.ports import free_port

REPOSITORY = Path(__file__).resolve().parents[2]
SERVER_BINARY = REPOSITORY / ".cache" / "livekit-server"
SERVER_CONFIG = REPOSITORY / "livekit.yaml"
START_SECONDS = 15.0
REP = "rep-1"


@dataclass(frozen=True, slots=True)
class Server:
    """Where the running server is, and the key pair that signs tokens for it."""

    url: str
    key: str
    secret: str

    def token(
        self, identity: str, room: str, kind: api.AccessToken.ParticipantKind = "standard"
    ) -> str:
        """Sign the widest ordinary token: whoever holds it may publish media and data."""
        return (
            api.AccessToken(self.key, self.secret)
            .with_identity(identity)
            .with_kind(kind)
            .with_ttl(datetime.timedelta(minutes=10))
            .with_grants(api.VideoGrants(room_join=True, room=room))
            .to_jwt()
        )


@dataclass(slots=True)
class ScriptedCoach:
    """The agent's side of the wire: sends what a test says, records what the rep sends."""

    room: rtc.Room
    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answer: str = "ok"

    def listen(self) -> None:
        """Register the agent's methods."""
        for method in ("coach_feedback", "coach_control", "coach_ask"):
            self.room.local_participant.register_rpc_method(method, self._record)

    async def send(self, method: str, message: dict[str, Any]) -> str:
        """Call the rep's client and return its reply."""
        return await self.room.local_participant.perform_rpc(
            destination_identity=REP,
            method=method,
            payload=json.dumps(message, ensure_ascii=False),
            response_timeout=6,
            max_round_trip_latency=2,
        )

    async def _record(self, call: rtc.RpcInvocationData) -> str:
        self.heard.append((call.method, json.loads(call.payload)))
        return self.answer


@contextlib.contextmanager
def running_server(folder: Path) -> Iterator[Server]:
    """Run livekit-server with the repository's settings on free ports until the block ends."""
    settings = yaml.safe_load(SERVER_CONFIG.read_text())
    settings["port"], settings["rtc"]["tcp_port"] = free_port(), free_port()
    settings["rtc"]["udp_port"] = free_port(socket.SOCK_DGRAM)
    config = folder / "livekit.yaml"
    config.write_text(yaml.safe_dump(settings))
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen([SERVER_BINARY, "--config", config], stdout=log, stderr=log)
        try:
            _wait_for_port(settings["port"])
            key, secret = next(iter(settings["keys"].items()))
            yield Server(f"ws://127.0.0.1:{settings['port']}", key, secret)
        finally:
            process.terminate()
            process.wait()


@contextlib.asynccontextmanager
async def joined(
    server: Server, identity: str, room: str, kind: api.AccessToken.ParticipantKind = "standard"
) -> AsyncIterator[rtc.Room]:
    """Join `room` as `identity` until the block ends."""
    client = rtc.Room()
    await client.connect(server.url, server.token(identity, room, kind))
    try:
        yield client
    finally:
        await client.disconnect()


@contextlib.asynccontextmanager
async def coach_in(
    server: Server, room: str, identity: str = "call-assistant-1"
) -> AsyncIterator[ScriptedCoach]:
    """Join `room` as a coach that listens to the rep."""
    async with joined(server, identity, room, "agent") as client:
        coach = ScriptedCoach(client)
        coach.listen()
        yield coach


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
