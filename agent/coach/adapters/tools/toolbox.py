"""Runs a tool for one call, each within its own deadline. Who it is for was bound at the start."""

import asyncio

from pydantic import ValidationError

from coach.adapters.crm.dossiers import Dossiers
from coach.adapters.crm.port import CrmError
from coach.adapters.tools.registry import TOOLS
from coach.adapters.tools.tool import Bound
from coach.application.ports import ToolFailed
from coach.domain.advice import ToolCall
from coach.domain.job import Job
from coach.domain.playbook import Playbook


class CallTools:
    """The tools of one call."""

    def __init__(self, job: Job, playbook: Playbook, dossiers: Dossiers) -> None:
        """Begin without looking anything up.

        Args:
            job: the call, its rep.
            playbook: battlecards and discount policy.
            dossiers: the call's account.
        """
        self._bound = Bound(job, playbook, dossiers)

    async def prefetch(self) -> bool:
        """Begin to fetch the account's dossier. Return within 0.3 s whether it is there."""
        return await self._bound.dossiers.prefetch()

    async def run(self, call: ToolCall, *, is_approved: bool) -> str:
        """Return what the tool found, as text for the model.

        Raises:
            ToolFailed: nothing was found out, or written.
        """
        tool = TOOLS.get(call.name)
        if tool is None:
            raise ToolFailed("unknown")
        if tool.needs_approval and not is_approved:
            raise ToolFailed("unapproved")
        try:
            form = tool.form.model_validate(dict(call.arguments))
            async with asyncio.timeout(tool.seconds):
                return await tool.run(self._bound, form)
        except ValidationError:
            raise ToolFailed("arguments") from None
        except TimeoutError:
            raise ToolFailed("timeout") from None
        except CrmError as error:
            raise ToolFailed(error.code) from None

    async def aclose(self) -> None:
        """Give up what is under way and free the connections. Safe to call twice."""
        await self._bound.dossiers.aclose()
