"""Bootstrap's part for sources: picks the one that an address names. Nothing connects on import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from insights.errors import ConfigurationError
from insights.ports import LeadSource
from insights.settings import Settings

if TYPE_CHECKING:
    from pydantic import SecretStr
    from sqlalchemy import Engine

    from insights.domain.policy import PolicyBook


def lead_source(settings: Settings, policies: PolicyBook, uri: str, record: Engine | None = None) -> LeadSource:
    """A source of leads by its address: a folder, a bucket or a telephony provider. Raises ConfigurationError, or
    InputError for one that cannot be opened.

    ``record``: the database in which all machines together count the requests of an account; without one, as for a
    look at a source that writes nothing, this process counts its own.
    """
    scheme, _, account = uri.partition("://") if "://" in uri else ("", "", "")
    if scheme == "callrail":
        return _callrail(settings, policies, account.strip("/"), record)
    if scheme == "twilio":
        return _twilio(settings, policies, account.strip("/"))
    if scheme not in ("", "file", "s3", "gs", "gcs", "az", "abfs", "sftp", "memory"):
        raise ConfigurationError(
            f"sources of the kind {scheme}:// are not supported.",
            next_step="Use a folder, a bucket (s3://, gs://, az://), sftp://, callrail://ACCOUNT or twilio://ACCOUNT.",
        )
    from insights.adapters.folder_source import FolderSource

    return FolderSource(uri, policies)


def _callrail(settings: Settings, policies: PolicyBook, account: str, record: Engine | None) -> LeadSource:
    from insights.adapters.callrail_source import HOSTS, QUOTA, CallRailSource
    from insights.adapters.provider_campaigns import read_tracked_campaigns
    from insights.adapters.provider_http import Provider, ProviderHttp
    from insights.adapters.request_counts import CountsOfAll
    from insights.adapters.request_pace import CountsOfOne, RequestBudget

    key = given_secret(settings.callrail_key, settings.callrail_key_file, "callrail_key")
    header, hosts = f'Token token="{key}"', (*HOSTS, *settings.recording_hosts)
    provider = Provider("CallRail", settings.callrail_url, header, "the settings callrail_key and callrail_url", hosts)
    counts = CountsOfOne() if record is None else CountsOfAll(record, f"callrail://{account}")
    http = ProviderHttp(provider, RequestBudget(counts, *QUOTA))
    return CallRailSource(account, http, lambda: read_tracked_campaigns(settings.campaigns, policies))


def _twilio(settings: Settings, policies: PolicyBook, account: str) -> LeadSource:
    from base64 import b64encode

    from insights.adapters.provider_campaigns import read_tracked_campaigns
    from insights.adapters.provider_http import Provider, ProviderHttp
    from insights.adapters.twilio_source import HOSTS, TwilioSource

    token = given_secret(settings.twilio_token, settings.twilio_token_file, "twilio_token")
    header = f"Basic {b64encode(f'{account}:{token}'.encode()).decode()}"
    hosts = (*HOSTS, *settings.recording_hosts)
    provider = Provider("Twilio", settings.twilio_url, header, "the settings twilio_token and twilio_url", hosts)
    return TwilioSource(account, ProviderHttp(provider), lambda: read_tracked_campaigns(settings.campaigns, policies))


def given_secret(given: SecretStr, file: Path | None, name: str) -> str:
    """A setting that is a secret, else what its file holds. Raises ConfigurationError."""
    secret = given.get_secret_value().strip()
    if not secret and file is not None:
        try:
            secret = file.read_text().strip()
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"the file of the setting {name}_file cannot be read ({type(error).__name__})."
            ) from None
    if not secret:
        raise ConfigurationError(
            f"the setting {name} is empty.", next_step=f"Set CALL_INSIGHTS_{name.upper()}, or {name}_file."
        )
    return secret
