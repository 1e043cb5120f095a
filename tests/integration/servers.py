"""Real processes and clients for tests: LiveKit server, worker, people, a scripted recogniser.

Everything runs on free loopback ports, whatever LIVEKIT_URL says, and is stopped by its process
id when its block ends. Nothing here sleeps blindly: what is waited for is a condition, with a
deadline. Processes are started synchronously so that one can serve a whole module; people and
the recogniser live on the test's own event loop.
"""

import asyncio
import contextlib
import datetime
import json
import math
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from array import array
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psutil
import yaml
from aiohttp import WSMsgType, web
from livekit import api, rtc

REPOSITORY = Path(__file__).resolve().parents[2]
SERVER_BINARY = REPOSITORY / ".cache" / "livekit-server"
SERVER_CONFIG = REPOSITORY / "livekit.yaml"
AGENT_SCRIPT = REPOSITORY / "agent" / "agent.py"
AGENT_NAME = "call-assistant"
START_SECONDS = 60.0
STOP_SECONDS = 10.0
WORKER_STOP_SECONDS = 2.0  # a draining worker waits for its calls; a test that is over does not
WAIT_SECONDS = 15.0
POLL_SECONDS = 0.01
SAMPLE_RATE_HZ = 48_000
FRAME_SECONDS = 0.02
HEARD_RATE_HZ = 16_000

T = TypeVar("T")


# -- waiting ------------------------------------------------------------------------------------


async def eventually(check: Callable[[], T | None], what: str, seconds: float = WAIT_SECONDS) -> T:
    """Return the first true result of `check`; fail, naming what was waited for, if none comes."""
    deadline = time.monotonic() + seconds
    while not (result := check()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        await asyncio.sleep(POLL_SECONDS)
    return result


async def never(check: Callable[[], object], what: str, seconds: float) -> None:
    """Fail as soon as `check` is true within so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert not check(), what
        await asyncio.sleep(POLL_SECONDS)


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """Find a loopback port that nobody uses at this moment."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# -- LiveKit ------------------------------------------------------------------------------------


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
    """Run a LiveKit server with the repository's settings on free ports."""
    settings = yaml.safe_load(SERVER_CONFIG.read_text())
    settings["port"], settings["rtc"]["tcp_port"] = free_port(), free_port()
    settings["rtc"]["udp_port"] = free_port(socket.SOCK_DGRAM)
    config, log = folder / "livekit.yaml", folder / "livekit.log"
    config.write_text(yaml.safe_dump(settings))
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(SERVER_BINARY), "--config", str(config)], stdout=output, stderr=output
        )
        try:
            _wait_until(lambda: _is_listening(settings["port"]), process, "LiveKit listens", log)
            key, secret = next(iter(settings["keys"].items()))
            yield LiveKit(f"ws://127.0.0.1:{settings['port']}", key, secret, log)
        finally:
            _stop(process)


# -- the worker ---------------------------------------------------------------------------------


@dataclass(slots=True)
class Worker:
    """A worker process, started as operators start it."""

    process: subprocess.Popen[bytes]
    log: Path
    errors: Path
    health_url: str = ""

    @property
    def pid(self) -> int:
        """The main process."""
        return self.process.pid

    def lines(self) -> list[dict[str, Any]]:
        """Return the log so far, one dictionary a line."""
        found = []
        for line in self.log.read_text(errors="replace").splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                found.append(json.loads(line))
        return found

    def logged(self, message: str, **fields: object) -> list[dict[str, Any]]:
        """Return the log lines with this message and these fields."""
        wanted = {"message": message, **fields}
        return [line for line in self.lines() if wanted.items() <= line.items()]

    def health(self) -> int:
        """Return the status of the health endpoint; 0 when nobody answers."""
        return _http_status(self.health_url) if self.health_url else 0

    def terminate(self) -> None:
        """Ask it to drain and stop."""
        self.process.send_signal(signal.SIGTERM)


