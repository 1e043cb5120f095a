"""The sample product's server half: who gets which token, and who gets nothing at all."""

import base64
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from coach.adapters.job import parse_job
from coach.cli.demo.processes import LiveKit
from coach.cli.dispatch import DispatchFailed
from coach.cli.panel.endpoints import Meeting
from coach.cli.panel.site import Links, serving
from coach.domain.job import ConsentState
from coach.errors import ConfigError

SERVER = LiveKit("ws://127.0.0.1:7880", "devkey", "a-secret-that-is-long-enough-to-sign-with")
COACH = "call-assistant-1"


@dataclass
class Site:
    """A running site, and a client that behaves like a page of it."""

    links: Links
    client: aiohttp.ClientSession
    jobs: list[str]

    @property
    def base(self) -> str:
        return self.links.rep.partition("/join/")[0]

    async def get(self, path: str, **headers: str) -> aiohttp.ClientResponse:
        return await self.client.get(f"{self.base}{path}", headers=headers)

    async def post(
        self, link: str, what: str, fields: object = None, **headers: str
    ) -> aiohttp.ClientResponse:
        sent = {"Origin": self.base, "Content-Type": "application/json", **headers}
        return await self.client.post(f"{link}/{what}", data=json.dumps(fields or {}), headers=sent)

    async def admission(self, link: str, name: str = "Sam") -> dict[str, Any]:
        answer = await self.post(link, "token", {"name": name})
        assert answer.status == 200
        found: dict[str, Any] = await answer.json()
        return found


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "host"
    folder.mkdir()
    (folder / "index.html").write_text("<title>Call</title>")
    (folder / "main.js").write_text("// page")
    (folder / "main.js.map").write_text("{}")
    (tmp_path / "secret.js").write_text("// outside")
    return folder


@pytest.fixture
async def site(pages: Path) -> AsyncIterator[Site]:
    async with running_site(pages) as running:
        yield running


@contextlib.asynccontextmanager
async def running_site(pages: Path, *, fails: bool = False) -> AsyncIterator[Site]:
    jobs: list[str] = []

    async def dispatch(job: str) -> str:
        jobs.append(job)
        if fails:
            raise DispatchFailed("no agent joined")
        return COACH

    meeting = Meeting.fresh(SERVER, "meeting-1", "call-assistant")
    async with (
        serving(meeting, dispatch=dispatch, pages=pages) as links,
        aiohttp.ClientSession() as client,
    ):
        yield Site(links, client, jobs)


def claims(token: str) -> dict[str, Any]:
    """Read what a token grants."""
    body = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


async def test_the_reps_link_signs_for_the_rep_who_may_send_data(site: Site) -> None:
    admission = await site.admission(site.links.rep, "Sam")

    found = claims(admission["token"])
    assert (found["sub"], found["name"], admission["role"]) == ("rep-1", "Sam", "rep")
    assert found["video"]["canPublishData"] is True
    assert admission["invitation"] == site.links.prospect.removeprefix(site.base)


async def test_the_prospects_link_signs_for_an_identity_of_their_own_without_data(
    site: Site,
) -> None:
    one = await site.admission(site.links.prospect, "Dana")
    other = await site.admission(site.links.prospect, "Dana")

    identities = {claims(each["token"])["sub"] for each in (one, other)}
    assert len(identities) == 2
    assert all(identity.startswith("prospect-") for identity in identities)
    assert claims(one["token"])["video"]["canPublishData"] is False
    assert "invitation" not in one
    assert site.links.rep.rpartition("/")[2] not in json.dumps(one)


@pytest.mark.parametrize("side", ["rep", "prospect"])
async def test_a_token_names_one_room_expires_and_grants_nothing_else(
    site: Site, side: str
) -> None:
    admission = await site.admission(getattr(site.links, side))

    found = claims(admission["token"])
    rights = found["video"]
    assert rights["room"] == "meeting-1"
    assert found["exp"] - found["nbf"] <= 3600
    assert rights["canUpdateOwnMetadata"] is False
    given = {name for name, value in rights.items() if value is True}
    assert given <= {"roomJoin", "canPublish", "canSubscribe", "canPublishData"}
    assert found.get("kind", "standard") == "standard"


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("  Sam \u202e\x00 ", "Sam"),
        ("x" * 100, "x" * 60),
        ("", "Prospect"),
        (7, "Prospect"),
    ],
)
async def test_a_name_is_short_and_printable(site: Site, name: object, becomes: str) -> None:
    answer = await site.post(site.links.prospect, "token", {"name": name})

    assert claims((await answer.json())["token"])["name"] == becomes


