"""The dossier of one call's account: asked for once, whoever needs it, and shared with all calls.

A slow or dead CRM costs the dossier and nothing else: asking runs in a task of its own, bounded
in time, and is waited for only by those who said how long.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from coach.adapters.crm.cache import DossierCache
from coach.adapters.crm.dossier import compress
from coach.adapters.crm.locks import FileLock
from coach.adapters.crm.port import BROKEN, TIMEOUT, AccountKey, Crm, CrmError, Dossier, Outcome

PREFETCH_SECONDS = 0.3
FETCH_SECONDS = 4.0
LOCK_SECONDS = 3.5
"""How long to wait for another call that is asking about the same account."""
_AGAIN_SECONDS = 0.03

_log = logging.getLogger(__name__)


class Dossiers:
    """What is known of a call's account. Owns the CRM that it was given."""

    def __init__(self, crm: Crm, key: AccountKey | None, data: Path) -> None:
        """Begin without asking.

        Args:
            crm: where accounts live.
            key: the call's account; None: the job names none.
            data: the folder of the embedded stores.
        """
        self._crm, self._key, self._cache = crm, key, DossierCache(data)
        self._digest = key.digest(crm.source) if key else ""
        self._fetching: asyncio.Task[Dossier] | None = None
        self._waiting_count = 0

    async def prefetch(self) -> bool:
        """Begin to ask. Return within 0.3 s whether there is a dossier; asking goes on."""
        if self._key is None:
            return False
        task = self._begin(self._key)
        await asyncio.wait({task}, timeout=PREFETCH_SECONDS)
        is_here = task.done() and not task.cancelled() and task.exception() is None
        return is_here and bool(task.result().text)

    async def get(self) -> str:
        """Return the dossier, empty when there is no such account.

        Raises:
            CrmError: it cannot be said.
        """
        if self._key is None:
            return ""
        task = self._begin(self._key)
        self._waiting_count += 1
        try:
            # Shielded: one who loses patience does not stop it for the others.
            return (await asyncio.shield(task)).text
        finally:
            self._waiting_count -= 1
            if self._waiting_count == 0:
                task.cancel()  # nobody wants it any more: the CRM is not kept busy

    async def log_outcome(self, outcome: Outcome) -> None:
        """Write an outcome that the rep has agreed to. The next call reads it.

        Raises:
            CrmError: it may not have been written.
        """
        with _broken_crm_told():
            await self._crm.log_outcome(self._key, outcome)
        if self._key is not None:
            await asyncio.to_thread(self._cache.forget, self._digest)

    async def aclose(self) -> None:
        """Stop asking and free the connections. Safe to call twice."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait({self._fetching})
        await self._crm.aclose()

    def _begin(self, key: AccountKey) -> asyncio.Task[Dossier]:
        """Return the asking under way, or what it came to; one that failed is begun anew."""
        task = self._fetching
        if task is None or task.cancelling() or (task.done() and _has_failed(task)):
            task = asyncio.create_task(self._fetch(key), name="coach.crm.dossier")
            task.add_done_callback(_look_at)
            self._fetching = task
        return task

    async def _fetch(self, key: AccountKey) -> Dossier:
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                if (dossier := await self._cached()) is not None:
                    return dossier
                async with self._turn():
                    return await self._cached() or await self._ask(key)
        except TimeoutError:
            raise CrmError(TIMEOUT) from None

    async def _cached(self) -> Dossier | None:
        return await asyncio.to_thread(self._cache.read, self._digest)

    async def _ask(self, key: AccountKey) -> Dossier:
        with _broken_crm_told():
            facts = await self._crm.account(key)
            dossier = Dossier(compress(facts) if facts is not None else "")
        await asyncio.to_thread(self._cache.write, self._digest, dossier)
        return dossier

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait while another call asks about this account, but not for ever."""
        lock = await asyncio.to_thread(self._cache.lock, self._digest)
        if lock is None:
            yield
            return
        try:
            with contextlib.suppress(TimeoutError, OSError):
                async with asyncio.timeout(LOCK_SECONDS):
                    await _take(lock)
            yield
        finally:
            lock.give_up()


@contextlib.contextmanager
def _broken_crm_told() -> Iterator[None]:
    """Turn whatever an adapter lets escape into the port's own failure.

    Raises:
        CrmError: as it was, or `broken` for anything else.
        TimeoutError: as it was; whoever set a deadline has a word for it.
    """
    try:
        yield
    except (CrmError, TimeoutError):
        raise
    except Exception as error:  # it costs the dossier; its text may hold what the CRM said
        _log.error("CRM broke", extra={"error_type": type(error).__name__})
        raise CrmError(BROKEN) from None


async def _take(lock: FileLock) -> None:
    is_ours = await asyncio.to_thread(lock.take)
    while not is_ours:
        await asyncio.sleep(_AGAIN_SECONDS)
        is_ours = await asyncio.to_thread(lock.take)


def _has_failed(task: asyncio.Task[Dossier]) -> bool:
    return task.cancelled() or task.exception() is not None


def _look_at(task: asyncio.Task[Dossier]) -> None:
    """Nobody may be waiting any more: else asyncio would log what is told to the next one."""
    if not task.cancelled():
        task.exception()
