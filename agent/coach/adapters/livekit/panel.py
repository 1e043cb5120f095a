"""The rep's client as the `Panel` port: nudges, hello and status as contracts 3 has them."""

import asyncio
from collections import deque

from livekit import rtc

from coach.adapters.livekit.guard import Guard
from coach.adapters.wire import MAX_DISCLOSURE_BYTES, Fields, encode, nudge_fields
from coach.application.ports import PanelUnanswered
from coach.domain.job import ConsentState, Job
from coach.domain.nudge import Nudge
from coach.domain.outputs import Status

ANSWER_SECONDS = 3.0
"""Round trip and response together, and then it is over whatever the transport says."""
IDS_KEPT = 256
"""Nudges that the rep can still give feedback on."""
AGENT_METHODS = ("coach_feedback", "coach_control", "coach_ask")
_UNSUPPORTED_METHOD = rtc.RpcError.ErrorCode.UNSUPPORTED_METHOD
_RESPONSE_TIMEOUT = rtc.RpcError.ErrorCode.RESPONSE_TIMEOUT
_RECIPIENT_NOT_FOUND = rtc.RpcError.ErrorCode.RECIPIENT_NOT_FOUND


class RpcPanel:
    """Speaks to the rep's client by remote method calls, through the guard."""

    def __init__(self, guard: Guard, *, job: Job, run: str, disclosure: str) -> None:
        """Bind to a call.

        Args:
            guard: the only way out.
            job: whose call it is.
            run: the job's own id, which every message carries.
            disclosure: text that the rep reads aloud.
        """
        self._guard, self._run = guard, run
        self._call_id, self._policy = job.call_id, job.consent.policy
        self._disclosure = _cut_bytes(disclosure, MAX_DISCLOSURE_BYTES)
        self._ids: deque[str] = deque(maxlen=IDS_KEPT)

    def knows(self, nudge_id: str) -> bool:
        """Whether a nudge of this id was handed over, shown or not."""
        return nudge_id in self._ids

    def answer(self, nudge: Nudge) -> str:
        """Return a nudge as the reply to a question of the rep."""
        self._note(nudge.id)
        return encode(nudge_fields(nudge, self._run, self._call_id))

    async def nudge(self, nudge: Nudge) -> str:
        """Show a nudge and return the client's reply; what is no known reply counts as shown.

        Raises:
            PanelUnanswered: no answer in time, or an error.
        """
        self._note(nudge.id)
        reply = await self._call("coach_nudge", nudge_fields(nudge, self._run, self._call_id))
        return reply if reply in ("muted", "expired", "duplicate") else "shown"

    async def hello(self, at_ms: int, consent: ConsentState) -> bool:
        """Introduce the call. Return whether the client answered or refused (both end it)."""
        fields = self._head(at_ms) | {
            "methods": list(AGENT_METHODS),
            "consent": {"state": consent, "policy": self._policy},
            "disclosure": self._disclosure,
        }
        try:
            await self._call("coach_hello", fields)
        except PanelUnanswered as error:
            return error.code == _UNSUPPORTED_METHOD
        return True

    async def status(self, at_ms: int, status: Status) -> None:
        """Show a status. Failure is normal: a client need not register the method."""
        fields = self._head(at_ms) | {
            "state": status.state,
            "consent": status.consent,
            "stage": status.stage,
            "guidance": status.guidance,
            "thinking": status.is_thinking,
            "muted_until_ms": status.muted_until_ms,
            "reasons": list(status.reasons),
            "lag_ms": status.lag_ms,
        }
        try:
            await self._call("coach_status", fields)
        except PanelUnanswered:
            return

    def _note(self, nudge_id: str) -> None:
        if nudge_id not in self._ids:
            self._ids.append(nudge_id)

    def _head(self, at_ms: int) -> Fields:
        return {"v": 1, "run": self._run, "at_ms": at_ms, "call_id": self._call_id}

    async def _call(self, method: str, fields: Fields) -> str:
        if not self._guard.is_rep_here:
            raise PanelUnanswered(_RECIPIENT_NOT_FOUND)
        payload = encode(fields)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._guard.send(self._guard.rep_identity, method, payload)
        except TimeoutError:
            raise PanelUnanswered(_RESPONSE_TIMEOUT) from None
        except rtc.RpcError as error:
            raise PanelUnanswered(error.code) from None  # its text is the client's own


def _cut_bytes(text: str, limit: int) -> str:
    return text.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")
