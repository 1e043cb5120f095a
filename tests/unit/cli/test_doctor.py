"""What `coach doctor` says, where saying too much would be easy."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from coach.adapters.livekit.health import Health, serving_health
from coach.cli.doctor import command, machine
from coach.cli.doctor.finding import Check, Code, Finding
from coach.cli.doctor.machine import NATIVE_MODULES, check_libraries, check_providers
from coach.cli.doctor.recogniser import check_recogniser
from coach.cli.main import app
from coach.settings import Settings


def examined(monkeypatch: pytest.MonkeyPatch, *checks: Check) -> Result:
    """Run the command with these checks alone."""
    monkeypatch.setattr(command, "CHECKS", checks)
    return CliRunner().invoke(app, ["doctor"], env={"COLUMNS": "200"})


async def test_it_says_that_the_recognisers_key_is_not_tried() -> None:
    async with await asyncio.start_server(lambda _, w: w.close(), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}/v1/listen"
        finding = await check_recogniser(
            Settings(COACH_STT_BASE_URL=url, DEEPGRAM_API_KEY="key")  # type: ignore[arg-type]
        )
        await asyncio.sleep(0.05)

    assert finding.is_good
    assert "the key is not tried" in finding.seen


async def test_it_tries_the_voice_detectors_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "coach.cli.doctor.machine._imports", lambda name: name != "livekit.local_inference"
    )

    finding = await check_libraries(Settings())

    assert "livekit.local_inference" in NATIVE_MODULES
    assert finding.seen == "livekit.local_inference"


async def test_it_reads_the_provider_profiles_and_looks_for_their_keys(tmp_path: Path) -> None:
    path = tmp_path / "providers.yaml"
    path.write_text(
        "profiles:\n  eu:\n    llm: [{base_url: 'http://h/v1', model: m, key_env: NOT_SET_HERE}]\n"
    )
    settings = Settings(COACH_PROVIDERS=path)

    bad = await check_providers(settings)
    path.write_text("profiles:\n  eu:\n    llm: [{base_url: 'http://h/v1', model: m}]\n")
    good = await check_providers(settings)

    assert bad.code is Code.SETTINGS
    assert f"{path}:3: profiles.eu.llm.0.key_env: names NOT_SET_HERE" in bad.seen
    assert good.seen == "default: no model(s); eu: 1 model(s)"


def test_a_check_that_fails_is_a_finding_and_the_others_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A host that no resolver takes gave a trace, and nothing else was looked at."""

    async def stumble(_: Settings) -> Finding:
        raise UnicodeError("a text that may hold anything")

    async def look(_: Settings) -> Finding:
        return Finding("the next", "well")

    result = examined(
        monkeypatch,
        Check("server", Code.SERVER, stumble),
        Check("the next", Code.WORKER, look),
    )

    assert result.exit_code == Code.SERVER
    assert "could not be looked at (UnicodeError)" in result.output
    assert "a text that may hold anything" not in result.output
    assert "the next" in result.output


def test_what_was_seen_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closing tag in a file's name was taken for markup, and ended in a trace."""

    async def look(_: Settings) -> Finding:
        return Finding("playbook", "[/x]moments.yaml:3: title: is required", "[bold]correct it")

    result = examined(monkeypatch, Check("playbook", Code.PLAYBOOK, look))

    assert "[/x]moments.yaml:3" in result.output
    assert "[bold]correct it" in result.output


def test_what_is_amiss_cannot_be_told_without_a_remedy() -> None:
    good = Finding("worker", "up")

    with pytest.raises(ValueError, match="worker needs a remedy"):
        replace(good, code=Code.WORKER)
    assert replace(good, code=Code.WORKER, remedy="start it").remedy


def test_a_library_that_does_not_load_is_told_with_exit_code_10(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("coach.cli.doctor.machine._imports", lambda name: name != "re2")

    result = examined(monkeypatch, command.CHECKS[0])

    assert result.exit_code == 10
    assert "re2" in result.output
    assert "make setup" in result.output


async def test_a_worker_that_is_not_registered_is_told_with_exit_code_16(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    health = Health(False, False, 0, 3, agent_name="call-assistant")
    [check] = [check for check in command.CHECKS if check.code is Code.WORKER]
    async with serving_health("127.0.0.1", 0, lambda: health) as port:
        monkeypatch.setenv("COACH_HTTP_PORT", str(port))
        result = await asyncio.to_thread(examined, monkeypatch, check)

    assert result.exit_code == 16
    assert "not registered with LiveKit" in result.output
    assert "look at its log" in result.output


@pytest.mark.parametrize(("name", "code"), [("coach-panel.js", Code.OK), ("other.js", 17)])
async def test_it_says_whether_the_browsers_panel_is_built(
    name: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / name).touch()
    monkeypatch.setattr(machine, "REP_CLIENT", tmp_path)

    finding = await machine.check_rep_client(Settings())

    assert finding.code == code
    assert finding.is_good or not finding.is_blocking


async def test_without_a_checkout_the_rep_client_is_somebody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "REP_CLIENT", tmp_path / "none")

    assert (await machine.check_rep_client(Settings())).is_good


@pytest.mark.parametrize("option", ["--room", "--rep"])
def test_a_room_is_looked_into_for_its_rep_only(option: str) -> None:
    result = CliRunner().invoke(app, ["doctor", option, "x"])

    assert result.exit_code == 2
    assert "give both" in result.output


@pytest.mark.parametrize(
    ("code", "is_asked"), [(Code.OK, True), (Code.SERVER, False), (Code.KEY, False)]
)
def test_a_room_is_looked_into_only_when_the_server_can_be_asked(
    code: Code, is_asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def look(_: Settings) -> Finding:
        return Finding("LiveKit server", "seen", "set LIVEKIT_URL", code)

    async def look_into_room(_: Settings) -> Finding:
        return Finding("rep in the room", "not there", "join", Code.REP_CLIENT)

    monkeypatch.setattr(command, "CHECKS", (Check("LiveKit server", Code.SERVER, look),))
    inside = Check("rep in the room", Code.REP_CLIENT, look_into_room)
    monkeypatch.setattr(command, "room_checks", lambda *_: (inside,))

    result = CliRunner().invoke(app, ["doctor", "--room", "r", "--rep", "x"])

    assert result.exit_code == (Code.REP_CLIENT if is_asked else code)
    assert ("not there" in result.output) == is_asked
