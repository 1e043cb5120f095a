"""Who may call the rep's client: agents, and only the named one if the host named one."""

import asyncio
from typing import Final

from livekit import rtc

KNOWN_WITHIN_SECONDS: Final = 3.0  # the server announces an agent without tracks that much later
WAITING_LIMIT: Final = 32  # calls that may wait for their caller at the same time
COACH_PREFIX: Final = "call-assistant-"


class CallerGate:
    """Tells agents from everybody else, by what the server says about a participant."""

    def __init__(self, room: rtc.Room, agent_identity: str | None) -> None:
        self._room = room
        self._agent_identity = agent_identity
        self._arrivals: set[asyncio.Event] = set()
        self._last_admitted: str | None = None

    def open(self) -> None:
        """Begin to listen for participants."""
        self._room.on("participant_connected", self._on_participant_connected)

    def close(self) -> None:
        """Stop listening. Safe to call twice."""
        self._room.off("participant_connected", self._on_participant_connected)

    async def admits(self, identity: str) -> bool:
        """Decide about a caller; one that is not in the participant list yet is waited for."""
        if not identity or self._agent_identity not in (None, identity):
            return False
        if identity not in self._room.remote_participants:
            await self._wait_for(identity)
        participant = self._room.remote_participants.get(identity)
        if participant is None or not self.may_be_coach(participant):
            return False
        self._last_admitted = identity
        return True

    def may_be_coach(self, participant: rtc.RemoteParticipant) -> bool:
        """Tell whether messages of this participant are believed."""
        if self._agent_identity not in (None, participant.identity):
            return False
        return participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT

    def coaches(self) -> list[str]:
        """List the agents present, the most likely coach first."""
        present = [
            identity
            for identity, participant in self._room.remote_participants.items()
            if self.may_be_coach(participant)
        ]
        return sorted(
            present,
            key=lambda identity: (
                identity != self._last_admitted,
                not identity.startswith(COACH_PREFIX),
            ),
        )

    async def _wait_for(self, identity: str) -> None:
        if len(self._arrivals) >= WAITING_LIMIT:
            return
        arrival = asyncio.Event()
        self._arrivals.add(arrival)
        try:
            async with asyncio.timeout(KNOWN_WITHIN_SECONDS):
                while identity not in self._room.remote_participants:
                    arrival.clear()
                    await arrival.wait()
        except TimeoutError:
            return
        finally:
            self._arrivals.discard(arrival)

    def _on_participant_connected(self, _: rtc.RemoteParticipant) -> None:
        for arrival in self._arrivals:
            arrival.set()


def no_such_method() -> rtc.RpcError:
    """Make the error that the SDK gives for a method that nobody registered, to the letter."""
    code = rtc.RpcError.ErrorCode.UNSUPPORTED_METHOD
    return rtc.RpcError(code, rtc.RpcError.ErrorMessage[code])
