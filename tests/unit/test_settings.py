"""Settings: what is accepted, and how a bad one is told."""

from pathlib import Path

import pytest

from coach.errors import ConfigError
from coach.setting_types import is_loopback
from coach.settings import DEV_KEY, DEV_SECRET, Settings, settings_table

SECRET = "a-secret-that-nobody-may-read-anywhere"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine leaks in."""
    import os

    for name in list(os.environ):
        if name.startswith(("COACH_", "LIVEKIT_", "DEEPGRAM_", "OPENAI_")):
            monkeypatch.delenv(name)


def refused(monkeypatch: pytest.MonkeyPatch, **variables: str) -> ConfigError:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as error:
        Settings.from_env()
    return error.value


def test_without_any_variable_the_development_pair_and_the_embedded_recogniser_are_used() -> None:
    settings = Settings.from_env()

    assert settings.livekit_pair == (DEV_KEY, DEV_SECRET)
    assert settings.stt_url is None
    assert not settings.is_stt_paid


@pytest.mark.parametrize("url", ["wss://example.com", "ws://192.168.1.2:7880", "http://10.0.0.1"])
def test_development_pair_is_refused_for_another_machine(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    error = refused(monkeypatch, LIVEKIT_URL=url)

    assert error.variable == "LIVEKIT_API_KEY"


def test_the_public_pair_is_refused_for_another_machine_even_when_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = refused(
        monkeypatch,
        LIVEKIT_URL="wss://example.com",
        LIVEKIT_API_KEY=DEV_KEY,
        LIVEKIT_API_SECRET=DEV_SECRET,
    )

    assert error.variable == "LIVEKIT_API_KEY"


def test_half_a_pair_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(monkeypatch, LIVEKIT_API_KEY="k").variable == "LIVEKIT_API_SECRET"


def test_unknown_variable_is_named_with_the_accepted_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    error = refused(monkeypatch, COACH_PLAYBOOKS="x")

    assert error.variable == "COACH_PLAYBOOKS"
    assert "COACH_PLAYBOOK," in str(error)


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("COACH_HTTP_PORT", "eighty", "whole number from 0 to 65535"),
        ("COACH_HTTP_PORT", "65536", "whole number from 0 to 65535"),
        ("COACH_MAX_CALLS", "0", "whole number from 1 to 1000"),
        ("COACH_STT_BASE_URL", "localhost:80", "http://host[:port]"),
        ("COACH_STT_BASE_URL", "http://host:port", "http://host[:port]"),
        ("COACH_LLM_BASE_URL", "ws://127.0.0.1:9000/v1", "http://host[:port] or https://host"),
        ("COACH_LANGUAGE", "english!", "must match"),
        ("COACH_PLAYBOOK", "/no/such/folder", "existing folder"),
        ("COACH_PROVIDERS", "/no/such/file", "existing file"),
        ("COACH_TRACE_DIR", f"{__file__}/below", "can be made"),
        ("COACH_TRACE_DIR", "/proc/self/traces", "may write"),
        ("COACH_DATA", __file__, "must be a folder"),
        ("LIVEKIT_URL", "ftp://127.0.0.1", "ws://host[:port]"),
        ("LIVEKIT_URL", "wss://exa..mple.com", "1 to 63 characters in each part"),
        ("COACH_STT_BASE_URL", f"https://{'a' * 64}.com", "1 to 63 characters in each part"),
        ("COACH_HTTP_HOST", "exa..mple.com", "1 to 63 characters in each part"),
        ("LIVEKIT_AGENT_NAME", "a b", "must match"),
    ],
)
def test_bad_value_is_told_with_variable_and_accepted_values(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    error = refused(monkeypatch, **{variable: value})

    assert error.variable == variable
    assert says in str(error)
    assert value not in str(error) or value == "0"


def test_a_folder_to_write_into_need_not_be_there_yet(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COACH_TRACE_DIR", str(tmp_path / "a" / "b"))

    assert Settings.from_env().trace_dir == tmp_path / "a" / "b"
    assert not (tmp_path / "a").exists()


def test_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACH_HTTP_PORT", "")

    assert Settings.from_env().http_port == 8081


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEKIT_API_KEY", "key")
    monkeypatch.setenv("LIVEKIT_API_SECRET", SECRET)
    monkeypatch.setenv("DEEPGRAM_API_KEY", SECRET)

    settings = Settings.from_env()

    assert SECRET not in repr(settings) + str(settings)
    assert settings.livekit_pair == ("key", SECRET)


def test_deepgrams_own_endpoint_is_the_default_with_its_key_and_costs_money(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DEEPGRAM_API_KEY", SECRET)

    settings = Settings.from_env()

    assert settings.stt_url == "https://api.deepgram.com/v1/listen"
    assert settings.is_stt_paid


def test_own_endpoint_comes_before_deepgrams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPGRAM_API_KEY", SECRET)
    monkeypatch.setenv("COACH_STT_BASE_URL", "http://127.0.0.1:9000/v1/listen")

    settings = Settings.from_env()

    assert settings.stt_url == "http://127.0.0.1:9000/v1/listen"
    assert not settings.is_stt_paid


@pytest.mark.parametrize("scheme", ["ws", "wss", "http", "https"])
def test_a_recogniser_may_be_named_by_the_scheme_of_its_socket(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("COACH_STT_BASE_URL", f"{scheme}://127.0.0.1:9000/v1/listen")

    assert Settings.from_env().stt_url == f"{scheme}://127.0.0.1:9000/v1/listen"


def test_a_model_needs_a_key_unless_its_endpoint_is_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert refused(monkeypatch, COACH_LLM_MODEL="small").variable == "OPENAI_API_KEY"

    monkeypatch.setenv("COACH_LLM_BASE_URL", "http://localhost:9000/v1")
    assert Settings.from_env().llm_model == "small"


def test_the_table_names_every_variable_once() -> None:
    table = settings_table()

    for field in Settings.model_fields.values():
        assert table.count(f"| `{field.alias}` |") == 1
    assert all(line.count("|") == 4 for line in table.strip().splitlines())
    assert str(Path.home()) not in table


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("ws://127.0.0.1:7880", True),
        ("ws://localhost", True),
        ("ws://[::1]:7880", True),
        ("ws://127.0.0.1.example.com", False),
        ("wss://example.com", False),
    ],
)
def test_loopback_is_this_machine_only(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected


@pytest.mark.parametrize("host", ["[::1]", "münchen.example", "example.com."])
def test_a_host_that_can_be_looked_up_is_accepted(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("COACH_STT_BASE_URL", f"http://{host}:8000/v1/listen")

    assert Settings.from_env().stt_url == f"http://{host}:8000/v1/listen"
