"""Every setting of the worker: its variable, type, range, default and meaning, defined once.

The README's table is made from these definitions. Nothing here connects to anything.
"""

import multiprocessing
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from coach.errors import ConfigError
from coach.setting_types import (
    File,
    Folder,
    Host,
    HttpUrl,
    ListenUrl,
    LiveKitUrl,
    Store,
    is_loopback,
)

DEV_URL: Final = "ws://127.0.0.1:7880"
DEV_KEY: Final = "devkey"
DEV_SECRET: Final = "development-secret-of-this-repository-only"
DEEPGRAM_URL: Final = "https://api.deepgram.com/v1/listen"
CALLS_PER_CORE: Final = 10
OWN_PREFIX: Final = "COACH_"
BAD_CONFIGURATION: Final = 2


def _checkout_playbook() -> Path:
    return Path(__file__).resolve().parents[2] / "playbook"


def _user_data_folder() -> Path:
    if platform.system() == "Darwin":
        return Path.home() / "Library" / "Application Support" / "livekit-sales-coach"
    root = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(root) / "livekit-sales-coach"


def _default_max_calls() -> int:
    return CALLS_PER_CORE * (os.cpu_count() or 1)


class Settings(BaseSettings):
    """What operators may set, by environment variables. Read once per process."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, case_sensitive=True
    )

    livekit_url: LiveKitUrl = Field(
        default=DEV_URL,
        alias="LIVEKIT_URL",
        description="The LiveKit server: `ws://`, `wss://`, `http://` or `https://`.",
    )
    livekit_api_key: str = Field(
        default="",
        alias="LIVEKIT_API_KEY",
        description="Key of the pair that signs tokens. "
        "Unset: the pair of `livekit.yaml`, while the URL is this machine.",
        json_schema_extra={"default_text": "development pair"},
    )
    livekit_api_secret: SecretStr = Field(
        default=SecretStr(""),
        alias="LIVEKIT_API_SECRET",
        description="Secret of that pair.",
        json_schema_extra={"default_text": "development pair"},
    )
    agent_name: str = Field(
        default="call-assistant",
        alias="LIVEKIT_AGENT_NAME",
        pattern=r"^[A-Za-z0-9_.-]{1,64}$",
        description="Name for explicit dispatch. Every participant can read it.",
    )
    deepgram_api_key: SecretStr | None = Field(
        default=None, alias="DEEPGRAM_API_KEY", description="Deepgram's key."
    )
    openai_api_key: SecretStr | None = Field(
        default=None, alias="OPENAI_API_KEY", description="Key of the chat endpoint."
    )
    stt_base_url: ListenUrl | None = Field(
        default=None,
        alias="COACH_STT_BASE_URL",
        description="Deepgram-compatible listen endpoint, such as `http://host:port/v1/listen`.",
        json_schema_extra={"default_text": "Deepgram with its key, else the embedded recogniser"},
    )
    stt_model: str = Field(
        default="nova-3",
        alias="COACH_STT_MODEL",
        min_length=1,
        max_length=100,
        description="The recogniser's model.",
    )
    language: str = Field(
        default="en-US",
        alias="COACH_LANGUAGE",
        pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$",
        description="Language of the calls, as a BCP 47 tag such as `en-US`.",
    )
    llm_base_url: HttpUrl | None = Field(
        default=None,
        alias="COACH_LLM_BASE_URL",
        description="OpenAI-compatible chat endpoint, such as `http://host:port/v1`.",
    )
    llm_model: str | None = Field(
        default=None,
        alias="COACH_LLM_MODEL",
        max_length=100,
        description="Model of the advisor, which is on exactly when this is set.",
    )
    playbook: Folder = Field(
        default_factory=_checkout_playbook,
        alias="COACH_PLAYBOOK",
        description="The playbook folder.",
        json_schema_extra={"default_text": "`playbook/` of the checkout"},
    )
    providers: File | None = Field(
        default=None,
        alias="COACH_PROVIDERS",
        description="YAML of named provider profiles, read anew at each job.",
        json_schema_extra={"default_text": "made of the variables above"},
    )
    data: Store = Field(
        default_factory=_user_data_folder,
        alias="COACH_DATA",
        description="Folder of the embedded stores.",
        json_schema_extra={"default_text": "a per-user data folder"},
    )
    max_calls: int = Field(
        default_factory=_default_max_calls,
        alias="COACH_MAX_CALLS",
        ge=1,
        le=1000,
        description="Calls that this worker takes at the same time.",
        json_schema_extra={"default_text": f"{CALLS_PER_CORE} per core"},
    )
    http_host: Host = Field(
        default="127.0.0.1",
        alias="COACH_HTTP_HOST",
        min_length=1,
        description="Address of the health endpoint.",
    )
    http_port: int = Field(
        default=8081,
        alias="COACH_HTTP_PORT",
        ge=0,
        le=65535,
        description="Port of the health endpoint; 0: any free one, named in the first log line.",
    )
    trace_dir: Store | None = Field(
        default=None,
        alias="COACH_TRACE_DIR",
        description="Write one trace per call into this folder. Traces hold speech.",
    )

    @classmethod
    def from_env(cls) -> Self:
        """Read the environment.

        Raises:
            ConfigError: an unknown `COACH_*` variable, or a bad value; names the variable.
        """
        _refuse_unknown(os.environ)
        try:
            settings = cls()
        except ValidationError as error:
            raise _config_error(error) from None  # the original holds the value
        settings = settings._with_livekit_pair()
        settings._check_advisor()
        if not settings.playbook.is_dir():
            raise ConfigError("COACH_PLAYBOOK", "must be an existing folder")
        return settings

    @property
    def livekit_pair(self) -> tuple[str, str]:
        """Key and secret that sign tokens."""
        return self.livekit_api_key, self.livekit_api_secret.get_secret_value()

    @property
    def stt_url(self) -> str | None:
        """The recogniser's endpoint; None: the embedded one has to be started."""
        if self.stt_base_url is not None:
            return self.stt_base_url
        return DEEPGRAM_URL if self.deepgram_api_key is not None else None

    @property
    def is_stt_paid(self) -> bool:
        """Whether each second sent to the recogniser costs money."""
        host = urlsplit(self.stt_url or "").hostname or ""
        return host == "deepgram.com" or host.endswith(".deepgram.com")

    @property
    def stt_key(self) -> str:
        """The recogniser's key; a recogniser of one's own needs none but gets one."""
        return self.deepgram_api_key.get_secret_value() if self.deepgram_api_key else "none"

    def _with_livekit_pair(self) -> Self:
        key, secret = self.livekit_pair
        if bool(key) != bool(secret):
            missing = "LIVEKIT_API_SECRET" if key else "LIVEKIT_API_KEY"
            raise ConfigError(missing, "must be set together with the other half of the pair")
        is_public = not key or (key, secret) == (DEV_KEY, DEV_SECRET)
        if is_public and not is_loopback(self.livekit_url):
            raise ConfigError(
                "LIVEKIT_API_KEY",
                "the public development pair is accepted only while LIVEKIT_URL is this machine; "
                "set LIVEKIT_API_KEY and LIVEKIT_API_SECRET of your server",
            )
        pair = {"livekit_api_key": DEV_KEY, "livekit_api_secret": SecretStr(DEV_SECRET)}
        return self.model_copy(update=pair) if is_public else self

    def _check_advisor(self) -> None:
        is_local = self.llm_base_url is not None and is_loopback(self.llm_base_url)
        if self.llm_model is not None and self.openai_api_key is None and not is_local:
            raise ConfigError(
                "OPENAI_API_KEY",
                "must be set while COACH_LLM_MODEL is, unless COACH_LLM_BASE_URL is this machine",
            )


