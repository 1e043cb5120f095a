"""Any CRM that answers with JSON over HTTP, as the operator's section describes it.

Requests go where the section says and nowhere else: no redirect is followed. Nothing is asked
twice, but once more when no connection came about; nothing is written twice.
"""

import asyncio
import functools
import hashlib
import json
import ssl
from collections.abc import Mapping
from typing import Any, Final

import httpx2

from coach.adapters.crm import http_logs
from coach.adapters.crm.embedded import FileCrm
from coach.adapters.crm.mapping import facts_of, find_record, is_about
from coach.adapters.crm.port import (
    BROKEN,
    NONSENSE,
    REFUSED,
    TIMEOUT,
    AccountFacts,
    AccountKey,
    CrmError,
    Outcome,
)
from coach.adapters.crm.schema import CrmSection
from coach.adapters.crm.templates import (
    ACCOUNT_DOMAIN,
    ACCOUNT_ID,
    ACCOUNT_NAME,
    TENANT,
    Values,
    fill_address,
    fill_body,
    places,
)
from coach.setting_types import is_loopback

LARGEST_ANSWER_BYTES = 256 * 1024
TIMEOUTS: Final = httpx2.Timeout(connect=1.5, read=3.5, write=1.5, pool=0.5)
_CONNECTIONS: Final = httpx2.Limits(max_connections=2, keepalive_expiry=5.0)
_HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity"}
_NOT_FOUND = (404, 410)


class HttpCrm:
    """One CRM for one call."""

    def __init__(self, section: CrmSection, secrets: Mapping[str, str], embedded: FileCrm) -> None:
        """Begin without connecting.

        Args:
            section: addresses and mapping.
            secrets: value of each header of the section, by its name.
            embedded: where outcomes go when the section does not say how to write them.
        """
        self._section, self._headers, self._embedded = section, {**_HEADERS, **secrets}, embedded
        # What one key opens another must not read. No digest gives them away.
        written = json.dumps([section.as_written(), dict(secrets)], sort_keys=True)
        self.source = f"http:{hashlib.sha256(written.encode()).hexdigest()}"
        self._client: httpx2.AsyncClient | None = None
        http_logs.install()

    async def account(self, key: AccountKey) -> AccountFacts | None:
        """Ask for an account by its id, then its domain, then its name, as far as known.

        Raises:
            CrmError: the CRM did not answer, or not as mapped.
        """
        ways, fields = self._section.account, self._section.fields
        values = _values(key)
        for way, place, own in (
            (ways.by_id, ACCOUNT_ID, fields.id),
            (ways.by_domain, ACCOUNT_DOMAIN, fields.domain),
            (ways.by_name, ACCOUNT_NAME, fields.name),
        ):
            wanted = values[place]
            if way is None or not wanted:
                continue
            body = await self._read(fill_address(way.url, values))
            if body is None:
                continue
            # In a thread: an answer as large as allowed takes tens of milliseconds.
            understood = _Understanding(way.record, own, wanted)
            facts = await asyncio.to_thread(understood.facts, body, self._section)
            if facts is not None:
                return facts
        return None

    async def log_outcome(self, key: AccountKey | None, outcome: Outcome) -> None:
        """Write an outcome as the section says; without it, into the embedded store.

        Raises:
            CrmError: it may not have been written.
        """
        section = self._section.outcome
        if section is None:
            await self._embedded.log_outcome(key, outcome)
            return
        values = {**_values(key or AccountKey("")), **_written(outcome)}
        if ACCOUNT_ID in places(section.url) and not values[ACCOUNT_ID] and key is not None:
            facts = await self.account(key)
            values[ACCOUNT_ID] = facts.id if facts else None
        url = fill_address(section.url, values)
        body = json.dumps(fill_body(section.body, values)).encode()
        await self._ask(section.method, url, body)

    async def aclose(self) -> None:
        """Close the connections. Safe to call twice."""
        if self._client is not None:
            await self._client.aclose()

    async def _read(self, url: str) -> bytes | None:
        """Return an answer's body; None: there is no such thing."""
        try:
            return await self._ask("GET", url)
        except _NotConnected:
            return await self._ask("GET", url)

    async def _ask(self, method: str, url: str, body: bytes | None = None) -> bytes | None:
        if self._client is None:
            self._client = await asyncio.to_thread(_open_client, self._section)
        headers = self._headers | ({"Content-Type": "application/json"} if body else {})
        try:
            async with self._client.stream(method, url, headers=headers, content=body) as response:
                if response.status_code in _NOT_FOUND and method == "GET":
                    return None
                return await _body(response)
        except httpx2.ConnectError:
            raise _NotConnected from None
        except httpx2.TimeoutException:
            raise CrmError(TIMEOUT) from None
        except (httpx2.HTTPError, httpx2.InvalidURL):
            raise CrmError(BROKEN) from None


class _NotConnected(CrmError):
    """Nothing has reached the CRM."""

    def __init__(self) -> None:
        super().__init__(BROKEN)


class _Understanding:
    """How the answer to one lookup is to be read."""

    def __init__(self, record: str, own: str | None, wanted: str) -> None:
        self._record, self._own, self._wanted = record, own, wanted

    def facts(self, body: bytes, section: CrmSection) -> AccountFacts | None:
        try:
            answer: Any = json.loads(body)
        except (ValueError, RecursionError):
            raise CrmError(NONSENSE) from None
        for record in find_record(answer, self._record):
            if is_about(record, self._own, self._wanted):
                return facts_of(record, section.fields)
        return None


async def _body(response: httpx2.Response) -> bytes:
    """Return a good answer's body, as far as it is not too large."""
    if response.status_code >= 500:
        raise CrmError(BROKEN)
    if not response.is_success:
        raise CrmError(REFUSED)
    if response.headers.get("content-encoding", "identity") != "identity":
        raise CrmError(NONSENSE)  # not asked for, and no telling how large it is
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > LARGEST_ANSWER_BYTES:
            raise CrmError(NONSENSE)
    return bytes(body)


def _values(key: AccountKey) -> dict[str, str | None]:
    return {
        ACCOUNT_ID: key.id,
        ACCOUNT_DOMAIN: key.domain,
        ACCOUNT_NAME: key.name,
        TENANT: key.tenant,
    }


def _written(outcome: Outcome) -> Values:
    return {
        "call.id": outcome.call_id,
        "rep.identity": outcome.rep,
        "outcome": outcome.outcome,
        "next_step": outcome.next_step,
    }


def _open_client(section: CrmSection) -> httpx2.AsyncClient:
    """Blocks for some 20 ms: what is imported late, and the authorities."""
    addresses = section.addresses()
    return httpx2.AsyncClient(
        timeout=TIMEOUTS,
        limits=_CONNECTIONS,
        follow_redirects=False,
        verify=_tls() if any(address.startswith("https") for address in addresses) else False,
        trust_env=not all(map(is_loopback, addresses)),
    )


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx2.create_ssl_context()