@contextlib.contextmanager
def running_worker(
    folder: Path,
    livekit: LiveKit,
    environment: Mapping[str, str],
    *,
    ready: bool = True,
    script: Path = AGENT_SCRIPT,
) -> Iterator[Worker]:
    """Run `python agent.py start` until the block ends.

    Args:
        folder: for its logs.
        livekit: the server it registers with.
        environment: settings beside the server's; nothing else of ours is inherited.
        ready: wait until its health endpoint says that it takes jobs.
        script: another worker than ours, for tests that need a worse one.
    """
    inherited = {n: v for n, v in os.environ.items() if not _is_ours(n)}
    settings = {
        "LIVEKIT_URL": livekit.url,
        "LIVEKIT_API_KEY": livekit.key,
        "LIVEKIT_API_SECRET": livekit.secret,
        "COACH_HTTP_PORT": "0",
        **environment,
    }
    log, errors = folder / "worker.log", folder / "worker.err"
    with log.open("wb") as output, errors.open("wb") as error_output:
        process = subprocess.Popen(
            [sys.executable, script.name, "start"],
            cwd=script.parent,
            env=inherited | settings,
            stdout=output,
            stderr=error_output,
        )
        worker = Worker(process, log, errors)
        try:
            if ready:
                _wait_until(lambda: _is_ready(worker), process, "the worker takes jobs", log)
            yield worker
        finally:
            _stop(process, WORKER_STOP_SECONDS)


def _is_ready(worker: Worker) -> bool:
    if not worker.health_url:
        for line in worker.logged("health endpoint"):
            worker.health_url = f"http://{line['host']}:{line['port']}/"
    return worker.health() == 200


def _is_ours(name: str) -> bool:
    return name.startswith(("COACH_", "LIVEKIT_", "DEEPGRAM_", "OPENAI_"))


# -- people -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Person:
    """Somebody in the room, who can publish a tone as a microphone."""

    room: rtc.Room
    identity: str
    _microphones: list["Microphone"] = field(default_factory=list)

    @property
    def microphone(self) -> "Microphone":
        """The first that was published."""
        return self._microphones[0]

    async def publish_sound(self, samples: bytes) -> "Microphone":
        """Publish 16-bit samples at 48 kHz as a microphone, from now on, and silence after them."""
        return await self._publish(
            lambda audio: _play(audio, samples), rtc.TrackSource.SOURCE_MICROPHONE
        )

    async def publish_microphone(
        self, tone_hz: float, source: rtc.TrackSource.ValueType = rtc.TrackSource.SOURCE_MICROPHONE
    ) -> "Microphone":
        """Publish a tone, whose pitch tells the recogniser's streams apart."""
        return await self._publish(lambda audio: _hum(audio, tone_hz), source)

    async def _publish(
        self,
        feed: Callable[[rtc.AudioSource], Coroutine[Any, Any, None]],
        source: rtc.TrackSource.ValueType,
    ) -> "Microphone":
        audio = rtc.AudioSource(SAMPLE_RATE_HZ, 1, queue_size_ms=100)
        track = rtc.LocalAudioTrack.create_audio_track("microphone", audio)
        options = rtc.TrackPublishOptions(source=source)
        publication = await self.room.local_participant.publish_track(track, options)
        task = asyncio.create_task(feed(audio))
        microphone = Microphone(self.room.local_participant, track, publication, audio, task)
        self._microphones.append(microphone)
        return microphone

    async def leave(self) -> None:
        """Hang up."""
        for microphone in self._microphones:
            await microphone.stop()
        await self.room.disconnect()


@dataclass(slots=True)
class Microphone:
    """A published tone."""

    participant: rtc.LocalParticipant
    track: rtc.LocalAudioTrack
    publication: rtc.LocalTrackPublication
    audio: rtc.AudioSource
    task: asyncio.Task[None]

    async def stop(self) -> None:
        """Capture nothing any more."""
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task

    async def unpublish(self) -> None:
        """Take the track away."""
        await self.stop()
        await self.participant.unpublish_track(self.publication.sid)


@contextlib.asynccontextmanager
async def joined(
    livekit: LiveKit, identity: str, room: str, token: str | None = None
) -> AsyncIterator[Person]:
    """Join a room as a person until the block ends."""
    client = rtc.Room()
    await client.connect(livekit.url, token or livekit.token(identity, room))
    person = Person(client, identity)
    try:
        yield person
    finally:
        await person.leave()


async def _hum(audio: rtc.AudioSource, tone_hz: float) -> None:
    samples = int(SAMPLE_RATE_HZ * FRAME_SECONDS)
    at = 0
    while True:
        phase = 2 * math.pi * tone_hz / SAMPLE_RATE_HZ
        wave = array("h", (int(8_000 * math.sin(phase * (at + n))) for n in range(samples)))
        at += samples
        await audio.capture_frame(rtc.AudioFrame(wave.tobytes(), SAMPLE_RATE_HZ, 1, samples))


