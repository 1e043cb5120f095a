"""What a CRM is to the coach: who an account is, what is known of it, what may be written.

The values hold names and notes: none of them enters a log, an exception or a file name. Nor do
they show themselves: when debugging, asyncio logs what tasks and threads return.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Self

from coach.domain.job import Job
from coach.domain.playbook import Account

TIMEOUT = "timeout"
"""No answer in time."""
REFUSED = "refused"
"""The CRM does not want to answer us (4xx, a redirect)."""
BROKEN = "broken"
"""It cannot be reached, failed (5xx), or its answer breaks off; a disk that fails."""
NONSENSE = "nonsense"
"""Its answer is too large, no JSON, or not of the mapped shape."""
NO_ACCOUNT = "no_account"
"""The job does not say enough to find the account."""


class CrmError(Exception):
    """The CRM did not do what was asked. `code` is a stable word, never the CRM's text."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the CRM failed ({code})")
        self.code = code


@dataclass(frozen=True, slots=True, repr=False)
class AccountKey:
    """One account of one tenant, by whatever of the three is known. Looked up in this order."""

    tenant: str
    id: str | None = None
    domain: str | None = None
    name: str | None = None

    @classmethod
    def of(cls, job: Job, known: Mapping[str, Account]) -> Self | None:
        """Return the account of a call; None when its job names none.

        Args:
            job: says the account's id or name.
            known: the playbook's accounts, by id: they add the domain.
        """
        ref = job.account
        account = known.get(ref.id) if ref.id else None
        domain = ref.domain or (account.domain if account else None)
        if not (ref.id or domain or ref.name):
            return None
        return cls(job.tenant, ref.id or None, domain, ref.name or None)

    def digest(self, source: str) -> str:
        """Return a name for files: the same for the same account, and not to be read back.

        All three parts count: two calls that share an id but not a name share nothing.

        Args:
            source: which CRM the account is in.
        """
        domain, name = folded(self.domain or ""), folded(self.name or "")
        text = json.dumps([source, self.tenant, self.id or "", domain, name])
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """A deal or a note."""

    text: str
    date: str = ""
    """ISO 8601, as precise as the CRM has it; empty: unknown."""


@dataclass(frozen=True, slots=True, repr=False)
class AccountFacts:
    """What a CRM knows about an account."""

    about: str = ""
    deals: tuple[Entry, ...] = ()
    """Open ones."""
    notes: tuple[Entry, ...] = ()
    renewal: str = ""
    last_call: str = ""
    id: str | None = None
    """The account's id in this CRM."""


@dataclass(frozen=True, slots=True, repr=False)
class Dossier:
    """What is known of an account, compressed for the advisor."""

    text: str
    """Empty: the CRM knows no such account."""


@dataclass(frozen=True, slots=True, repr=False)
class Outcome:
    """What is written after a call's agreement, with the rep's yes."""

    call_id: str
    rep: str
    """The rep's identity."""
    outcome: str
    next_step: str


class Crm(Protocol):
    """Where accounts live."""

    @property
    def source(self) -> str:
        """Which CRM this is, with its mapping and keys, digested: what it told is not another's."""
        ...

    async def account(self, key: AccountKey) -> AccountFacts | None:
        """Return what is known; None: there is no such account.

        Raises:
            CrmError: it cannot be said.
        """
        ...

    async def log_outcome(self, key: AccountKey | None, outcome: Outcome) -> None:
        """Write an outcome. The rep has agreed. Never tried twice.

        Raises:
            CrmError: it may not have been written.
        """
        ...

    async def aclose(self) -> None:
        """Free what is held. Safe to call twice."""
        ...


def folded(text: str) -> str:
    """Return a name as it is compared: without regard to case and blanks."""
    return " ".join(text.casefold().split())
