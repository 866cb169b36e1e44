"""Settings: flags, then environment (``CALL_INSIGHTS_*``), then ``call-insights.toml``, then these defaults."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from insights.errors import ConfigurationError

ROOT = Path(__file__).resolve().parent.parent
"""The project's root, where ``models`` and ``fixtures`` lie in a checkout."""
CONFIG_FILE = Path("call-insights.toml")
SHIPPED_INTENT = ROOT / "models/intent/weights"
"""The intent weights that come with the project: in force until others are promoted."""
SEED = ROOT / "models/intent/seed"
"""Labelled calls that come with the project."""


class Settings(BaseSettings):
    """What an operator may set. Paths that are not absolute are relative to the working folder."""

    model_config = SettingsConfigDict(env_prefix="CALL_INSIGHTS_", toml_file=CONFIG_FILE, extra="forbid")

    database: str = Field(
        "sqlite:///var/call-insights.sqlite", description="SQLAlchemy address of the billing record", repr=False
    )
    recordings: Path = Field(Path("var/recordings"), description="folder that keeps fetched recordings")
    attachments: Path = Field(Path("var/attachments"), description="folder that keeps files sent with review requests")
    caller_key: SecretStr = Field(
        SecretStr(""),
        description="key that callers' numbers are hashed with, the same on every machine",
    )
    caller_key_file: Path = Field(
        Path("var/caller.key"),
        description="file of that key where none is set; made once, and never to be lost",
    )
    role: Literal["analyst", "operator", "reviewer"] = Field(
        "analyst", description="whose eyes: e-mail and street addresses are masked for analysts"
    )
    source: str = Field("", description="source of leads for the scheduled night")
    campaigns: str = Field("", description="campaigns.json for the calls of CallRail and Twilio: a path or address")
    callrail_key: SecretStr = Field(SecretStr(""), description="API key of CallRail")
    callrail_key_file: Path | None = Field(None, description="file of CallRail's API key where none is set")
    callrail_signing_key: SecretStr = Field(
        SecretStr(""),
        description="keys of the companies that sign CallRail's webhooks, with commas between; empty: none is taken",
    )
    callrail_signing_key_file: Path | None = Field(None, description="file of those keys where none is set")
    callrail_url: str = Field("https://api.callrail.com/v3", description="address of CallRail's API")
    twilio_token: SecretStr = Field(SecretStr(""), description="auth token of the Twilio account")
    twilio_token_file: Path | None = Field(None, description="file of Twilio's auth token where none is set")
    twilio_url: str = Field("https://api.twilio.com/2010-04-01", description="address of Twilio's API")
    public_url: str = Field(
        "",
        description="address of the review app as the world sees it, which Twilio signs its webhooks with, e.g."
        " https://calls.example.com; empty: none of Twilio's is taken",
    )
    recording_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="more hosts that a provider's recordings may come from, .domain for all of a domain; with : between"
        " them in the environment",
    )
    speech_engine: Literal["ctranslate2", "whisper"] = Field(
        "ctranslate2", description="speech engine: the fast one, or openai-whisper as the reference"
    )
    speech_model: str = Field(
        str(ROOT / "models/whisper/bundled.pt"), description="official Whisper name or a checkpoint's path"
    )
    demo_speech: bool = Field(
        False, description="let the small bundled checkpoint hear other sources than the fixtures"
    )
    speech_device: str = Field("cpu", description="torch device for speech, e.g. cpu or cuda")
    speech_cache: Path = Field(Path("var/speech"), description="folder that keeps converted speech weights")
    intent_model: Path | None = Field(
        None, description="folder of intent weights to use whatever was promoted; none: the promoted, else the shipped"
    )
    models: Path = Field(Path("var/models"), description="folder that keeps trained weights and which are in force")
    training_calls: Path = Field(SEED / "train.jsonl", description="labelled calls that every training reads")
    gold: Annotated[tuple[Path, ...], NoDecode] = Field(
        (), description="more labelled files that a candidate must pass; paths with : between them in the environment"
    )
    retrain_decisions: int = Field(30, ge=1, description="new decisions from which a training is worth its time")
    policies: Path = Field(ROOT / "insights/policies", description="folder of policy documents (*.toml)")
    batch_size: int = Field(100, ge=1, le=10_000, description="leads a Prefect task works on")
    dask_scheduler: str = Field(
        "", description="address of a Dask cluster whose workers help with the night, e.g. tcp://host:8786; empty: none"
    )
    max_failure_share: float = Field(0.5, ge=0, le=1, description="share of failed calls above which the night fails")
    resolve_domains: bool = Field(False, description="ask DNS whether the e-mail domain of a form exists")
    feed: str = Field(
        "",
        description="operator's billing system: https address, or file:///folder (?format=csv for CSV); empty: none",
        repr=False,
    )
    feed_secret: SecretStr = Field(SecretStr(""), description="secret that signs what is sent to the billing system")
    feed_cron: str = Field("*/5 * * * *", description="when the feed to billing is delivered, in that time zone")
    retention_cron: str = Field("30 3 * * *", description="when retention deletes, in that time zone")
    alert_webhook: SecretStr = Field(SecretStr(""), description="https address that alerts are posted to; empty: none")
    alert_secret: SecretStr = Field(SecretStr(""), description="secret that signs alerts to the webhook")
    alert_email: str = Field("", description="e-mail addresses for alerts, with commas between; empty: none")
    smtp_host: str = Field("", description="mail server for alerts")
    smtp_port: int = Field(587, ge=1, le=65535, description="its port: 465 speaks TLS at once, others begin it")
    smtp_user: str = Field("", description="user at the mail server; empty: it asks for none")
    smtp_password: SecretStr = Field(SecretStr(""), description="password at the mail server")
    smtp_from: str = Field("", description="e-mail address that alerts come from")
    watch_cron: str = Field("*/15 * * * *", description="when alerts are looked for and told, in that time zone")
    metrics_token: SecretStr = Field(
        SecretStr(""), description="token that the review app's /metrics asks for; empty: there is no such page"
    )
    log_format: Literal["auto", "json", "plain"] = Field(
        "auto",
        description="log of the night on standard error: json or plain; auto: where no bars are shown, JSON unless that"
        " is a terminal",
    )
    review_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="host names the review app answers for beside localhost; with : between them in the environment"
    )
    reports: Path = Field(Path("var/reports"), description="folder of the weekly reports")
    weekly_cron: str = Field("0 6 * * 1", description="when the weekly report is written, in that time zone")
    time_zone: str = Field("America/Chicago", description="the operator's time zone, for schedules")
    nightly_cron: str = Field("0 2 * * *", description="when the night starts, in that time zone")
    retrain_cron: str = Field("0 4 1 * *", description="when the monthly training starts, in that time zone")

    @field_validator("gold", "review_hosts", "recording_hosts", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value

    @field_validator("recording_hosts")
    @classmethod
    def _host_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for host in value:
            if not re.fullmatch(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?", host):
                raise ValueError(f"{host!r} is no host name such as media.example.com or .example.com")
        return value

    @field_validator("public_url")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        from urllib.parse import urlsplit

        parts = urlsplit(value)
        plain = parts.scheme in ("http", "https") and parts.hostname and not parts.query and "@" not in parts.netloc
        if value and not (plain and parts.port != 0):
            raise ValueError("is no address such as https://calls.example.com")
        return value.rstrip("/")

    @field_validator("caller_key", "metrics_token")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < 32:
            raise ValueError("a key or token has 32 characters and more")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        from zoneinfo import ZoneInfo

        try:
            ZoneInfo(value)
        except (KeyError, ValueError):
            raise ValueError(f"{value!r} is not an IANA time zone such as America/Chicago") from None
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def without_secrets(value: str) -> str:
    """A setting as it may be shown: without the password of an address and the values of its query, whole or not."""
    value = re.sub(r"^((?:[\w+.-]+:/+)?+[^:@]*:).*(?=@)", r"\1***", value, flags=re.DOTALL)
    return re.sub(r"([?&](?!format=)[^=&#]*=)[^&#]*", r"\1***", value)


def load_settings(**flags: Any) -> Settings:
    """Settings with the flags that were given (None: not given). Raises ConfigurationError that names the setting."""
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        known = Settings.model_fields.get(name)  # a name that was mistyped may be that of a secret
        plain = (
            known is not None and known.annotation is not SecretStr and isinstance(first["input"], str | int | float)
        )
        got = f" (got {without_secrets(str(first['input']))[:80]!r})" if plain else ""
        raise ConfigurationError(
            f"setting {name!r}: {first['msg'].removeprefix('Value error, ')}{got}.",
            next_step="call-insights doctor lists the settings and where each comes from.",
        ) from None
    except ValueError as error:  # the TOML file itself
        raise ConfigurationError(f"{CONFIG_FILE} cannot be read: {error}.") from None


def origins(flags: dict[str, Any]) -> dict[str, str]:
    """Where each setting comes from: ``flag``, ``environment``, the file's name, or ``default``."""
    environment = EnvSettingsSource(Settings)()
    file = TomlConfigSettingsSource(Settings)()
    told: dict[str, str] = {}
    for name in Settings.model_fields:
        if flags.get(name) is not None:
            told[name] = "flag"
        elif name in environment:
            told[name] = f"environment CALL_INSIGHTS_{name.upper()}"
        else:
            told[name] = str(CONFIG_FILE) if name in file else "default"
    return told