async def _play(audio: rtc.AudioSource, samples: bytes) -> None:
    count = int(SAMPLE_RATE_HZ * FRAME_SECONDS)
    silence = b"\0" * (2 * count)
    for start in range(0, len(samples), 2 * count):
        frame = samples[start : start + 2 * count].ljust(2 * count, b"\0")
        await audio.capture_frame(rtc.AudioFrame(frame, SAMPLE_RATE_HZ, 1, count))
    while True:
        await audio.capture_frame(rtc.AudioFrame(silence, SAMPLE_RATE_HZ, 1, count))


@dataclass(slots=True)
class RepPanel:
    """What the rep's client was told, with the monotonic time of each message."""

    nudges: list[dict[str, Any]] = field(default_factory=list)
    hellos: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    callers: set[str] = field(default_factory=set)
    arrived: list[float] = field(default_factory=list)
    """`time.monotonic` of each nudge."""

    def register(self, person: Person) -> "RepPanel":
        """Answer the agent's calls as this person's client."""
        answers = {
            "coach_nudge": (self.nudges, "shown"),
            "coach_hello": (self.hellos, '{"v":1,"ready":true}'),
            "coach_status": (self.statuses, "ok"),
        }
        for method, (kept, reply) in answers.items():
            handler = self._handler(kept, reply)
            person.room.local_participant.register_rpc_method(method, handler)
        return self

    def _handler(
        self, kept: list[dict[str, Any]], reply: str
    ) -> Callable[[rtc.RpcInvocationData], str]:
        def handle(call: rtc.RpcInvocationData) -> str:
            if kept is self.nudges:
                self.arrived.append(time.monotonic())
            self.callers.add(call.caller_identity)
            kept.append(json.loads(call.payload))
            return reply

        return handle

    @property
    def status(self) -> dict[str, Any]:
        """The newest status, or nothing."""
        return self.statuses[-1] if self.statuses else {}


# -- dispatch -----------------------------------------------------------------------------------


def metadata(**fields: Any) -> str:
    """Return job metadata for `rep-1`; consent is granted unless the fields say otherwise."""
    consent = {"state": "granted", "policy": "call"}
    return json.dumps({"v": 1, "rep": {"identity": "rep-1"}, "consent": consent} | fields)


async def dispatch(livekit: LiveKit, room: str, job_metadata: str) -> None:
    """Ask the server for an agent, once."""
    request = api.CreateAgentDispatchRequest(
        agent_name=AGENT_NAME, room=room, metadata=job_metadata
    )
    async with livekit.api() as client:
        await client.agent_dispatch.create_dispatch(request)


def agents_in(room: rtc.Room) -> list[rtc.RemoteParticipant]:
    """Return the agents that a client sees."""
    agent = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
    return [p for p in room.remote_participants.values() if p.kind == agent]


# -- a whole call -------------------------------------------------------------------------------

REP_HZ, PROSPECT_HZ, OTHER_HZ = 300.0, 700.0, 1100.0


@dataclass(slots=True)
class OpenCall:
    """A room with rep and prospect, dispatched to the worker."""

    livekit: LiveKit
    name: str
    rep: Person
    prospect: Person
    panel: RepPanel
    recogniser: "ScriptedRecogniser"

    @property
    def agent(self) -> str:
        """The agent's identity."""
        identities = self.panel.callers or {p.identity for p in agents_in(self.rep.room)}
        return next(iter(identities))

    async def ask_agent(
        self, method: str, payload: str | dict[str, Any], caller: Person | None = None
    ) -> str:
        """Call a method of the agent, as the rep unless somebody else is given."""
        text = payload if isinstance(payload, str) else json.dumps({"v": 1} | payload)
        return await (caller or self.rep).room.local_participant.perform_rpc(
            destination_identity=self.agent,
            method=method,
            payload=text,
            response_timeout=5,
            max_round_trip_latency=2,
        )

    async def control(self, action: str, **fields: Any) -> str:
        """Give an order as the rep."""
        return await self.ask_agent("coach_control", {"action": action, **fields})

    async def says(self, tone_hz: float, text: str, *, is_final: bool = False) -> float:
        """Let the recogniser hear words in this tone; return when it sent them."""
        stream = await self.recogniser.stream_of(tone_hz)
        return await stream.say(text, is_final=is_final)

    async def wait_for_status(self, seconds: float = WAIT_SECONDS, **fields: Any) -> dict[str, Any]:
        """Wait until the rep's newest status has these fields."""
        await eventually(
            lambda: fields.items() <= self.panel.status.items(), f"status {fields}", seconds
        )
        return self.panel.status

    async def has_ended(self, seconds: float = WAIT_SECONDS) -> None:
        """Wait until the server says that the agent has left; clients learn of it late."""
        request = api.ListParticipantsRequest(room=self.name)
        deadline = time.monotonic() + seconds
        async with self.livekit.api() as client:
            while any(
                p.identity == self.agent
                for p in (await client.room.list_participants(request)).participants
            ):
                assert time.monotonic() < deadline, f"not within {seconds} s: the agent leaves"
                await asyncio.sleep(POLL_SECONDS)


