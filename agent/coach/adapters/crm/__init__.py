"""The CRM: embedded by default, or any HTTP/JSON one by mapping; and the dossiers made of it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from coach.adapters.crm.embedded import FileCrm
from coach.adapters.crm.http_json import HttpCrm
from coach.adapters.crm.port import Crm
from coach.adapters.crm.schema import CrmSection, HeaderSection
from coach.domain.playbook import Account
from coach.errors import ConfigError

VARIABLE = "COACH_PROVIDERS"


def open_crm(
    section: Mapping[str, Any],
    accounts: Mapping[str, Account],
    data: Path,
    environ: Mapping[str, str] = os.environ,
    *,
    playbook: str = "",
) -> Crm:
    """Return the CRM of one call. Connects to nothing yet.

    Args:
        section: the `crm:` section of the call's provider profile; empty: the embedded CRM.
        accounts: the playbook's, by id: the embedded CRM's.
        data: the folder of the embedded stores.
        environ: holds the secrets that the section names.
        playbook: its name: it tells those accounts from another playbook's.

    Raises:
        ConfigError: the section cannot be used. Checking the profiles says where and why.
    """
    embedded = FileCrm(accounts, data, playbook=playbook)
    if not section:
        return embedded
    try:
        checked = CrmSection.model_validate(dict(section))
    except ValidationError:
        raise ConfigError(VARIABLE, "holds a crm section that cannot be used") from None
    secrets = {name: _secret(header, environ) for name, header in checked.headers.items()}
    return HttpCrm(checked, secrets, embedded)


def _secret(header: HeaderSection, environ: Mapping[str, str]) -> str:
    value = environ.get(header.key_env, "")
    if not value or not value.isascii() or not value.isprintable():
        problem = f"names {header.key_env}, which is not set to a line of plain text"
        raise ConfigError(VARIABLE, problem)
    return header.prefix + value
