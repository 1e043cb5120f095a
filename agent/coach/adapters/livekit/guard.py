"""The one place from which anything is sent into the room, and the one rule about it.

Everything that leaves the worker for a participant is a remote method call to the rep, or the
answer to a call by the rep. The rep's identity comes from the job, never from the room.
"""

import logging
from typing import Final

from livekit import rtc

from coach.errors import CoachError

ALLOWED_METHODS: Final = frozenset({"coach_nudge", "coach_hello", "coach_status"})
ROUND_TRIP_SECONDS: Final = 1.0
RESPONSE_SECONDS: Final = 2.0

_log = logging.getLogger(__name__)


class DestinationRefused(CoachError):
    """Something was about to be sent to somebody other than the rep."""

    code = "destination_refused"


class Guard:
    """Sends to the rep and refuses everybody else."""

    def __init__(self, room: rtc.Room, rep_identity: str) -> None:
        self._room, self._rep_identity = room, rep_identity
        self.refused_count = 0

    @property
    def rep_identity(self) -> str:
        """The only identity that is sent to."""
        return self._rep_identity

    @property
    def is_rep_here(self) -> bool:
        """Whether the rep is in the room."""
        return self._rep_identity in self._room.remote_participants

    async def send(self, destination: str, method: str, payload: str) -> str:
        """Call a method of the rep's client and return its reply.

        Raises:
            DestinationRefused: it is not the rep, or no method that may be called.
            rtc.RpcError: the call failed.
        """
        if destination != self._rep_identity or not destination or method not in ALLOWED_METHODS:
            self.refused_count += 1
            _log.error("refused to send into the room", extra={"refused": self.refused_count})
            raise DestinationRefused("only the rep may be sent to, by the three known methods")
        return await self._room.local_participant.perform_rpc(
            destination_identity=destination,
            method=method,
            payload=payload,
            response_timeout=RESPONSE_SECONDS,
            max_round_trip_latency=ROUND_TRIP_SECONDS,
        )

    def admit(self, call: rtc.RpcInvocationData) -> None:
        """Let the rep's calls pass; to anyone else a method is not there.

        Synchronous on purpose: whoever is refused learns it in the step in which a method that
        does not exist is refused, however short the time that the caller allows.

        Raises:
            rtc.RpcError: 1400, in the SDK's own words.
        """
        if call.caller_identity != self._rep_identity:
            code = rtc.RpcError.ErrorCode.UNSUPPORTED_METHOD
            raise rtc.RpcError(code, rtc.RpcError.ErrorMessage[code])