@contextlib.asynccontextmanager
async def open_call(
    livekit: LiveKit, recogniser: "ScriptedRecogniser", name: str, **job: Any
) -> AsyncIterator[OpenCall]:
    """Begin a call, dispatch the coach, and wait until it says hello; the room is closed after.

    Args:
        livekit: the server.
        recogniser: hears what the two publish.
        name: of the room; each call needs its own.
        job: fields of the job's metadata.
    """
    async with joined(livekit, "rep-1", name) as rep, joined(livekit, "buyer-1", name) as prospect:
        panel = RepPanel().register(rep)
        await rep.publish_microphone(REP_HZ)
        await prospect.publish_microphone(PROSPECT_HZ)
        await dispatch(livekit, name, metadata(**job))
        await eventually(lambda: panel.hellos, "the coach says hello")
        try:
            yield OpenCall(livekit, name, rep, prospect, panel, recogniser)
        finally:
            await close_room(livekit, name)


async def close_room(livekit: LiveKit, name: str) -> None:
    """Send everybody home, the agent included."""
    async with livekit.api() as client:
        with contextlib.suppress(api.TwirpError):
            await client.room.delete_room(api.DeleteRoomRequest(room=name))


# -- the scripted recogniser --------------------------------------------------------------------

TONE_TOLERANCE_HZ = 40.0
STEADY_READINGS = 3
READING_BYTES = 2 * HEARD_RATE_HZ // 10  # a tenth of a second of new audio

Words = Sequence[tuple[str, float, float]]
"""Words with start and end, in seconds of the stream's audio."""


class Stream:
    """One connection of the listen protocol: what it heard, and what it is told to say."""

    def __init__(self, socket: web.WebSocketResponse, query: Mapping[str, str]) -> None:
        self._socket = socket
        self.query = dict(query)
        self.messages: list[str] = []
        self.opened_at = time.monotonic()
        self.byte_count = 0
        self.last_audio_at = 0.0
        self._recent = bytearray()

    @property
    def is_open(self) -> bool:
        """Whether the worker still holds it."""
        return not self._socket.closed

    @property
    def audio_seconds(self) -> float:
        """Length of the audio received."""
        return self.byte_count / (2 * HEARD_RATE_HZ)

    @property
    def pitch_hz(self) -> float:
        """Pitch of the last half second, 0 for silence."""
        samples = array("h", bytes(self._recent))
        if not samples or max(samples) < 500:
            return 0.0
        crossings = sum(1 for a, b in zip(samples, samples[1:], strict=False) if a < 0 <= b)
        return crossings * HEARD_RATE_HZ / len(samples)

    async def say(
        self, text: str, *, is_final: bool = False, ends_turn: bool | None = None
    ) -> float:
        """Return words that end with the audio received so far; return the moment of sending."""
        spoken = text.split()
        end = self.audio_seconds
        start = max(0.0, end - 0.25 * len(spoken))
        step = (end - start) / max(1, len(spoken))
        words = [(w, start + n * step, start + (n + 1) * step) for n, w in enumerate(spoken)]
        return await self.say_words(words, is_final=is_final, ends_turn=ends_turn)

    async def say_words(
        self, words: Words, *, is_final: bool = False, ends_turn: bool | None = None
    ) -> float:
        """Return these words as an interim or final result."""
        alternative = {
            "transcript": " ".join(word for word, _, _ in words),
            "confidence": 0.9,
            "words": [_word(*word) for word in words],
        }
        message = {
            "type": "Results",
            "is_final": is_final,
            "speech_final": is_final if ends_turn is None else ends_turn,
            "start": words[0][1] if words else 0.0,
            "duration": 1.0,
            "channel": {"alternatives": [alternative]},
            "metadata": {"request_id": "scripted"},
        }
        sent_at = time.monotonic()
        await self._socket.send_str(json.dumps(message))
        return sent_at

    async def close(self, code: int = 1011) -> None:
        """Drop the connection."""
        await self._socket.close(code=code)

    def _hear(self, audio: bytes) -> None:
        self.byte_count += len(audio)
        self.last_audio_at = time.monotonic()
        self._recent += audio
        del self._recent[: max(0, len(self._recent) - HEARD_RATE_HZ)]

    async def serve(self) -> None:
        """Receive until the worker closes."""
        async for message in self._socket:
            if message.type is WSMsgType.BINARY:
                self._hear(message.data)
            elif message.type is WSMsgType.TEXT:
                self.messages.append(message.data)
                if "CloseStream" in message.data:
                    await self._socket.close()


