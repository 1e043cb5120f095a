"""Which services a job gets, whatever happens to the file."""

import logging
import os
from pathlib import Path

import pytest

from coach.adapters.profile import ModelEndpoint, Profile
from coach.adapters.providers.profiles import (
    OPENAI_URL,
    Profiles,
    check_name,
    open_profiles_or_exit,
    profile_of,
)
from coach.domain.job import Job, Rep
from coach.errors import ConfigError, MetadataError
from coach.settings import Settings


def text(*names: str, model: str = "m") -> str:
    """Return a file of profiles with one model each."""
    llm = f"[{{base_url: 'http://h/v1', model: {model}}}]"
    return "profiles:\n" + "".join(f"  {name}:\n    llm: {llm}\n" for name in names)


def settings_of(path: Path | None, **fields: object) -> Settings:
    return Settings(COACH_PROVIDERS=path, **fields)  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "providers.yaml"
    path.write_text(text("default", "eu"))
    return path


def models(profile: Profile) -> list[str]:
    return [endpoint.model for endpoint in profile.llm]


def test_each_job_reads_the_file_anew(path: Path) -> None:
    profiles = Profiles(settings_of(path))
    before = profiles.of("eu")

    path.write_text(text("eu", model="newer"))
    after = profiles.of("eu")

    assert (models(before), models(after)) == (["m"], ["newer"])


def test_a_call_keeps_the_profile_it_began_with(path: Path) -> None:
    profiles = Profiles(settings_of(path))
    held = profiles.of("eu")

    path.write_text(text("other"))
    profiles.of("other")

    assert models(held) == ["m"]


def test_a_bad_file_stops_the_start(path: Path) -> None:
    path.write_text("profiles: 7")

    with pytest.raises(ConfigError, match=r"providers\.yaml:1: profiles"):
        Profiles(settings_of(path))


def test_a_worker_with_a_bad_file_ends_with_one_line(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_text("profiles: 7")

    with pytest.raises(SystemExit) as caught:
        open_profiles_or_exit(settings_of(path))

    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith(f"COACH_PROVIDERS: {path}:1: profiles: must be")


@pytest.mark.parametrize("is_gone", [False, True])
def test_a_file_that_goes_bad_takes_no_call_down(
    is_gone: bool, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    profiles = Profiles(settings_of(path))
    path.write_text(text("eu", model="newer"))
    profiles.of("eu")

    path.unlink() if is_gone else path.write_text("profiles:\n  eu: canary")
    found = [profiles.of("eu"), profiles.of("eu")]

    assert [models(profile) for profile in found] == [["newer"], ["newer"]]
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert str(path) in record.why  # type: ignore[attr-defined] # an extra
    assert "canary" not in str(record.__dict__)


def test_a_good_file_is_used_again_and_the_next_fault_is_told(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    profiles = Profiles(settings_of(path))
    for content in ("profiles: 7", text("eu", model="third"), "profiles: 7"):
        path.write_text(content)
        found = profiles.of("eu")

    assert models(found) == ["third"]
    assert len(caplog.records) == 2


def test_an_unknown_name_is_refused_and_the_known_ones_are_told(path: Path) -> None:
    with pytest.raises(MetadataError) as caught:
        Profiles(settings_of(path)).of("us")

    assert caught.value.field == "providers"
    assert str(caught.value) == "providers: must be a profile of COACH_PROVIDERS: default, eu"


def test_a_job_that_names_a_profile_gets_no_other_one(path: Path) -> None:
    """Speech must not reach a service that nobody chose for it."""
    profiles = Profiles(settings_of(path))
    path.write_text(text("default"))

    with pytest.raises(MetadataError):
        profiles.of("eu")


def test_the_default_is_made_of_the_settings_where_the_file_has_none(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    path.write_text(text("eu"))
    settings = settings_of(path, COACH_LLM_BASE_URL="http://127.0.0.1:1/v1", COACH_LLM_MODEL="own")

    found = Profiles(settings).of("default")

    assert found == Profile("default", llm=(ModelEndpoint("http://127.0.0.1:1/v1", "own", ""),))


def test_without_a_file_there_is_the_default_alone() -> None:
    profiles = Profiles(settings_of(None))

    assert profiles.of("default") == Profile("default")
    with pytest.raises(MetadataError, match="default"):
        profiles.of("eu")


def test_a_model_without_an_address_is_openai_s() -> None:
    settings = settings_of(None, COACH_LLM_MODEL="gpt-4.1-mini", OPENAI_API_KEY="key")

    assert profile_of(settings).llm == (ModelEndpoint(OPENAI_URL, "gpt-4.1-mini", "key"),)


def test_a_job_is_checked_when_it_is_offered(path: Path) -> None:
    profiles = Profiles(settings_of(path))
    job = Job("c", Rep("rep"), providers="eu")

    assert profiles.checked(job) is job
    with pytest.raises(MetadataError):
        profiles.checked(Job("c", Rep("rep"), providers="us"))


def test_a_dispatcher_needs_no_keys(path: Path) -> None:
    path.write_text(text("eu").replace("model: m", "model: m, key_env: NOT_SET_HERE"))
    settings = settings_of(path)

    check_name(settings, "eu")
    check_name(settings, "default")
    with pytest.raises(MetadataError):
        check_name(settings, "us")


def test_a_dispatcher_without_the_file_asks_the_worker() -> None:
    check_name(settings_of(None), "eu")

    assert "COACH_PROVIDERS" not in os.environ
