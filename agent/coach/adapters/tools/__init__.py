"""The advisor's tools, run: what they find, and the one thing they write with the rep's yes.

    tools = open_tools(job, playbook, profile.crm, settings.data)
    await tools.prefetch()                    # before the room is joined: at most 0.3 s
    text = await tools.run(call, is_approved=False)     # `coach.application.ports.ToolBox`
    await tools.aclose()

Account, rep and tenant are bound when the tools are opened, and are never arguments. Every tool
has its own deadline and fails with a code (`ToolFailed`): `timeout`, `refused`, `broken`,
`nonsense` (the CRM), `not_found` (no such account, or none in the job), `unapproved`,
`arguments` (of the wrong form), `unknown` (no such tool).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from coach.adapters.crm import open_crm
from coach.adapters.crm.dossiers import Dossiers
from coach.adapters.crm.port import AccountKey
from coach.adapters.tools.toolbox import CallTools
from coach.domain.job import Job
from coach.domain.playbook import Playbook

__all__ = ["CallTools", "open_tools"]


def open_tools(job: Job, playbook: Playbook, section: Mapping[str, Any], data: Path) -> CallTools:
    """Return the tools of one call. Connects to nothing yet.

    Args:
        job: whose account, rep and tenant are bound.
        playbook: the call's playbook.
        section: the `crm:` section of the call's provider profile; empty: the embedded CRM.
        data: the folder of the embedded stores.

    Raises:
        ConfigError: the section cannot be used, or a secret that it names is not set.
    """
    crm = open_crm(section, playbook.accounts, data, playbook=playbook.name)
    key = AccountKey.of(job, playbook.accounts)
    return CallTools(job, playbook, Dossiers(crm, key, data))
