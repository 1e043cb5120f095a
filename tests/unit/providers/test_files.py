"""The file of provider profiles, and what is said about a bad one."""

from pathlib import Path

import pytest

from coach.adapters.profile import ModelEndpoint, SpeechEndpoint, Structured
from coach.adapters.providers import files
from coach.adapters.providers.files import LARGEST_FILE_BYTES, read_names, read_profiles
from coach.errors import ConfigError

GOOD = """\
profiles:
  default:
    stt:
      - base_url: https://api.deepgram.com/v1/listen
        model: nova-3
        key_env: DEEPGRAM_API_KEY
      - {base_url: "http://10.0.0.7:8080/v1/listen", model: own}
    llm:
      - base_url: https://api.openai.com/v1/
        model: gpt-4.1-mini
        key_env: OPENAI_API_KEY
      - base_url: http://127.0.0.1:11434/v1
        model: qwen3:4b
        structured: json_object
        tools: false
    summary: {base_url: "http://127.0.0.1:11434/v1", model: small}
    crm:
      type: http
      account: {by_id: {url: "https://crm.example/accounts/{account.id}"}}
      fields: {id: $.id, renewal: $.renewal}
  house-only:
    llm: []
"""
ENVIRON = {"DEEPGRAM_API_KEY": "key-1", "OPENAI_API_KEY": "key-2"}


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "providers.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problem(folder: Path, text: str | bytes) -> str:
    """Return what is said about a file, without its path."""
    path = write(folder, text)
    with pytest.raises(ConfigError) as caught:
        read_profiles(path, ENVIRON)
    assert caught.value.variable == "COACH_PROVIDERS"
    return str(caught.value).replace(str(path), "FILE").removeprefix("COACH_PROVIDERS: ")


def test_a_profile_has_its_chains_and_keys(tmp_path: Path) -> None:
    profile = read_profiles(write(tmp_path, GOOD), ENVIRON)["default"]

    assert profile.stt == (
        SpeechEndpoint("https://api.deepgram.com/v1/listen", "nova-3", "key-1"),
        SpeechEndpoint("http://10.0.0.7:8080/v1/listen", "own", ""),
    )
    assert profile.llm == (
        ModelEndpoint("https://api.openai.com/v1", "gpt-4.1-mini", "key-2"),
        ModelEndpoint(
            "http://127.0.0.1:11434/v1", "qwen3:4b", "", Structured.JSON_OBJECT, has_tools=False
        ),
    )
    assert profile.summary == ModelEndpoint("http://127.0.0.1:11434/v1", "small", "")
    assert profile.crm["fields"] == {"id": "$.id", "renewal": "$.renewal"}


def test_a_profile_without_sections_has_no_services(tmp_path: Path) -> None:
    profile = read_profiles(write(tmp_path, GOOD), ENVIRON)["house-only"]

    assert (profile.name, profile.stt, profile.llm, profile.summary) == ("house-only", (), (), None)


def test_no_key_is_shown(tmp_path: Path) -> None:
    shown = repr(read_profiles(write(tmp_path, GOOD), ENVIRON))

    assert "key-1" not in shown
    assert "key-2" not in shown


def test_names_are_read_without_keys(tmp_path: Path) -> None:
    assert read_names(write(tmp_path, GOOD)) == {"default", "house-only"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "FILE:1: is empty"),
        ("profiles: {}", "FILE:1: profiles: "),
        ("profiles:\n  a: 7", "FILE:2: profiles.a: must be fields, written as `name: value`"),
        ("profile:\n  a: {}", "FILE:1: profile: is not a known field; did you mean `profiles`?"),
        ("profiles:\n  a b: {}", "FILE:2: profiles.a b: must be a name of letters"),
        (
            "profiles:\n  a:\n    lllm: []",
            "FILE:3: profiles.a.lllm: is not a known field; did you mean `llm`?",
        ),
        (
            "profiles:\n  a:\n    llm:\n      - model: m",
            "FILE:4: profiles.a.llm.0.base_url: is missing",
        ),
        (
            "profiles:\n  a:\n    llm:\n      - {base_url: 'http://h', model: m, key: sk-canary}",
            "FILE:4: profiles.a.llm.0.key: is not a known field; did you mean `key_env`?",
        ),
        (
            "profiles:\n  a:\n    llm:\n      - base_url: http://h\n        model: m\n"
            "        key_env: sk-canary-inline",
            "FILE:6: profiles.a.llm.0.key_env: must be the name of an environment variable",
        ),
        (
            "profiles:\n  a:\n    llm:\n      - base_url: http://me:canary@h/v1\n        model: m",
            "FILE:4: profiles.a.llm.0.base_url: must hold no key",
        ),
        (
            "profiles:\n  a:\n    stt:\n      - base_url: ftp://h\n        model: m",
            "FILE:4: profiles.a.stt.0.base_url: must be http://host",
        ),
        (
            "profiles:\n  a:\n    stt:\n      - {type: whisper, base_url: 'http://h', model: m}",
            "FILE:4: profiles.a.stt.0.type: must be one of 'deepgram'",
        ),
        (
            "profiles:\n  a:\n    llm:\n"
            "      - {base_url: 'http://h', model: m, structured: canary}",
            "FILE:4: profiles.a.llm.0.structured: must be one of 'json_schema'",
        ),
        (
            "profiles:\n  a:\n    summary: {base_url: 'http://h', model: m, key_env: UNSET_KEY}",
            "FILE:3: profiles.a.summary.key_env: names UNSET_KEY, which is not set",
        ),
        (
            "profiles:\n  a:\n    crm:\n      type: http\n"
            "      account: {by_name: {url: 'https://h/{account.name}'}}\n"
            "      fields: {about: $.about}",
            "FILE:3: profiles.a.crm: must map `fields.name`, or have no `account.by_name`",
        ),
        ("profiles:\n  a: {}\n  a: {}", "FILE:3: profiles.a: is given twice, first in line 2"),
        ("profiles:\n\ta: {}", "FILE:2: is not valid YAML"),
        ("profiles: &x {}", "FILE:1: profiles: has an anchor"),
        (b"profiles: \xff", "FILE: is not UTF-8"),
        (b"#" * (LARGEST_FILE_BYTES + 1), "FILE: is larger than 200,000 bytes"),
    ],
)
def test_a_bad_file_is_told_by_line_and_never_by_value(
    text: str | bytes, said: str, tmp_path: Path
) -> None:
    told = problem(tmp_path, text)

    assert said in told
    assert "canary" not in told


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read"):
        read_profiles(tmp_path / "none.yaml", {})


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    told = problem(tmp_path, "profiles:\n  a:\n    llm:\n      - model: 7\n    stt: 3")

    assert told.count("FILE:") == 3


def test_the_example_in_the_readme_can_be_used(tmp_path: Path) -> None:
    text = Path(files.__file__).with_name("README.md").read_text("utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]

    found = read_profiles(write(tmp_path, example), ENVIRON)

    assert [len(profile.llm) for profile in found.values()] == [2, 0]
