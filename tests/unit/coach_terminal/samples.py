"""Messages of a coach, and a room that exists only in memory, for the terminal client's tests."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from livekit import rtc

from coach_terminal.messages import (
    Hello,
    Nudge,
    Status,
    parse_hello,
    parse_nudge,
    parse_status,
)

AGENT = "call-assistant-1"


def nudge_content(**changes: Any) -> dict[str, Any]:
    return {
        "v": 1,
        "run": "r1",
        "call_id": "c-1",
        "id": "n-1",
        "rev": 0,
        "final": True,
        "moment": "price_objection",
        "kind": "objection",
        "path": "trigger",
        "headline": "Price objection: anchor on payback",
        "detail": "They flagged budget. Show the ROI slide.",
        "say": "Most teams earn this back in six weeks.",
        "source": {"type": "battlecard", "id": "roi-calculator"},
        "evidence": {
            "speaker": "prospect",
            "identity": "buyer-1",
            "quote": "that is way over our budget",
            "start_ms": 61_200,
            "end_ms": 63_050,
        },
        "priority": 70,
        "created_ms": 10_000,
        "expires_in_ms": 6_000,
        "relevant_ms": 20_000,
        **changes,
    }


def nudge(**changes: Any) -> Nudge:
    return parse_nudge(json.dumps(nudge_content(**changes)))


def hello(**changes: Any) -> Hello:
    content = {
        "run": "r1",
        "call_id": "c-1",
        "at_ms": 0,
        "methods": ["coach_feedback"],
        "consent": {"state": "pending", "policy": "everyone"},
        "disclosure": "I have an assistant on this call.\nIs that all right?",
    }
    return parse_hello(json.dumps(content | changes))


def status_content(**changes: Any) -> dict[str, Any]:
    return {
        "run": "r1",
        "call_id": "c-1",
        "at_ms": 10_000,
        "state": "listening",
        "consent": "granted",
        "stage": "discovery",
        "guidance": "Ask what it costs them today.",
        **changes,
    }


def status(**changes: Any) -> Status:
    return parse_status(json.dumps(status_content(**changes)))


@dataclass
class HandClock:
    """Two clocks that move when a test says so."""

    monotonic_seconds: float = 1000.0
    wall_seconds: float = 1_700_000_000.0

    def monotonic(self) -> float:
        return self.monotonic_seconds

    def wall(self) -> float:
        return self.wall_seconds

    def pass_seconds(self, seconds: float) -> None:
        self.monotonic_seconds += seconds
        self.wall_seconds += seconds


@dataclass
class MemoryParticipant:
    identity: str
    kind: int = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT


@dataclass
class MemoryLocalParticipant:
    """Keeps the registered handlers and records the calls."""

    handlers: dict[str, Callable[[rtc.RpcInvocationData], Any]] = field(default_factory=dict)
    calls: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    answer: str | rtc.RpcError = "ok"
    _may_answer: asyncio.Event | None = None

    def hold(self) -> None:
        """Keep every later caller waiting."""
        self._may_answer = asyncio.Event()

    def release(self) -> None:
        """Answer those who wait."""
        assert self._may_answer is not None
        self._may_answer.set()

    def register_rpc_method(
        self, method: str, handler: Callable[[rtc.RpcInvocationData], Any]
    ) -> None:
        self.handlers[method] = handler

    def unregister_rpc_method(self, method: str) -> None:
        del self.handlers[method]

    async def perform_rpc(
        self, *, destination_identity: str, method: str, payload: str, **_: float
    ) -> str:
        self.calls.append((destination_identity, method, json.loads(payload)))
        if self._may_answer is not None:
            await self._may_answer.wait()
        if isinstance(self.answer, rtc.RpcError):
            raise self.answer
        return self.answer


class MemoryRoom:
    """As much of a LiveKit room as the rep's client uses."""

    def __init__(self, *present: MemoryParticipant, is_connected: bool = True) -> None:
        self.local_participant = MemoryLocalParticipant()
        self.remote_participants = {each.identity: each for each in present}
        self.listeners: dict[str, list[Callable[..., None]]] = {}
        self.connection_state = rtc.ConnectionState.CONN_DISCONNECTED
        if is_connected:
            self.connection_state = rtc.ConnectionState.CONN_CONNECTED

    def isconnected(self) -> bool:
        return self.connection_state != rtc.ConnectionState.CONN_DISCONNECTED

    def on(self, event: str, listener: Callable[..., None]) -> None:
        self.listeners.setdefault(event, []).append(listener)

    def off(self, event: str, listener: Callable[..., None]) -> None:
        self.listeners[event].remove(listener)

    def emit(self, event: str, *arguments: object) -> None:
        for listener in list(self.listeners.get(event, [])):
            listener(*arguments)

    def as_room(self) -> rtc.Room:
        return cast(rtc.Room, self)

    async def call(self, method: str, payload: str, caller: str = AGENT) -> str:
        handler = self.local_participant.handlers[method]
        reply: str = await handler(rtc.RpcInvocationData("1", caller, payload, 2.0, method))
        return reply
