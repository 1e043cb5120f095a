"""Dossiers on the disk: fresh, stale, unknown, torn, and not too many."""

import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from coach.adapters.crm import cache as cache_module
from coach.adapters.crm.cache import KEPT_SECONDS, UNKNOWN_KEPT_SECONDS, DossierCache
from coach.adapters.crm.port import AccountKey, Dossier

DIGEST = AccountKey("default", "canary").digest("embedded")


class Wall:
    """Wall time that tests set."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall(1_800_000_000.0)


@pytest.fixture
def cache(tmp_path: Path, wall: Wall) -> DossierCache:
    return DossierCache(tmp_path / "data", wall)


def file_of(tmp_path: Path) -> Path:
    return tmp_path / "data" / "dossiers" / f"{DIGEST}.json"


def text_of(cache: DossierCache) -> str | None:
    dossier = cache.read(DIGEST)
    return None if dossier is None else dossier.text


def test_a_dossier_is_kept_for_an_hour(cache: DossierCache, wall: Wall) -> None:
    cache.write(DIGEST, Dossier("Renewal: May."))

    assert text_of(cache) == "Renewal: May."
    wall.now += KEPT_SECONDS - 1
    assert text_of(cache) == "Renewal: May."
    wall.now += 1
    assert text_of(cache) is None


def test_that_there_is_no_such_account_is_kept_for_less_long(
    cache: DossierCache, wall: Wall
) -> None:
    cache.write(DIGEST, Dossier(""))

    assert text_of(cache) == ""
    wall.now += UNKNOWN_KEPT_SECONDS
    assert text_of(cache) is None


def test_a_dossier_from_the_future_is_not_believed(cache: DossierCache, wall: Wall) -> None:
    cache.write(DIGEST, Dossier("Renewal: May."))
    wall.now -= 60

    assert text_of(cache) is None


@pytest.mark.parametrize(
    "torn",
    [
        b"",
        b'{"v": 1, "at": 1800000000.0, "te',
        b"null",
        b"[]",
        b'{"at": "today", "text": "x"}',
        b'{"at": 1800000000.0, "text": 7}',
        b'{"at": 1800000000.0}',
        b"\xff\xfe",
        b"[" * 20_000,
    ],
)
def test_a_file_that_is_torn_or_strange_counts_as_none(
    cache: DossierCache, tmp_path: Path, torn: bytes
) -> None:
    cache.write(DIGEST, Dossier("Renewal: May."))
    file_of(tmp_path).write_bytes(torn)

    assert text_of(cache) is None
    cache.write(DIGEST, Dossier("Renewal: June."))
    assert text_of(cache) == "Renewal: June."


def test_files_are_for_their_owner_and_named_by_a_hash(cache: DossierCache, tmp_path: Path) -> None:
    cache.write(DIGEST, Dossier("canary"))
    cache.lock(DIGEST)

    folder = tmp_path / "data" / "dossiers"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    assert [stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()] == [0o600]
    assert "canary" not in str(list(folder.iterdir()))


def test_there_are_never_too_many_files_and_none_that_is_too_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_module, "MOST_FILES", 3)
    cache = DossierCache(tmp_path)
    digests = [AccountKey("default", str(n)).digest("s") for n in range(6)]
    folder = tmp_path / "dossiers"
    folder.mkdir()
    (folder / "left.tmp").touch()
    os.utime(folder / "left.tmp", (1, 1))
    for age, digest in enumerate(digests):
        cache.write(digest, Dossier("x"))
        os.utime(folder / f"{digest}.json", (now := cache._now() - 100 + age, now))
    cache.write(digests[-1], Dossier("x"))

    assert {file.stem for file in folder.iterdir()} == set(digests[-3:])


def test_a_disk_that_fails_is_only_a_missing_cache(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    cache = DossierCache(tmp_path / "data")

    cache.write(DIGEST, Dossier("canary"))
    cache.forget(DIGEST)

    assert text_of(cache) is None
    assert cache.lock(DIGEST) is None
    assert caplog.records
    assert "canary" not in str([record.__dict__ for record in caplog.records])


def test_whoever_holds_a_lock_holds_it_alone_and_a_patience_lost_frees_it(
    cache: DossierCache,
) -> None:
    first, second = cache.lock(DIGEST), cache.lock(DIGEST)
    assert first is not None and second is not None

    assert first.take()
    assert not second.take()
    first.give_up()
    assert second.take()
    second.give_up()
    assert not second.take(), "given up for good"


def test_whoever_gives_up_never_waits_for_a_disk_that_hangs(
    cache: DossierCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_hanging, may_go_on, real_open = threading.Event(), threading.Event(), os.open

    def hang(*args: Any) -> int:
        is_hanging.set()
        assert may_go_on.wait(10)
        return real_open(*args)

    first, second = cache.lock(DIGEST), cache.lock(DIGEST)
    assert first is not None and second is not None
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", hang)
        thread = threading.Thread(target=first.take)
        thread.start()
        assert is_hanging.wait(10)
        first.give_up()
        assert thread.is_alive()
        may_go_on.set()
        thread.join(10)

    assert second.take(), "the first one's thread has let go"
    second.give_up()


def test_accounts_share_nothing_unless_all_that_is_known_of_them_is_equal() -> None:
    keys = [
        AccountKey("default", "a"),
        AccountKey("other", "a"),
        AccountKey("default", None, "a"),
        AccountKey("default", None, None, "a"),
        AccountKey("default", "a", None, "Acme"),
        AccountKey("default", "a", None, "Brightwater"),
    ]

    digests = [key.digest(source) for key in keys for source in ("embedded", "http")]

    assert len(set(digests)) == len(digests)
    assert AccountKey("t", "a", "A.example", "Acme  Corp").digest("s") == AccountKey(
        "t", "a", "a.example", "acme corp"
    ).digest("s")


def test_what_is_written_is_not_shown_by_anything_that_is_logged() -> None:
    assert "canary" not in repr((AccountKey("canary", "canary"), Dossier("canary")))
    assert json.dumps(DIGEST).isascii()