def _word(text: str, start: float, end: float) -> dict[str, Any]:
    return {"word": text, "punctuated_word": text, "start": start, "end": end, "confidence": 0.9}


class ScriptedRecogniser:
    """A listen endpoint that says what a test tells it to, when it is told."""

    def __init__(self) -> None:
        self.streams: list[Stream] = []
        self.refuses = False
        self.answers_after_seconds = 0.0

    @property
    def open_streams(self) -> list[Stream]:
        """The streams that the worker holds now."""
        return [stream for stream in self.streams if stream.is_open]

    async def stream_of(self, tone_hz: float, seconds: float = WAIT_SECONDS) -> Stream:
        """Return the newest open stream that hears this tone, steadily.

        A busy machine tears audio, and torn audio has another pitch for a moment: so a stream
        must match in several readings, between which new audio came.
        """
        matches: dict[int, list[int]] = {}  # stream → byte counts at readings that matched

        def find() -> Stream | None:
            for number, stream in reversed(list(enumerate(self.streams))):
                counts = matches.setdefault(number, [])
                if not stream.is_open or abs(stream.pitch_hz - tone_hz) >= TONE_TOLERANCE_HZ:
                    counts.clear()
                elif not counts or stream.byte_count - counts[-1] >= READING_BYTES:
                    counts.append(stream.byte_count)
                if len(counts) >= STEADY_READINGS:
                    return stream
            return None

        return await eventually(find, f"a recogniser stream with {tone_hz:.0f} Hz", seconds)

    async def listen(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection."""
        if self.refuses:
            return web.Response(status=503)
        await asyncio.sleep(self.answers_after_seconds)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        stream = Stream(socket, request.query)
        self.streams.append(stream)
        await stream.serve()
        return socket


@contextlib.asynccontextmanager
async def scripted_recogniser(port: int) -> AsyncIterator[ScriptedRecogniser]:
    """Serve the listen protocol on a loopback port until the block ends."""
    recogniser = ScriptedRecogniser()
    app = web.Application()
    app.router.add_get("/v1/listen", recogniser.listen)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
        yield recogniser
    finally:
        for stream in recogniser.open_streams:
            await stream.close(1001)
        await runner.cleanup()


def listen_url(port: int) -> str:
    """Return the address for COACH_STT_BASE_URL."""
    return f"http://127.0.0.1:{port}/v1/listen"


# -- processes ----------------------------------------------------------------------------------


def _wait_until(
    check: Callable[[], bool], process: subprocess.Popen[bytes], what: str, log: Path
) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not check():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:])
            raise AssertionError(f"not reached: {what} (exit code {process.poll()})\n{tail}")
        time.sleep(0.05)


def _is_listening(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _http_status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        error.close()
        return int(error.code)
    except OSError:
        return 0


def _stop(process: subprocess.Popen[bytes], patience_seconds: float = STOP_SECONDS) -> None:
    """Stop a process, and what it started if it leaves any of it behind."""
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.NoSuchProcess):
        family = psutil.Process(process.pid).children(recursive=True)
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(patience_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
