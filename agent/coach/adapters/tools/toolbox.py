"""Runs a tool for one call, each within its own deadline. Who it is for was bound at the start."""

import asyncio
import math
from typing import Final

from coach.adapters.crm.dossiers import Dossiers
from coach.adapters.crm.port import CrmError, Outcome
from coach.adapters.tools.authority import authority_text
from coach.adapters.tools.battlecards import NONE_TEXT, card_text, find_card
from coach.application.ports import ToolFailed
from coach.domain.advice import ToolCall
from coach.domain.discounts import ruling
from coach.domain.job import Job
from coach.domain.playbook import Playbook
from coach.domain.tools import ACCOUNT_CONTEXT, DISCOUNT_AUTHORITY, LOG_OUTCOME

BATTLECARD: Final = "get_battlecard"
SECONDS: Final = {
    BATTLECARD: 0.2,
    DISCOUNT_AUTHORITY: 0.2,
    ACCOUNT_CONTEXT.name: 4.0,
    LOG_OUTCOME: 5.0,
}
"""Deadline of each tool."""
ROLE: Final = "rep"
LOGGED_TEXT: Final = "The outcome is logged."
_MOST_TEXT = 500


class CallTools:
    """The tools of one call."""

    def __init__(self, job: Job, playbook: Playbook, dossiers: Dossiers) -> None:
        """Begin without looking anything up.

        Args:
            job: the call, its rep.
            playbook: battlecards and discount policy.
            dossiers: the call's account.
        """
        self._job, self._playbook, self._dossiers = job, playbook, dossiers

    async def prefetch(self) -> bool:
        """Begin to fetch the account's dossier. Return within 0.3 s whether it is there."""
        return await self._dossiers.prefetch()

    async def run(self, call: ToolCall, *, is_approved: bool) -> str:
        """Return what the tool found, as text for the model.

        Raises:
            ToolFailed: nothing was found out, or written.
        """
        seconds = SECONDS.get(call.name)
        if seconds is None:
            raise ToolFailed("unknown")
        try:
            async with asyncio.timeout(seconds):
                return await self._run(call, is_approved)
        except TimeoutError:
            raise ToolFailed("timeout") from None
        except CrmError as error:
            raise ToolFailed(error.code) from None

    async def aclose(self) -> None:
        """Give up what is under way and free the connections. Safe to call twice."""
        await self._dossiers.aclose()

    async def _run(self, call: ToolCall, is_approved: bool) -> str:
        if call.name == BATTLECARD:
            card = find_card(self._playbook, _text(call, "competitor"))
            return card_text(card) if card else NONE_TEXT
        if call.name == DISCOUNT_AUTHORITY:
            return self._authority(call)
        if call.name == LOG_OUTCOME:
            return await self._log(call, is_approved)
        if dossier := await self._dossiers.get():
            return dossier
        raise ToolFailed("not_found")

    def _authority(self, call: ToolCall) -> str:
        percent = dict(call.arguments).get("percent")
        if isinstance(percent, bool) or not isinstance(percent, int | float):
            raise ToolFailed("arguments")
        if not (math.isfinite(percent) and 0 <= percent <= 100):
            raise ToolFailed("arguments")
        product, term = _text(call, "product") or None, _text(call, "term") or None
        decided = ruling(self._playbook.discounts, percent, ROLE, product, term)
        return authority_text(decided, percent, ROLE)

    async def _log(self, call: ToolCall, is_approved: bool) -> str:
        if not is_approved:
            raise ToolFailed("unapproved")
        text, next_step = _text(call, "outcome"), _text(call, "next_step")
        if not text:
            raise ToolFailed("arguments")
        rep = self._job.rep.identity
        await self._dossiers.log_outcome(Outcome(self._job.call_id, rep, text, next_step))
        return LOGGED_TEXT


def _text(call: ToolCall, name: str) -> str:
    value = dict(call.arguments).get(name, "")
    if not isinstance(value, str) or len(value) > _MOST_TEXT:
        raise ToolFailed("arguments")
    return value.strip()
