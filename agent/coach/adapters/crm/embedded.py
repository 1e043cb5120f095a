"""The embedded CRM: accounts as the playbook tells them, outcomes in files of this machine."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from coach.adapters.crm.outcomes import OutcomeLog
from coach.adapters.crm.port import (
    BROKEN,
    AccountFacts,
    AccountKey,
    CrmError,
    Entry,
    Outcome,
    folded,
)
from coach.domain.playbook import Account

_SOURCE = "embedded"
_DEAL, _NOTE = ("open deal", "open deals", "deal"), ("past note", "past notes", "note", "notes")
_RENEWAL, _LAST_CALL = ("renewal", "renewal date"), ("last call",)

Now = Callable[[], datetime]


class FileCrm:
    """Accounts of the playbook, and a log of outcomes beside it."""

    def __init__(
        self,
        accounts: Mapping[str, Account],
        data: Path,
        now: Now = lambda: datetime.now(UTC),
        *,
        playbook: str = "",
    ) -> None:
        """Begin without touching the disk.

        Args:
            accounts: by id.
            data: the folder of the embedded stores.
            now: wall time, for the lines of the log.
            playbook: name of the playbook that the accounts are of: another one on this machine
                may mean somebody else by the same id.
        """
        self._accounts, self._now, self._playbook = accounts, now, playbook
        self._outcomes = OutcomeLog(data)
        told = [[each.id, each.name, each.domain, each.notes] for each in accounts.values()]
        written = json.dumps([playbook, *told])
        self.source = f"{_SOURCE}:{hashlib.sha256(written.encode()).hexdigest()}"

    async def account(self, key: AccountKey) -> AccountFacts | None:
        """Return what the playbook and the outcomes of earlier calls tell.

        Raises:
            CrmError: the disk failed.
        """
        account = self._find(key)
        try:
            logged = await asyncio.to_thread(self._outcomes.newest, self._file_of(key, account))
        except OSError:
            raise CrmError(BROKEN) from None
        if account is None:
            return AccountFacts(notes=logged) if logged else None
        return facts_of(account.notes, logged)

    async def log_outcome(self, key: AccountKey | None, outcome: Outcome) -> None:
        """Append an outcome to the account's file; on the disk when this returns.

        Raises:
            CrmError: the disk failed.
        """
        key = key or AccountKey("")
        account = self._find(key)
        line = {
            "v": 1,
            "at": self._now().isoformat(timespec="seconds"),
            "playbook": self._playbook,
            "tenant": key.tenant,
            "account": _named(key, account),
            "call_id": outcome.call_id,
            "rep": outcome.rep,
            "outcome": outcome.outcome,
            "next_step": outcome.next_step,
        }
        try:
            await asyncio.to_thread(self._outcomes.append, self._file_of(key, account), line)
        except OSError:
            raise CrmError(BROKEN) from None

    async def aclose(self) -> None:
        """Nothing is held."""

    def _find(self, key: AccountKey) -> Account | None:
        """Look an account up by id, then domain, then name."""
        accounts = self._accounts.values()
        if key.id and key.id in self._accounts:
            return self._accounts[key.id]
        if domain := folded(key.domain or ""):
            for account in accounts:
                if folded(account.domain or "") == domain:
                    return account
        if name := folded(key.name or ""):
            for account in accounts:
                if folded(account.name) == name:
                    return account
        return None

    def _file_of(self, key: AccountKey, account: Account | None) -> str:
        """Return the name of an account's file: the same however the account is looked up.

        Not by the notes, which authors change: what was logged would be out of sight.
        """
        known = AccountKey(key.tenant, account.id, None, account.name) if account else key
        return known.digest(f"{_SOURCE}:{self._playbook}")


def facts_of(notes: str, logged: tuple[Entry, ...] = ()) -> AccountFacts:
    """Return what an account's notes tell; a line may say by its label what it is.

    Args:
        notes: one fact a line, such as `Renewal: 14 November` or `Open deal: …`.
        logged: outcomes of earlier calls.
    """
    sorted_out: dict[str, list[str]] = {"deal": [], "note": [], "renewal": [], "call": []}
    about = []
    for line in filter(None, map(str.strip, notes.splitlines())):
        label, colon, text = line.partition(":")
        kind = _LABELS.get(folded(label)) if colon else None
        if kind is None:
            about.append(line)
        else:
            sorted_out[kind].append(text.strip())
    return AccountFacts(
        about=" ".join(about),
        deals=tuple(map(Entry, sorted_out["deal"])),
        notes=(*logged, *map(Entry, sorted_out["note"])),
        renewal=" ".join(sorted_out["renewal"]),
        last_call=" ".join(sorted_out["call"]),
    )


_LABELS = {
    **dict.fromkeys(_DEAL, "deal"),
    **dict.fromkeys(_NOTE, "note"),
    **dict.fromkeys(_RENEWAL, "renewal"),
    **dict.fromkeys(_LAST_CALL, "call"),
}


def _named(key: AccountKey, account: Account | None) -> dict[str, str | None]:
    """Return whose outcome it is: by it a person finds lines whose file no call reads any more."""
    if account is None:
        return {"id": key.id, "name": key.name}
    return {"id": account.id, "name": account.name}