def read_settings_or_exit() -> Settings:
    """Read the environment; a bad one stops the worker with one line and exit code 2.

    Raises:
        ConfigError: the same in a process that the worker has started: the worker tells it.
    """
    try:
        return Settings.from_env()
    except ConfigError as error:
        if multiprocessing.parent_process() is not None:
            raise
        sys.stderr.write(f"{error}\n")
        raise SystemExit(BAD_CONFIGURATION) from None


def settings_table() -> str:
    """Return all settings as a Markdown table."""
    rows = ["| variable | meaning | default |", "|---|---|---|"]
    for field in Settings.model_fields.values():
        rows.append(f"| `{field.alias}` | {field.description} | {_default_text(field)} |")
    return "\n".join(rows) + "\n"


def _default_text(field: FieldInfo) -> str:
    extra = field.json_schema_extra
    if isinstance(extra, dict) and "default_text" in extra:
        return str(extra["default_text"])
    return "unset" if field.default is None else f"`{field.default}`"


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = {field.alias for field in Settings.model_fields.values()}
    unknown = sorted(name for name in environ if name.startswith(OWN_PREFIX) and name not in known)
    if unknown:
        accepted = ", ".join(sorted(name for name in known if name and name.startswith(OWN_PREFIX)))
        raise ConfigError(unknown[0], f"is not a setting; accepted are {accepted}")


_WHOLE_NUMBER: Final = "must be a whole number from {ge} to {le}"
_PROBLEMS: Final[Mapping[str, str]] = {
    "string_pattern_mismatch": "must match {pattern}",
    "int_parsing": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "greater_than_equal": _WHOLE_NUMBER,
    "less_than_equal": _WHOLE_NUMBER,
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
}


def _config_error(error: ValidationError) -> ConfigError:
    """Name the variable and what it accepts, never the value: it may be a secret."""
    first: dict[str, Any] = dict(error.errors(include_input=False, include_url=False)[0])
    variable = str(first["loc"][0])
    context = first.get("ctx", {}) | _limits(variable)
    template = _PROBLEMS.get(first["type"])
    if template is not None:
        return ConfigError(variable, template.format(**context))
    if first["type"] == "value_error":
        return ConfigError(variable, str(context["error"]))
    return ConfigError(variable, "has a value of the wrong form")


def _limits(variable: str) -> dict[str, Any]:
    """Return the smallest and largest value of a setting, as far as it has them."""
    field = next(f for f in Settings.model_fields.values() if f.alias == variable)
    names = ("ge", "le")
    return {n: getattr(m, n) for m in field.metadata for n in names if hasattr(m, n)}