async def test_a_link_that_was_not_given_out_does_not_exist(site: Site) -> None:
    unknown = f"{site.base}/join/{'A' * 22}"

    page = await site.client.get(unknown)
    token = await site.post(unknown, "token")
    coach = await site.post(unknown, "coach")

    assert (page.status, token.status, coach.status) == (404, 404, 404)


async def test_the_coach_is_dispatched_for_the_rep_with_consent_pending(site: Site) -> None:
    await site.admission(site.links.rep, "Sam")

    answer = await site.post(site.links.rep, "coach")

    assert await answer.json() == {"agent": COACH}
    [job] = map(parse_job, site.jobs)
    assert (job.rep.identity, job.rep.name, job.call_id) == ("rep-1", "Sam", "meeting-1")
    assert job.consent.state is ConsentState.PENDING


async def test_a_prospect_cannot_bring_the_coach_in(site: Site) -> None:
    answer = await site.post(site.links.prospect, "coach")

    assert answer.status == 404
    assert site.jobs == []


async def test_a_coach_that_does_not_come_is_said_so(pages: Path) -> None:
    async with running_site(pages, fails=True) as site:
        answer = await site.post(site.links.rep, "coach")

        assert answer.status == 503
        assert await answer.json() == {"error": "no coach came"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 421),
        ({"Content-Type": "text/plain"}, 415),
    ],
)
async def test_a_page_of_somebody_else_gets_no_token(
    site: Site, headers: dict[str, str], status: int
) -> None:
    answer = await site.post(site.links.rep, "token", {"name": "Sam"}, **headers)

    assert answer.status == status
    assert "token" not in await answer.text()


async def test_a_token_is_not_had_by_following_a_link(site: Site) -> None:
    answer = await site.client.get(f"{site.links.rep}/token")

    assert answer.status == 405


@pytest.mark.parametrize("body", ["", "no json", "[]", '"text"'])
async def test_what_is_no_object_is_a_bad_request(site: Site, body: str) -> None:
    headers = {"Origin": site.base, "Content-Type": "application/json"}

    answer = await site.client.post(f"{site.links.rep}/token", data=body, headers=headers)

    assert answer.status == 400


async def test_a_body_that_is_too_large_is_refused(site: Site) -> None:
    answer = await site.post(site.links.rep, "token", {"name": "x" * 10_000})

    assert answer.status == 413


async def test_the_page_and_its_script_are_served_under_a_strict_policy(site: Site) -> None:
    page = await site.client.get(site.links.rep)
    script = await site.get("/assets/main.js")

    assert (page.status, page.content_type) == (200, "text/html")
    assert (script.status, script.content_type) == (200, "text/javascript")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"  # the address is the secret
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/join/",
        "/assets/",
        "/assets/main.js.map",
        "/assets/..%2fsecret.js",
        "/assets/%2e%2e/secret.js",
        "/assets/..%5csecret.js",
        "/assets/%00main.js",
        "/assets//etc/passwd",
        "/assets/main.js/",
    ],
)
async def test_nothing_but_the_built_files_is_served(site: Site, path: str) -> None:
    url = URL(f"{site.base}{path}", encoded=True)

    answer = await site.client.get(url)

    assert answer.status == 404
    assert "Content-Security-Policy" in answer.headers


async def test_a_page_that_is_not_built_is_named_with_its_remedy(tmp_path: Path) -> None:
    meeting = Meeting.fresh(SERVER, "meeting-1", "call-assistant")

    with pytest.raises(ConfigError, match="make panel"):
        async with serving(meeting, pages=tmp_path / "nothing"):
            pass


def test_every_meeting_has_secrets_of_its_own() -> None:
    meetings = [Meeting.fresh(SERVER, "meeting-1", "call-assistant") for _ in range(3)]

    assert len({secret for m in meetings for secret in (m.rep_secret, m.prospect_secret)}) == 6
