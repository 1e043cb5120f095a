"""The framework's part of an ear: a room-less `AgentSession` that listens and never answers."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterable
from typing import Any

from livekit import rtc
from livekit.agents import (
    Agent,
    AgentSession,
    APIConnectOptions,
    APIError,
    ModelSettings,
    StopResponse,
    llm,
    stt,
)
from livekit.agents.voice.agent_session import SessionConnectOptions

from coach.adapters.livekit.link import Link

CONNECT_SECONDS = 5.0


class Listener(Agent):
    """Passes the recogniser's events on as they come, and answers nothing."""

    def __init__(self, link: Link) -> None:
        super().__init__(instructions="")
        self._link = link

    async def stt_node(
        self, audio: AsyncIterable[rtc.AudioFrame], model_settings: ModelSettings
    ) -> AsyncGenerator[stt.SpeechEvent, None]:
        """Tap the recogniser's events: they carry the words' times, the session's own do not."""
        # Swallowing the error keeps the framework from trying again on a schedule of its own.
        try:
            with contextlib.suppress(APIError):
                async for event in Agent.default.stt_node(self, audio, model_settings):
                    self._link.take(event)
                    yield event
        finally:
            self._link.lose()

    async def on_user_turn_completed(
        self, turn_ctx: llm.ChatContext, new_message: llm.ChatMessage
    ) -> None:
        """Hand the finished turn on; there is no reply."""
        self._link.hearing.turn()
        raise StopResponse


class _ForgetfulSession(AgentSession[None]):
    """An `AgentSession` whose memory does not grow with the call.

    `AgentSession.emit` keeps each event, interim transcripts included, for a report at the end.
    Nobody reads that report here, so events go straight to the emitter below it.
    """

    def emit(self, event: Any, arg: Any) -> None:
        super(AgentSession, self).emit(event, arg)


def open_session(
    recogniser: stt.STT[Any], connect_seconds: float = CONNECT_SECONDS
) -> AgentSession[None]:
    """Return a session that has no room, no model, no voice, and tries its recogniser once."""
    return _ForgetfulSession(
        stt=recogniser,
        vad=None,
        turn_handling={
            "turn_detection": "stt",
            "endpointing": {"mode": "fixed", "min_delay": 0.0, "max_delay": 0.0},
            "interruption": {"enabled": False, "mode": "vad"},
            "preemptive_generation": {"enabled": False},
        },
        user_away_timeout=None,
        aec_warmup_duration=None,
        session_close_transcript_timeout=0.0,
        conn_options=SessionConnectOptions(
            stt_conn_options=APIConnectOptions(max_retry=0, timeout=connect_seconds),
            max_unrecoverable_errors=1_000_000,  # `Link.lose` ends a session, not the framework
        ),
    )
